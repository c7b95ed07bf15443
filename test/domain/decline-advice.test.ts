import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classify,
  endsToken,
  failureCodes,
  inShort,
  inWords,
  reachedIssuer,
} from '../../src/domain/declines/decline.ts';
import { type DeclineClass, declineClasses } from '../../src/domain/declines/decline-class.ts';
import { networkCodes as ourNetworkCodes } from '../../src/domain/declines/network-codes.ts';
import { adviceCodes, says } from '../support/decline-codes.ts';

describe('every Mastercard advice code is followed', () => {
  const asItWas = { class: 'soft', minHours: null, rule: 'code DECLINED_BY_ISSUER' };
  const promised: readonly (readonly [string, object])[] = [
    ['1', { class: 'needs_customer', minHours: null, rule: 'advice 1' }],
    ['2', { class: 'soft', minHours: 72 }],
    ['3', { class: 'never_again', minHours: null, rule: 'advice 3' }],
    ['4', { class: 'our_fault', minHours: null, rule: 'advice 4' }],
    ['8', { class: 'our_fault', minHours: null, rule: 'advice 8' }],
    ['21', { class: 'never_again', minHours: null, rule: 'advice 21' }],
    ['22', { class: 'our_fault', minHours: null, rule: 'advice 22' }],
    ['24', { class: 'soft', minHours: 1 }],
    ['25', { class: 'soft', minHours: 24 }],
    ['26', { class: 'soft', minHours: 2 * 24 }],
    ['27', { class: 'soft', minHours: 4 * 24 }],
    ['28', { class: 'soft', minHours: 6 * 24 }],
    ['29', { class: 'soft', minHours: 8 * 24 }],
    ['30', { class: 'soft', minHours: 10 * 24 }],
    ['40', asItWas],
    ['41', asItWas],
    ['42', asItWas],
    ['99', asItWas],
  ];

  it.each(promised)('%s', (adviceCode, verdict) => {
    expect(says('DECLINED_BY_ISSUER', null, adviceCode)).toMatchObject(verdict);
  });

  it('none is forgotten', () => {
    expect(promised.map(([code]) => code).sort()).toEqual(adviceCodes.map((row) => row.code).sort());
  });

  it.each(adviceCodes.filter((row) => /^do not retry/i.test(row.description)))('$code: "$description"', ({ code }) => {
    expect(['never_again', 'our_fault']).toContain(says('INSUFFICIENT_BALANCE', '51', code).class);
  });

  it.each(['01', '02', '03', '021'])('%s with a leading zero is the same code', (written) => {
    const plain = says('DECLINED_BY_ISSUER', null, String(Number(written)));
    expect(says('DECLINED_BY_ISSUER', null, written)).toMatchObject({ class: plain.class, minHours: plain.minHours });
  });

  it('the advice to wait survives whatever decides the class', () => {
    expect(says('INSUFFICIENT_BALANCE', '51', '26')).toMatchObject({
      class: 'funds',
      minHours: 48,
      rule: 'network 51',
    });
    expect(
      classify({ code: 'CARD_DECLINED', networkCode: null, adviceCode: '27' }, { CARD_DECLINED: 'funds' }),
    ).toMatchObject({
      class: 'funds',
      minHours: 96,
    });
    expect(says('SOMETHING_NEW', null, '30')).toMatchObject({ unheardOf: true, minHours: 240 });
  });
});

