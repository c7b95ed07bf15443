import { describe, expect, it } from 'vitest';
import { classify, endsToken, endsWithCustomer, failureCodes } from '../../src/domain/declines/decline.ts';
import { networkCodes as ourNetworkCodes } from '../../src/domain/declines/network-codes.ts';
import { says } from '../support/decline-codes.ts';

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
