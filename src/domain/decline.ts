/** Why a charge was not paid, as far as it decides what to do next (billing-facts C2). */
export type DeclineClass =
  | 'funds'
  | 'technical'
  | 'soft'
  | 'needs_customer'
  | 'token_dead'
  | 'never_again'
  | 'our_fault'
  | 'throttled';

export const declineClasses: readonly DeclineClass[] = [
  'funds',
  'technical',
  'soft',
  'needs_customer',
  'token_dead',
  'never_again',
  'our_fault',
  'throttled',
];

/** How a decline is treated, and which rule said so. */
export type Verdict = {
  readonly class: DeclineClass;
  /** What decided: the failure code, the network's response code, the merchant advice code, or the catalog. */
  readonly rule: string;
  /** At most this many retries for this reason; null: the ladder decides. */
  readonly maxRetries: number | null;
  /** Not sooner than this, whatever the ladder says. */
  readonly minHours: number | null;
  /** The code is not in any table: treated as soft, and a person is told. */
  readonly unheardOf: boolean;
};

/**
 * The failure codes of Xendit (api-facts 6.1 and 6.3) with the classes of billing-facts C2. Data, not logic: a catalog
 * overrides any of them with `defaults.declines`.
 */
export const failureClasses: Readonly<Record<string, DeclineClass>> = {
  INSUFFICIENT_BALANCE: 'funds',
  PAYMENT_AMOUNT_LIMITS_EXCEEDED: 'funds',
  MAX_AMOUNT_LIMIT_ERROR: 'funds',

  CHANNEL_UNAVAILABLE: 'technical',
  ISSUER_UNAVAILABLE: 'technical',
  PROCESSOR_ERROR: 'technical',
  PROCESS_ERROR: 'technical',
  PARTNER_TIMEOUT_ERROR: 'technical',
  PARTNER_CHANNEL_ERROR: 'technical',
  TIMEOUT_ERROR: 'technical',
  SERVER_ERROR: 'technical',
  TEMPORARILY_UNAVAILABLE: 'technical',

  DECLINED_BY_ISSUER: 'soft',
  DECLINED_BY_PROCESSOR: 'soft',
  CARD_DECLINED: 'soft',
  FAILURE_DETAILS_UNAVAILABLE: 'soft',
  PAYMENT_ATTEMPT_COUNTS_EXCEEDED: 'soft',
  USER_DEVICE_UNREACHABLE: 'soft',
  ISSUER_SUSPECT_FRAUD: 'soft',
  PARTIAL_APPROVAL: 'soft',

  REQUIRES_ACTION: 'needs_customer',
  AUTHENTICATION_FAILED: 'needs_customer',
  USER_DECLINED_PAYMENT: 'needs_customer',
  USER_DID_NOT_AUTHORIZE: 'needs_customer',
  PAYMENT_REQUEST_EXPIRED: 'needs_customer',
  PAYMENT_REQUEST_CANCELED: 'needs_customer',
  EXPIRED_OTP: 'needs_customer',
  INVALID_OTP: 'needs_customer',
  OTP_ATTEMPT_COUNTS_EXCEEDED: 'needs_customer',
  OTP_DELIVERY_ERROR: 'needs_customer',
  ACCOUNT_ACCESS_BLOCKED: 'needs_customer',
  ACCOUNT_NOT_ACTIVATED: 'needs_customer',
  INVALID_ACCOUNT_DETAILS: 'needs_customer',
  MAX_ACCOUNT_LINKING: 'needs_customer',

  EXPIRED_CARD: 'token_dead',
  CARD_EXPIRED: 'token_dead',
  INVALID_TOKEN: 'token_dead',
  INVALID_CARD: 'token_dead',
  INVALID_CVV: 'token_dead',
  INVALID_PAYMENT_DETAILS: 'token_dead',
  INVALID_PAYMENT_METHOD: 'token_dead',
  INACTIVE_OR_UNAUTHORIZED_CARD: 'token_dead',

  STOLEN_CARD: 'never_again',
  SUSPECTED_FRAUDULENT: 'never_again',
  TRANSACTION_BLOCKED: 'never_again',

  INVALID_MERCHANT_SETTINGS: 'our_fault',
  INVALID_MERCHANT_CREDENTIALS: 'our_fault',
  CAPTURE_AMOUNT_EXCEEDED: 'our_fault',
  CHANNEL_NOT_ACTIVATED: 'our_fault',
  API_VALIDATION_ERROR: 'our_fault',
  INVALID_VALUE_ERROR: 'our_fault',
  INVALID_API_KEY: 'our_fault',
  SKIP_3DS_FORBIDDEN: 'our_fault',
  REQUEST_FORBIDDEN_ERROR: 'our_fault',
  UNAUTHORIZED_SENDER_IP: 'our_fault',
  DATA_NOT_FOUND: 'our_fault',
  DUPLICATE_ERROR: 'our_fault',
  IDEMPOTENCY_ERROR: 'our_fault',
  ACCOUNT_ALREADY_LINKED: 'our_fault',

  RATE_LIMIT_EXCEEDED: 'throttled',
  PAYMENT_REQUEST_RATE_LIMITED: 'throttled',
};

/** Reasons that deserve one more try, not a ladder of them (billing-facts C2: "59, one try only"). */
const onceMore: ReadonlySet<string> = new Set(['ISSUER_SUSPECT_FRAUD', '59', '83']);

