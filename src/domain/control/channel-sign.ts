import type { Outcome } from '../charges/outcome.ts';
import { classify, tellsOfTimeOut } from '../declines/decline.ts';
import type { DeclineClass } from '../declines/decline-class.ts';

/**
 * What one answer says of the channel that it came over. `fault`: it may be the channel's or the merchant's, when as many
 * methods as `after` says meet the same; `limit`: Xendit wants fewer of them; `nothing`: it is about something else.
 */
export type Sign =
  | { readonly kind: 'works' }
  | { readonly kind: 'fault'; readonly code: string; readonly after: number; readonly class: DeclineClass }
  | { readonly kind: 'limit'; readonly code: string; readonly seconds: number | null }
  | { readonly kind: 'nothing' };

/** Charges of a channel that go out first in a run, and are judged together. */
export const SAMPLE = 5;
/** Nobody heard whether anything was done: new charges would only make more of these. */
export const NO_ANSWER = 'NO_ANSWER';
/** Xendit's codes for the limit of one channel; others are the account's. */
export const LIMITS: ReadonlySet<string> = new Set(['PAYMENT_REQUEST_RATE_LIMITED', 'TEMPORARILY_UNAVAILABLE']);
/** Asked of a customer who is not there: for a card that was saved for recurring charges that is the account's setting. */
const ASKS_CUSTOMER: ReadonlySet<string> = new Set(['REQUIRES_ACTION', 'AUTHENTICATION_FAILED']);
/** Said of a method before anything was made of it, or by Xendit's own rules: of one it is true, of all it is not. */
const OF_ALL: ReadonlySet<string> = new Set([
  'INVALID_TOKEN',
  'INVALID_PAYMENT_DETAILS',
  'INVALID_PAYMENT_METHOD',
  'TRANSACTION_BLOCKED',
  'SUSPECTED_FRAUDULENT',
]);
/** Network codes that are about the merchant: invalid merchant, invalid transaction. */
const OF_MERCHANT: ReadonlySet<string> = new Set(['03', '12']);

/** The money may have moved before: it is for a person to look, and never to be taken back. */
const DUPLICATE = '94';
const MAY_HAVE_PAID: ReadonlySet<string> = new Set(['DUPLICATE_ERROR', 'IDEMPOTENCY_ERROR']);

export function isLimit(code: string | null): boolean {
  return code !== null && LIMITS.has(code);
}

/** What an outcome says of its channel. */
export function signOf(outcome: Outcome, channel: string): Sign {
  switch (outcome.kind) {
    case 'succeeded':
    case 'pending':
      return { kind: 'works' };
    case 'unknown':
      return { kind: 'fault', code: NO_ANSWER, after: SAMPLE, class: 'technical' };
    case 'declined':
      return signOfDecline(outcome, channel);
    case 'refused':
      return signOfRefusal(outcome);
  }
}

function signOfDecline(outcome: Extract<Outcome, { kind: 'declined' }>, channel: string): Sign {
  const { code, networkCode } = outcome;
  if (tellsOfTimeOut(code)) return { kind: 'fault', code: NO_ANSWER, after: SAMPLE, class: 'technical' };
  if (networkCode === DUPLICATE) return { kind: 'nothing' };
  if (networkCode !== null && OF_MERCHANT.has(networkCode))
    return { kind: 'fault', code: `${code}/${networkCode}`, after: 2, class: 'our_fault' };
  const fault = (cls: DeclineClass): Sign => ({ kind: 'fault', code, after: SAMPLE, class: cls });
  if (channel === 'CARDS' && ASKS_CUSTOMER.has(code)) return fault('our_fault');
  if (OF_ALL.has(code)) return fault('our_fault');
  const { class: cls } = classify(outcome, {}, channel);
  return cls === 'our_fault' || cls === 'technical' ? fault(cls) : { kind: 'works' };
}

function signOfRefusal({ scope, code, retryAfterSeconds }: Extract<Outcome, { kind: 'refused' }>): Sign {
  if (scope === 'channel') return { kind: 'fault', code, after: 1, class: 'our_fault' };
  if (scope === 'charge' && !MAY_HAVE_PAID.has(code)) return { kind: 'fault', code, after: SAMPLE, class: 'our_fault' };
  if (scope === 'throttled' && isLimit(code)) return { kind: 'limit', code, seconds: retryAfterSeconds };
  return { kind: 'nothing' };
}

/** Whether so many of the answers were faults that only a few more charges should follow. */
export function isInDoubt(signs: readonly Sign[]): boolean {
  const faults = signs.filter(({ kind }) => kind === 'fault' || kind === 'limit').length;
  return faults > 0 && 2 * faults >= signs.filter(({ kind }) => kind !== 'nothing').length;
}

/**
 * Whether an answer of a channel that was stopped for this is its fault, and not its customer's. What nobody knows stays
 * unknown, and what a limited channel says of a charge that it took is about that charge.
 */
export function isReleased(sign: Sign, stoppedFor: string | null): boolean {
  return sign.kind === 'limit' || (sign.kind === 'fault' && sign.code !== NO_ANSWER && !isLimit(stoppedFor));
}

/** What a person should look at first. */
export function causeOf(code: string): string {
  if (ASKS_CUSTOMER.has(code)) return 'Dynamic 3DS is on, or recurring card charges are not enabled for the account';
  if (code === NO_ANSWER) return 'Xendit does not answer';
  if (code === 'CHANNEL_NOT_ACTIVATED') return 'the channel is not activated for the account';
  if (code === 'SKIP_3DS_FORBIDDEN') return 'the account may not charge cards while their holder is away';
  if (code.startsWith('INVALID_MERCHANT') || code.includes('/')) return "the merchant's settings at the channel";
  if (code === 'DATA_NOT_FOUND' || code === 'NOT_FOUND' || code === 'INVALID_TOKEN')
    return 'the key may be that of another account';
  return 'the channel, or what dueday sends it';
}