describe('who is believed when they disagree', () => {
  it.each([
    ['the advice over the network', says('DECLINED_BY_ISSUER', '51', '1'), 'needs_customer', 'advice 1'],
    ['the network over the failure code', says('DECLINED_BY_ISSUER', '51'), 'funds', 'network 51'],
    [
      'the failure code when the network code is in no table',
      says('EXPIRED_CARD', '05'),
      'token_dead',
      'code EXPIRED_CARD',
    ],
    [
      '"never" by the advice over a network that says funds',
      says('DECLINED_BY_ISSUER', '51', '3'),
      'never_again',
      'advice 3',
    ],
    [
      '"never" by the network over an advice to wait',
      says('DECLINED_BY_ISSUER', 'R1', '24'),
      'never_again',
      'network R1',
    ],
  ])('%s', (_name, verdict, cls, rule) => {
    expect(verdict).toMatchObject({ class: cls, rule });
  });

  it('the catalog over advice, network and table', () => {
    const declined = { code: 'DECLINED_BY_ISSUER', networkCode: '51', adviceCode: '1' };
    expect(classify(declined, { DECLINED_BY_ISSUER: 'token_dead' })).toMatchObject({
      class: 'token_dead',
      rule: 'catalog DECLINED_BY_ISSUER',
    });
    expect(classify(declined, { CARD_DECLINED: 'token_dead' }).class).toBe('needs_customer');
  });

  it('the catalog gives an unheard-of code its class, and then nobody is alarmed', () => {
    const verdict = classify(
      { code: 'NEW_WALLET_CODE', networkCode: null, adviceCode: null },
      { NEW_WALLET_CODE: 'funds' },
    );
    expect(verdict).toEqual({
      class: 'funds',
      rule: 'catalog NEW_WALLET_CODE',
      minHours: null,
      unheardOf: false,
    });
  });

  it('never the catalog over a network that says never', () => {
    for (const [networkCode, adviceCode] of [
      ['R0', null],
      [null, '21'],
    ] as const) {
      const verdict = classify({ code: 'CARD_DECLINED', networkCode, adviceCode }, { CARD_DECLINED: 'soft' });
      expect(verdict.class).toBe('never_again');
    }
  });
});

describe('a code that nobody has heard of', () => {
  it('is soft, is tried once more, and is told of under its own name', () => {
    expect(says('SOMETHING_NEW')).toMatchObject({
      class: 'soft',
      rule: 'unheard-of code SOMETHING_NEW',
      tries: 1,
      minHours: null,
      unheardOf: true,
    });
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', ''])(
    'is not found among what every object has: "%s"',
    (code) => {
      expect(says(code)).toMatchObject({ class: 'soft', unheardOf: true });
      expect(says('CARD_DECLINED', code, code)).toMatchObject({
        class: 'soft',
        rule: 'code CARD_DECLINED',
        minHours: null,
      });
    },
  );

  it('whatever comes has a class, and is unheard of only if no table has it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.keys(failureCodes), ...Object.keys(ourNetworkCodes), '1', '3', '24'),
    );
    fc.assert(
      fc.property(text, fc.option(text), fc.option(text), (code, networkCode, adviceCode) => {
        const verdict = classify({ code, networkCode, adviceCode }, {});
        expect(declineClasses).toContain(verdict.class);
        expect(verdict.rule).not.toBe('');
        if (verdict.unheardOf) expect(Object.keys(failureCodes)).not.toContain(code);
      }),
    );
  });
});

describe('what a class means beyond the next try', () => {
  it.each([
    ['funds', true, false],
    ['soft', true, false],
    ['needs_customer', true, false],
    ['token_dead', true, true],
    ['never_again', true, true],
    ['technical', false, false],
    ['our_fault', false, false],
    ['throttled', false, false],
  ] as const)('%s: reached the issuer %s, ends the token %s', (cls, reached, ends) => {
    expect(reachedIssuer(cls)).toBe(reached);
    expect(endsToken(cls)).toBe(ends);
  });
});

describe('a decline in short', () => {
  const short = (code: string, networkCode: string | null, overrides: Record<string, DeclineClass> = {}) =>
    inShort(code, classify({ code, networkCode, adviceCode: null }, overrides));

  it('is its code and class, and what decided where that was not the code', () => {
    expect(short('INSUFFICIENT_BALANCE', null)).toBe('INSUFFICIENT_BALANCE (funds)');
    expect(short('DECLINED_BY_ISSUER', '51')).toBe('DECLINED_BY_ISSUER (funds, network 51)');
    expect(short('CARD_DECLINED', null, { CARD_DECLINED: 'funds' })).toBe(
      'CARD_DECLINED (funds, catalog CARD_DECLINED)',
    );
  });

  it('in words with the why of its row, and what is done', () => {
    const verdict = classify({ code: 'INVALID_CVV', networkCode: null, adviceCode: null }, {});
    expect(inWords('INVALID_CVV', verdict, 'retry 1 of 1.')).toBe(
      'INVALID_CVV (needs_customer): the issuer refuses the security code, which a saved card is charged without; retry 1 of 1.',
    );
    const plain = classify({ code: 'CARD_DECLINED', networkCode: null, adviceCode: null }, {});
    expect(inWords('CARD_DECLINED', plain, 'given up.')).toBe('CARD_DECLINED (soft): given up.');
  });
});
