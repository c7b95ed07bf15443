import { z } from 'zod';
import { sameSecret } from '../infra/secrets.ts';
import { amount, code, currency, id, maybe, reference, words } from './fields.ts';
import { Dispute } from './resources/disputes.ts';
import { asking, details, failed } from './resources/money-in.ts';
import { TokenNotice } from './resources/payment-tokens.ts';
import { Session } from './resources/sessions.ts';

const PaymentNotice = z.object({
  ...details,
  ...failed,
  ...asking,
  payment_id: maybe(id),
  payment_request_id: maybe(id),
  latest_payment_id: maybe(id),
  reference_id: maybe(reference),
  status: maybe(code),
  currency: maybe(currency),
  request_amount: maybe(amount),
});
/** A payment or a payment request as webhooks tell it: excerpts of real ones carry less than answers do. */
export type PaymentNotice = z.output<typeof PaymentNotice>;

const RefundNotice = z.object({
  id,
  reference_id: maybe(reference),
  payment_request_id: maybe(id),
  payment_id: maybe(id),
  currency: maybe(currency),
  amount: maybe(amount),
  failure_code: maybe(code),
});
export type RefundNotice = z.output<typeof RefundNotice>;

type Told =
  | { readonly kind: 'payment_session'; readonly session: Session }
  /** `says`: the status that the event stands for. A payment whose own status is another is not to be believed. */
  | { readonly kind: 'payment'; readonly says: string; readonly payment: PaymentNotice }
  | { readonly kind: 'payment_token'; readonly token: TokenNotice }
  | { readonly kind: 'refund'; readonly says: 'SUCCEEDED' | 'FAILED'; readonly refund: RefundNotice }
  | { readonly kind: 'dispute'; readonly dispute: Dispute }
  /** What has no meaning here, or cannot be read: keep it, answer 200. */
  | { readonly kind: 'other' };

export type Webhook = Told & {
  readonly event: string;
  /** Whose webhook it is: the account's, or a sub-account's. */
  readonly business_id: string | null;
};

/** Compares in constant time, with all of them, so that the time tells nothing of which one it was. */
export function isFromXendit(callbackToken: string | null | undefined, tokens: readonly string[]): boolean {
  if (typeof callbackToken !== 'string') return false;
  return tokens.map((expected) => sameSecret(callbackToken, expected)).includes(true);
}

// Both names of each event: what the pages say and what the prose says (docs/xendit.md 3.3), with the status it stands for.
const PAYMENT_EVENTS: Readonly<Record<string, string>> = {
  'payment.capture': 'SUCCEEDED',
  'payment.succeeded': 'SUCCEEDED',
  'payment.authorization': 'AUTHORIZED',
  'payment.failure': 'FAILED',
  'payment.failed': 'FAILED',
  'payment.expiry': 'EXPIRED',
  'payment.expired': 'EXPIRED',
  'payment_request.expiry': 'EXPIRED',
  'payment_request.expired': 'EXPIRED',
};
const SESSION_EVENTS = new Set(['payment_session.completed', 'payment_session.expired']);
const TOKEN_EVENTS = /^payment_token\.(activation|activated|failure|failed|expiry|expired)$/;
const DISPUTE_EVENTS = /^dispute\.(action_required|under_review|won|lost|due_date_approaching)$/;

const Envelope = z.object({ event: z.string(), business_id: maybe(id), data: maybe(z.unknown()) });

/** What a webhook's body says. Never throws: whatever is not understood is `other`. */
export function readWebhook(body: unknown): Webhook {
  const envelope = Envelope.safeParse(body).data;
  if (envelope === undefined) return { kind: 'other', event: '', business_id: null };
  const event = words(envelope.event, 100);
  return { ...toldBy(event, envelope.data, body), event, business_id: envelope.business_id };
}

function toldBy(event: string, data: unknown, body: unknown): Told {
  const other = { kind: 'other' } as const;
  if (SESSION_EVENTS.has(event)) {
    const session = Session.safeParse(data).data;
    return session === undefined ? other : { kind: 'payment_session', session };
  }
  const says = Object.hasOwn(PAYMENT_EVENTS, event) ? PAYMENT_EVENTS[event] : undefined;
  if (says !== undefined) {
    const payment = PaymentNotice.safeParse(data).data;
    return payment === undefined ? other : { kind: 'payment', says, payment };
  }
  if (TOKEN_EVENTS.test(event)) {
    const token = TokenNotice.safeParse(data).data;
    return token === undefined ? other : { kind: 'payment_token', token };
  }
  if (event === 'refund.succeeded' || event === 'refund.failed') {
    const refund = RefundNotice.safeParse(innermost(data)).data;
    const refundSays = event === 'refund.succeeded' ? 'SUCCEEDED' : 'FAILED';
    return refund === undefined ? other : { kind: 'refund', says: refundSays, refund };
  }
  // A dispute stands beside its event, and not in `data`.
  const dispute = DISPUTE_EVENTS.test(event) ? Dispute.safeParse(body).data : undefined;
  return dispute === undefined ? other : { kind: 'dispute', dispute };
}

/** A refund is documented with its envelope in its envelope; both forms are taken. */
function innermost(data: unknown): unknown {
  return z.object({ data: z.unknown() }).safeParse(data).data?.data ?? data;
}
