import type { DeclineClass } from './decline-class.ts';
import { adviceCodes, networkCodes } from './network-codes.ts';
import {
  askCustomer,
  canceledThere,
  cardInactive,
  funds,
  neverAgain,
  nobodyLooked,
  onceMore,
  ourFault,
  overLimit,
  partial,
  soft,
  suspected,
  type Treatment,
  technical,
  throttled,
  tokenDead,
  wrongCvn,
} from './treatment.ts';

/** How a decline is treated, and which rule said so. */
export type Verdict = Treatment & {
  /** What decided: the failure code, the network's response code, the merchant advice code, or the catalog. */
  readonly rule: string;
  /** Not sooner than this, whatever the ladder says. */
  readonly minHours: number | null;
  /** The code is not in any table: treated as soft, and a person is told. */
  readonly unheardOf: boolean;
};

/**
 * The failure codes of Xendit with what is done about each (docs/xendit.md, Declines). Data, not logic: a catalog
 * overrides the class of any of them with `defaults.declines`.
 */
export const failureCodes: Readonly<Record<string, Treatment>> = {
  INSUFFICIENT_BALANCE: funds,
  PAYMENT_AMOUNT_LIMITS_EXCEEDED: overLimit,
  MAX_AMOUNT_LIMIT_ERROR: overLimit,

  CHANNEL_UNAVAILABLE: technical,
  ISSUER_UNAVAILABLE: technical,
  PROCESSOR_ERROR: technical,
  PROCESS_ERROR: technical,
  PARTNER_TIMEOUT_ERROR: technical,
  PARTNER_CHANNEL_ERROR: technical,
  TIMEOUT_ERROR: technical,
  SERVER_ERROR: technical,
  TEMPORARILY_UNAVAILABLE: technical,

  DECLINED_BY_ISSUER: soft,
  DECLINED_BY_PROCESSOR: soft,
  CARD_DECLINED: soft,
  FAILURE_DETAILS_UNAVAILABLE: soft,
  PAYMENT_ATTEMPT_COUNTS_EXCEEDED: soft,
  USER_DEVICE_UNREACHABLE: soft,
  ISSUER_SUSPECT_FRAUD: suspected,
  PARTIAL_APPROVAL: partial,

  REQUIRES_ACTION: askCustomer(),
  AUTHENTICATION_FAILED: askCustomer(),
  USER_DECLINED_PAYMENT: askCustomer(),
  USER_DID_NOT_AUTHORIZE: askCustomer(),
  PAYMENT_REQUEST_EXPIRED: askCustomer(),
  PAYMENT_REQUEST_CANCELED: canceledThere,
  EXPIRED_OTP: askCustomer(),
  INVALID_OTP: askCustomer(),
  OTP_ATTEMPT_COUNTS_EXCEEDED: askCustomer(),
  OTP_DELIVERY_ERROR: askCustomer(),
  ACCOUNT_ACCESS_BLOCKED: askCustomer(),
  ACCOUNT_NOT_ACTIVATED: askCustomer(),
  INVALID_ACCOUNT_DETAILS: askCustomer(),
  MAX_ACCOUNT_LINKING: askCustomer(),
  // A charge of a saved card sends no CVN, and a card may be inactive for a day: neither says that the token is finished.
  INVALID_CVV: wrongCvn,
  INACTIVE_OR_UNAUTHORIZED_CARD: cardInactive,

  EXPIRED_CARD: tokenDead,
  CARD_EXPIRED: tokenDead,
  INVALID_TOKEN: tokenDead,
  INVALID_CARD: tokenDead,
  INVALID_PAYMENT_DETAILS: tokenDead,
  INVALID_PAYMENT_METHOD: tokenDead,

  STOLEN_CARD: neverAgain,
  SUSPECTED_FRAUDULENT: neverAgain,
  TRANSACTION_BLOCKED: neverAgain,

  INVALID_MERCHANT_SETTINGS: ourFault,
  INVALID_MERCHANT_CREDENTIALS: ourFault,
  CAPTURE_AMOUNT_EXCEEDED: ourFault,
  CHANNEL_NOT_ACTIVATED: ourFault,
  API_VALIDATION_ERROR: ourFault,
  INVALID_VALUE_ERROR: ourFault,
  INVALID_API_KEY: ourFault,
  SKIP_3DS_FORBIDDEN: ourFault,
  REQUEST_FORBIDDEN_ERROR: ourFault,
  UNAUTHORIZED_SENDER_IP: ourFault,
  DATA_NOT_FOUND: ourFault,
  DUPLICATE_ERROR: ourFault,
  IDEMPOTENCY_ERROR: ourFault,
  ACCOUNT_ALREADY_LINKED: ourFault,

  RATE_LIMIT_EXCEEDED: throttled,
  PAYMENT_REQUEST_RATE_LIMITED: throttled,
};