/**
 * Network response codes that outrank Xendit's failure code (api-facts 6.2). R1 and R3 arrive as DECLINED_BY_ISSUER,
 * which alone would say "retry". Visa's category 1 as of 2025 (billing-facts C1), without 15, which was phased out.
 */
export const networkClasses: Readonly<Record<string, DeclineClass>> = {
  '04': 'never_again',
  '07': 'never_again',
  '12': 'never_again',
  '14': 'never_again',
  '41': 'never_again',
  '43': 'never_again',
  '46': 'never_again',
  '57': 'never_again',
  R0: 'never_again',
  R1: 'never_again',
  R3: 'never_again',
  '54': 'token_dead',
  '1A': 'needs_customer',
  // Authentication failed, payment cancellation, ineligible for resubmission. Xendit's own codes for these (PROCESSOR_ERROR,
  // DECLINED_BY_ISSUER) would have them retried; for 21 its table says "Do not retry".
  Q1: 'needs_customer',
  '21': 'needs_customer',
  N5: 'needs_customer',
  '51': 'funds',
  '61': 'funds',
  '65': 'funds',
  N4: 'funds',
  '19': 'technical',
  '91': 'technical',
  '96': 'technical',
  '1Z': 'technical',
  // "Temporary system error, retry at a later stage": Xendit's own code, INACTIVE_OR_UNAUTHORIZED_CARD, would end the token.
  '92': 'technical',
  '59': 'soft',
  '83': 'soft',
  // "Invalid issuer, retry at a later time": Xendit's own code, INVALID_CARD, would end the token.
  '15': 'soft',
  // No checking, no savings account: the issuer answered, so not PROCESSOR_ERROR's tries within minutes.
  '52': 'soft',
  '53': 'soft',
  '03': 'our_fault',
  // Invalid amount, format error: the request is wrong, not the card, and sending it again changes nothing.
  '13': 'our_fault',
  '30': 'our_fault',
  // "Duplicated transaction, do not retry": the money may have moved before. A person looks.
  '94': 'our_fault',
};

type Advice = { readonly class: DeclineClass | null; readonly minHours: number | null };

/** Mastercard's merchant advice codes (api-facts 6.2); null class: only the waiting time is advised. */
const adviceCodes: Readonly<Record<string, Advice>> = {
  '1': { class: 'needs_customer', minHours: null },
  '2': { class: null, minHours: 72 },
  '3': { class: 'never_again', minHours: null },
  '4': { class: 'our_fault', minHours: null },
  '8': { class: 'our_fault', minHours: null },
  '21': { class: 'never_again', minHours: null },
  '22': { class: 'our_fault', minHours: null },
  '24': { class: null, minHours: 1 },
  '25': { class: null, minHours: 24 },
  '26': { class: null, minHours: 48 },
  '27': { class: null, minHours: 96 },
  '28': { class: null, minHours: 144 },
  '29': { class: null, minHours: 192 },
  '30': { class: null, minHours: 240 },
};

export type Declined = {
  readonly code: string;
  readonly networkCode: string | null;
  readonly adviceCode: string | null;
};

/**
 * Which class a decline belongs to. The advice code outranks the network code, which outranks the failure code; the
 * catalog's override of the failure code is the admin's word and outranks them all, except "never again" by a network.
 */
export function classify(declined: Declined, overrides: Readonly<Record<string, DeclineClass>>): Verdict {
  const advice = entryOf(adviceCodes, (declined.adviceCode ?? '').replace(/^0+(?=\d)/, ''));
  const network = entryOf(networkClasses, (declined.networkCode ?? '').toUpperCase());
  const minHours = advice?.minHours ?? null;
  const verdict = (cls: DeclineClass, rule: string, reason: string): Verdict => ({
    class: cls,
    rule,
    maxRetries: onceMore.has(reason) ? 1 : null,
    minHours,
    unheardOf: false,
  });
  if (advice?.class === 'never_again') return verdict('never_again', `advice ${declined.adviceCode}`, declined.code);
  if (network === 'never_again') return verdict('never_again', `network ${declined.networkCode}`, declined.code);
  const override = entryOf(overrides, declined.code);
  if (override !== undefined) return verdict(override, `catalog ${declined.code}`, '');
  if (advice?.class) return verdict(advice.class, `advice ${declined.adviceCode}`, declined.code);
  if (network !== undefined) return verdict(network, `network ${declined.networkCode}`, declined.networkCode ?? '');
  const known = entryOf(failureClasses, declined.code);
  if (known !== undefined) return verdict(known, `code ${declined.code}`, declined.code);
  return { class: 'soft', rule: `unheard-of code ${declined.code}`, maxRetries: 1, minHours, unheardOf: true };
}

/** "INSUFFICIENT_BALANCE (funds)", and where something else than the code decided, what: "... (funds, network 51)". */
export function inShort(code: string, verdict: Verdict): string {
  return `${code} (${verdict.rule === `code ${code}` ? verdict.class : `${verdict.class}, ${verdict.rule}`})`;
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

/** Whether no table and no catalog knows a failure code: somebody should be told (design.md section 6). */
export function isUnheardOf(code: string, overrides: Readonly<Record<string, DeclineClass>>): boolean {
  return classify({ code, networkCode: null, adviceCode: null }, overrides).unheardOf;
}
