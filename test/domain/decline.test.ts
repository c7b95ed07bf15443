import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classify,
  endsToken,
  endsWithCustomer,
  failureCodes,
  inShort,
  inWords,
  reachedIssuer,
} from '../../src/domain/declines/decline.ts';
import { type DeclineClass, declineClasses } from '../../src/domain/declines/decline-class.ts';
import { networkCodes as ourNetworkCodes } from '../../src/domain/declines/network-codes.ts';

function sample<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/xendit/${name}.json`, import.meta.url), 'utf8')) as T;
}

type Listed = { readonly failure_code: string; readonly retry_class_INFERRED: string };
type NetworkCode = {
  readonly code: string;
  readonly description: string;
  readonly action: string;
  readonly xendit_code: string;
};

const listed = sample<{ readonly enum: readonly Listed[]; readonly also_possible: readonly Listed[] }>('failure-codes');
const allListed = [...listed.enum, ...listed.also_possible];
const errors = sample<readonly { readonly error_code: string; readonly endpoints: readonly string[] }[]>('errors');
const networkCodes = sample<readonly NetworkCode[]>('card-network-response-codes').filter(
  (row) => row.xendit_code !== 'SUCCESS',
);
const adviceCodes = sample<readonly { readonly code: string; readonly description: string }[]>(
  'mastercard-merchant-advice-codes',
);

const says = (code: string, networkCode: string | null = null, adviceCode: string | null = null) =>
  classify({ code, networkCode, adviceCode }, {});

/** "class: code code code" to pairs, for it.each. */
function pairs(table: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(table).flatMap(([cls, codes]) => codes.split(' ').map((code): [string, string] => [code, cls]));
}

describe('every failure code has its class', () => {
  const promised: Readonly<Record<DeclineClass, string>> = {
    funds: 'INSUFFICIENT_BALANCE PAYMENT_AMOUNT_LIMITS_EXCEEDED MAX_AMOUNT_LIMIT_ERROR',
    technical:
      'CHANNEL_UNAVAILABLE ISSUER_UNAVAILABLE PROCESSOR_ERROR PROCESS_ERROR PARTNER_TIMEOUT_ERROR PARTNER_CHANNEL_ERROR TIMEOUT_ERROR SERVER_ERROR TEMPORARILY_UNAVAILABLE',
    soft: 'DECLINED_BY_ISSUER DECLINED_BY_PROCESSOR CARD_DECLINED FAILURE_DETAILS_UNAVAILABLE PAYMENT_ATTEMPT_COUNTS_EXCEEDED USER_DEVICE_UNREACHABLE ISSUER_SUSPECT_FRAUD PARTIAL_APPROVAL',
    needs_customer:
      'REQUIRES_ACTION AUTHENTICATION_FAILED USER_DECLINED_PAYMENT USER_DID_NOT_AUTHORIZE PAYMENT_REQUEST_EXPIRED PAYMENT_REQUEST_CANCELED EXPIRED_OTP INVALID_OTP OTP_ATTEMPT_COUNTS_EXCEEDED OTP_DELIVERY_ERROR ACCOUNT_ACCESS_BLOCKED ACCOUNT_NOT_ACTIVATED INVALID_ACCOUNT_DETAILS MAX_ACCOUNT_LINKING INVALID_CVV INACTIVE_OR_UNAUTHORIZED_CARD',
    token_dead: 'EXPIRED_CARD CARD_EXPIRED INVALID_TOKEN INVALID_CARD INVALID_PAYMENT_DETAILS INVALID_PAYMENT_METHOD',
    never_again: 'STOLEN_CARD SUSPECTED_FRAUDULENT TRANSACTION_BLOCKED',
    our_fault:
      'INVALID_MERCHANT_SETTINGS INVALID_MERCHANT_CREDENTIALS CAPTURE_AMOUNT_EXCEEDED CHANNEL_NOT_ACTIVATED API_VALIDATION_ERROR INVALID_VALUE_ERROR INVALID_API_KEY SKIP_3DS_FORBIDDEN REQUEST_FORBIDDEN_ERROR UNAUTHORIZED_SENDER_IP DATA_NOT_FOUND DUPLICATE_ERROR IDEMPOTENCY_ERROR ACCOUNT_ALREADY_LINKED',
    throttled: 'RATE_LIMIT_EXCEEDED PAYMENT_REQUEST_RATE_LIMITED',
  };

  it.each(pairs(promised))('%s is %s', (code, cls) => {
    expect(says(code)).toMatchObject({ class: cls, rule: `code ${code}`, minHours: null, unheardOf: false });
  });

  it('no class is without a code, and no code without a promise here', () => {
    expect(Object.keys(promised).sort()).toEqual([...declineClasses].sort());
    expect(
      pairs(promised)
        .map(([code]) => code)
        .sort(),
    ).toEqual(Object.keys(failureCodes).sort());
  });

  it.each(allListed.map((row) => row.failure_code))('Xendit lists %s, and we have a class for it', (code) => {
    expect(says(code).unheardOf).toBe(false);
  });

  // What the sample file infers from Xendit's words, against ours.
  const agreeing: Readonly<Record<string, readonly DeclineClass[]>> = {
    retry: ['funds', 'technical', 'soft'],
    retry_limited: ['funds', 'soft'],
    customer_action: ['needs_customer'],
    new_payment_method: ['needs_customer', 'token_dead', 'never_again'],
    merchant: ['our_fault'],
  };

  it.each(allListed.map((row) => [row.failure_code, row.retry_class_INFERRED]))(
    '%s agrees with what Xendit says: %s',
    (code, inferred) => {
      // Suspicion is no proof: one more try, and no second (docs/xendit.md 6.1).
      if (code === 'ISSUER_SUSPECT_FRAUD') expect(says(code)).toMatchObject({ class: 'soft', tries: 1 });
      else expect(agreeing[inferred]).toContain(says(code).class);
    },
  );

  const ofPayments = errors.filter((row) =>
    row.endpoints.some(
      (endpoint) => endpoint === 'all' || endpoint.includes('/v3/*') || endpoint === 'POST /v3/payment_requests',
    ),
  );

  it.each([...new Set(ofPayments.map((row) => row.error_code))])(
    'a payment request may be answered %s, and we have a class for it',
    (code) => {
      expect(says(code).unheardOf).toBe(false);
    },
  );

  it('both files were read', () => {
    expect(listed.enum.length).toBeGreaterThanOrEqual(31);
    expect(ofPayments.length).toBeGreaterThanOrEqual(15);
    expect(networkCodes.length).toBeGreaterThanOrEqual(76);
    expect(adviceCodes.length).toBeGreaterThanOrEqual(18);
  });
});

describe('every network response code, together with the failure code that Xendit maps it to, has its class', () => {
  const promised: Readonly<Record<string, string>> = {
    never_again: '04 07 12 14 41 43 46 57 R0 R1 R3',
    token_dead: '54',
    needs_customer: '1A 21 5C 9G 93 N5 Q1 55 72 78 82 N7',
    funds: '51 61 65 N4',
    technical: '19 25 28 42 80 89 91 92 96 1Z N0',
    our_fault: '03 13 30 94',
    soft: '01 02 05 06 10 15 39 52 53 58 59 62 63 64 70 71 74 75 79 81 83 84 86 87 88 90 B1 B2 N3 N8 P6 R2 Z3',
  };
  const mapped = new Map(networkCodes.map((row) => [row.code, row]));

  it.each(pairs(promised))('%s is %s', (code, cls) => {
    expect(says(mapped.get(code)?.xendit_code ?? '', code)).toMatchObject({ class: cls, unheardOf: false });
  });

  it('none of the codes is without a promise here, and our table knows no others', () => {
    const known = pairs(promised).map(([code]) => code);
    expect(known.sort()).toEqual([...mapped.keys()].sort());
    expect(Object.keys(ourNetworkCodes).filter((code) => !mapped.has(code))).toEqual([]);
  });

  it.each(networkCodes.filter((row) => /do not (re)?try/i.test(row.action)))(
    '$code: Xendit says "$action", so the same card is not tried again',
    (row) => {
      expect(['never_again', 'needs_customer', 'our_fault']).toContain(says(row.xendit_code, row.code).class);
    },
  );

  it.each(networkCodes.filter((row) => /retry at a later|retry the transaction|in a few minutes/i.test(row.action)))(
    '$code: Xendit says "$action", so the card is not called dead',
    (row) => {
      expect(['technical', 'soft', 'funds']).toContain(says(row.xendit_code, row.code).class);
    },
  );

  // Visa's category 1: each attempt after one of these costs a fee (docs/xendit.md 10).
  it.each('04 07 12 14 41 43 46 57 R0 R1 R3'.split(' '))(
    '%s is never tried again, whatever else is said',
    (networkCode) => {
      const failureCode = fc.constantFrom(...Object.keys(failureCodes), 'SOMETHING_NEW');
      const override = fc.constantFrom(...declineClasses);
      fc.assert(
        fc.property(
          failureCode,
          override,
          fc.constantFrom(networkCode, networkCode.toLowerCase()),
          (code, cls, written) => {
            const verdict = classify({ code, networkCode: written, adviceCode: null }, { [code]: cls });
            expect(verdict).toMatchObject({ class: 'never_again', rule: `network ${written}` });
          },
        ),
      );
    },
  );

  it('R1 and R3 arrive as "declined by issuer", which alone would be retried', () => {
    expect(says('DECLINED_BY_ISSUER').class).toBe('soft');
    expect(says('DECLINED_BY_ISSUER', 'R1').class).toBe('never_again');
    expect(says('DECLINED_BY_ISSUER', 'R3').class).toBe('never_again');
  });
});

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

describe('where a class would do too much or too little, the row says what is done instead (docs/xendit.md, Declines)', () => {
  const of = (channelCode: string, code: string, networkCode: string | null = null) =>
    classify({ code, networkCode, adviceCode: null }, {}, channelCode);

  it.each([
    ['INVALID_CVV', null],
    ['INVALID_CVV', '82'],
    ['INVALID_CVV', 'N7'],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', null],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '55'],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '78'],
    ['DECLINED_BY_ISSUER', '72'],
  ])(
    '%s with network code %s says nothing against the token (docs.xendit.co/docs/cards-card-declines-and-error-codes): one try, then its customer',
    (code, networkCode) => {
      expect(says(code, networkCode)).toMatchObject({ class: 'needs_customer', tries: 1 });
      expect(endsToken(says(code, networkCode).class)).toBe(false);
    },
  );

  it.each(['12', '46', '57'])(
    'but network code %s behind INACTIVE_OR_UNAUTHORIZED_CARD is of Visa’s category 1: never again (Visa Core Rules, Table 7-2)',
    (networkCode) => {
      expect(says('INACTIVE_OR_UNAUTHORIZED_CARD', networkCode)).toMatchObject({ class: 'never_again' });
    },
  );

  it.each(['9G', '5C', '93'])(
    'network code %s is the issuer’s word that it will not be paid so (docs.xendit.co/docs/cards-card-declines-and-error-codes): its customer, at once',
    (networkCode) => {
      const verdict = says('DECLINED_BY_ISSUER', networkCode);
      expect(verdict.class).toBe('needs_customer');
      expect(verdict.tries).toBeUndefined();
    },
  );

  it.each('81 62 63 75 86 P6 74 01 02 70 59 83 71 R2 58 Z3 39 52 53 79 84'.split(' '))(
    'network code %s asks to contact the issuer or use another card (docs.xendit.co/docs/cards-card-declines-and-error-codes): one try, then its customer',
    (networkCode) => {
      const verdict = says('DECLINED_BY_ISSUER', networkCode);
      expect(verdict).toMatchObject({
        class: 'soft',
        tries: 1,
        then: 'needs_customer',
        rule: `network ${networkCode}`,
      });
      expect(endsWithCustomer(verdict)).toBe(true);
    },
  );

  it.each([
    ['PARTIAL_APPROVAL', null],
    ['PARTIAL_APPROVAL', '10'],
    ['CARD_DECLINED', '10'],
  ])(
    '%s with network code %s: part of the amount was accepted (docs.xendit.co/docs/cards-card-declines-and-error-codes), so a person looks first',
    (code, networkCode) => {
      expect(says(code, networkCode)).toMatchObject({ hold: 'partial_approval' });
    },
  );

  it.each(['PAYMENT_AMOUNT_LIMITS_EXCEEDED', 'MAX_AMOUNT_LIMIT_ERROR'])(
    '%s is over a limit that may be one for a day (docs.xendit.co/subscriptions-payment-failure-code): the next day, then its customer, and the admin is told',
    (code) => {
      expect(says(code)).toMatchObject({ class: 'funds', tries: 1, inDays: 1, then: 'needs_customer', tell: true });
    },
  );

  it.each(['USER_DID_NOT_AUTHORIZE', 'PAYMENT_REQUEST_EXPIRED'])(
    '%s of a wallet was not confirmed in time (docs.xendit.co/docs/error-scenarios): two tries at another hour; of a card none',
    (code) => {
      for (const channel of ['OVO', 'DANA', 'SHOPEEPAY', 'BRI_DIRECT_DEBIT'])
        expect(of(channel, code)).toMatchObject({ class: 'needs_customer', tries: 2, anotherHour: true });
      expect(of('CARDS', code)).toEqual(askedAtOnce(code));
    },
  );

  const askedAtOnce = (code: string) => ({
    class: 'needs_customer',
    rule: `code ${code}`,
    minHours: null,
    unheardOf: false,
  });

  it('a payment that somebody canceled at Xendit is no decline of the customer’s: a person decides', () => {
    expect(says('PAYMENT_REQUEST_CANCELED')).toMatchObject({ hold: 'by_hand' });
  });

  it('each of these says why in words', () => {
    const special = [...Object.values(failureCodes), ...Object.values(ourNetworkCodes)].filter(
      (row) => row.tries !== undefined || row.hold !== undefined || row.then !== undefined,
    );
    expect(special.length).toBeGreaterThan(25);
    for (const row of special) expect(row.why).toMatch(/^[a-z].{15,}[^.]$/);
  });

  it('a code of which no table knows gets one more try, and then its customer is waited for', () => {
    expect(says('SOMETHING_NEW')).toMatchObject({ class: 'soft', tries: 1, then: 'needs_customer', unheardOf: true });
  });

  it('the catalog may grant the whole ladder', () => {
    const declined = { code: 'ISSUER_SUSPECT_FRAUD', networkCode: '59', adviceCode: null };
    expect(classify(declined, { ISSUER_SUSPECT_FRAUD: 'soft' })).toEqual({
      class: 'soft',
      rule: 'catalog ISSUER_SUSPECT_FRAUD',
      minHours: null,
      unheardOf: false,
    });
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