/**
 * What the same codes mean of a wallet or a bank account, whose customer confirms on a phone. A card's payment has no
 * page that could run out: there they stay what `failureCodes` says.
 */
const notOfCards: Readonly<Record<string, Treatment>> = {
  USER_DID_NOT_AUTHORIZE: nobodyLooked,
  PAYMENT_REQUEST_EXPIRED: nobodyLooked,
  USER_DEVICE_UNREACHABLE: {
    class: 'soft',
    anotherHour: true,
    then: 'needs_customer',
    why: 'the phone was out of reach',
  },
};

/** Treated so, and a person is told. */
const ofNoTable = onceMore('no table has this code');

export type Declined = {
  readonly code: string;
  readonly networkCode: string | null;
  readonly adviceCode: string | null;
};

/**
 * How a decline is treated. The advice code outranks the network code, which outranks the failure code; the catalog's
 * override of the failure code is the admin's word and outranks them all, except "never again" by a network.
 */
export function classify(
  declined: Declined,
  overrides: Readonly<Record<string, DeclineClass>>,
  channelCode = 'CARDS',
): Verdict {
  const { code, networkCode, adviceCode } = declined;
  const advice = entryOf(adviceCodes, (adviceCode ?? '').replace(/^0+(?=\d)/, ''));
  const network = entryOf(networkCodes, (networkCode ?? '').toUpperCase());
  const minHours = advice?.minHours ?? null;
  const verdict = (treatment: Treatment, rule: string): Verdict => ({ ...treatment, rule, minHours, unheardOf: false });
  if (advice?.treatment?.class === 'never_again') return verdict(advice.treatment, `advice ${adviceCode}`);
  if (network?.class === 'never_again') return verdict(network, `network ${networkCode}`);
  const override = entryOf(overrides, code);
  if (override !== undefined) return verdict({ class: override }, `catalog ${code}`);
  if (advice?.treatment) return verdict(advice.treatment, `advice ${adviceCode}`);
  if (network !== undefined) return verdict(network, `network ${networkCode}`);
  const known = (channelCode === 'CARDS' ? undefined : entryOf(notOfCards, code)) ?? entryOf(failureCodes, code);
  if (known !== undefined) return verdict(known, `code ${code}`);
  return { ...ofNoTable, rule: `unheard-of code ${code}`, minHours, unheardOf: true };
}

/** "INSUFFICIENT_BALANCE (funds)", and where something else than the code decided, what: "... (funds, network 51)". */
export function inShort(code: string, verdict: Verdict): string {
  return `${code} (${verdict.rule === `code ${code}` ? verdict.class : `${verdict.class}, ${verdict.rule}`})`;
}

/** "INVALID_CVV (needs_customer): the issuer refuses the security code; retry 1 of 1": what, why, and what is done. */
export function inWords(code: string, verdict: Verdict, done: string): string {
  return `${inShort(code, verdict)}: ${verdict.why === undefined ? '' : `${verdict.why}; `}${done}`;
}

/** Whether the charge waits for its customer once its retries are spent, instead of being given up. */
export function endsWithCustomer({ class: cls, then }: Verdict): boolean {
  return cls === 'needs_customer' || then === 'needs_customer';
}

/** What a table says of a code, without what every object inherits: a code named "constructor" is unheard of. */
function entryOf<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

/** Whether a decline of this class came from the issuer or wallet; only those count for mandate and network limits. */
export function reachedIssuer(cls: DeclineClass): boolean {
  return cls !== 'technical' && cls !== 'our_fault' && cls !== 'throttled';
}

/** Whether the token itself is finished: nothing more may be charged to it. */
export function endsToken(cls: DeclineClass): boolean {
  return cls === 'token_dead' || cls === 'never_again';
}

/** Whether the admin is told of a decline for which its customer is waited for: price or account may be the cause. */
export function concernsAdmin(
  declined: Declined,
  overrides: Readonly<Record<string, DeclineClass>>,
  channelCode: string,
): boolean {
  return classify(declined, overrides, channelCode).tell === true;
}

/**
 * Whether a failure says that somebody behind Xendit did not answer in time. The provider may collect all the same, and tell
 * up to a day later (docs/xendit.md, Time-outs). PARTNER_TIMEOUT_ERROR and TIMEOUT_ERROR are documented; a code of no table
 * that says so by its name is of the kind.
 */
export function tellsOfTimeOut(code: string | null): boolean {
  return code !== null && /TIME_?OUT|TIMED_OUT/.test(code);
}

/** Whether no table and no catalog knows a failure code: somebody should be told (docs/design.md section 6). */
export function isUnheardOf(code: string, overrides: Readonly<Record<string, DeclineClass>>): boolean {
  return classify({ code, networkCode: null, adviceCode: null }, overrides).unheardOf;
}
