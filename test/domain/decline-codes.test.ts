import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, failureCodes } from '../../src/domain/declines/decline.ts';
import { type DeclineClass, declineClasses } from '../../src/domain/declines/decline-class.ts';
import { networkCodes as ourNetworkCodes } from '../../src/domain/declines/network-codes.ts';
import { adviceCodes, sample, says } from '../support/decline-codes.ts';

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
