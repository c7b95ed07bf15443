import { z } from 'zod';
import { readReference } from '../../../domain/charges/attempt.ts';
import { amount, code, currency, id, maybe, reference, words } from '../../../xendit/fields.ts';
import type { Notice } from '../gateway.ts';
import { readAmount } from './amounts.ts';
import { tokenStatus } from './payment-tokens.ts';
import { SessionAnswer } from './sessions.ts';
import { details, outcomeOf, reportOf } from './statuses.ts';

const Envelope = z.object({ event: z.string(), data: maybe(z.unknown()) });

const PaymentData = z.object({
  ...details,
  payment_id: maybe(id),
  payment_request_id: maybe(id),
  latest_payment_id: maybe(id),
  reference_id: maybe(reference),
  status: maybe(code),
  currency: maybe(currency),
  request_amount: maybe(amount),
});

const RefundData = z.object({
  id,
  reference_id: maybe(reference),
  payment_request_id: maybe(id),
  payment_id: maybe(id),
});

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
const REFUND_EVENTS = new Map([
  ['refund.succeeded', 'succeeded'],
  ['refund.failed', 'failed'],
] as const);
const TOKEN_EVENTS = /^payment_token\.(activation|activated|failure|failed|expiry|expired)$/;

/** What a webhook tells. Never throws: whatever is not understood is `other`, and is kept as it came. */
export function readNotice(body: unknown): Notice {
  const envelope = Envelope.safeParse(body).data;
  if (envelope === undefined) return { kind: 'other', event: '' };
  const event = words(envelope.event, 100);
  const other: Notice = { kind: 'other', event };
  if (SESSION_EVENTS.has(event)) return sessionNotice(envelope.data) ?? other;
  if (Object.hasOwn(PAYMENT_EVENTS, event)) return paymentNotice(event, envelope.data) ?? other;
  if (TOKEN_EVENTS.test(event)) return tokenNotice(envelope.data) ?? other;
  const says = REFUND_EVENTS.get(event as 'refund.succeeded');
  if (says !== undefined) return refundNotice(says, envelope.data) ?? other;
  return other;
}

function sessionNotice(data: unknown): Notice | null {
  const session = SessionAnswer.safeParse(data).data;
  return session === undefined ? null : { kind: 'session', session };
}

function tokenNotice(data: unknown): Notice | null {
  const token = z.object({ payment_token_id: id, status: tokenStatus }).safeParse(data).data;
  return token === undefined ? null : { kind: 'token', tokenId: token.payment_token_id, status: token.status };
}

/** Documented with its envelope in its envelope; both forms are taken. */
function refundNotice(says: 'succeeded' | 'failed', data: unknown): Notice | null {
  const inner = z.object({ data: z.unknown() }).safeParse(data).data?.data;
  const said = RefundData.safeParse(inner ?? data).data;
  if (said === undefined) return null;
  const isOurs = readReference(said.reference_id)?.kind === 'refund';
  // Refunds of Xendit's older products name payments of theirs.
  if (!isOurs && said.payment_request_id === null && said.payment_id?.startsWith('py-') !== true) return null;
  return {
    kind: 'refund',
    says,
    refundId: said.id,
    referenceId: said.reference_id,
    paymentRequestId: said.payment_request_id,
    paymentId: said.payment_id,
  };
}

function paymentNotice(event: string, data: unknown): Notice | null {
  const said = PaymentData.safeParse(data).data;
  if (said === undefined) return null;
  const paymentId = said.payment_id ?? said.latest_payment_id;
  const { payment_request_id: paymentRequestId, reference_id: referenceId } = said;
  if (paymentId === null && paymentRequestId === null && referenceId === null) return null;
  return {
    kind: 'payment',
    referenceId,
    paymentRequestId,
    paymentId,
    tokenId: said.payment_token_id,
    amount: readAmount(said.request_amount, said.currency),
    outcome: outcomeOfNotice(event, said, { paymentRequestId, paymentId }),
  };
}

type Ids = { readonly paymentRequestId: string | null; readonly paymentId: string | null };

/** By its status, if the event does not contradict it; the status alone may not turn a failure's notice into money. */
function outcomeOfNotice(event: string, said: z.output<typeof PaymentData>, ids: Ids) {
  const { paymentRequestId } = ids;
  if (said.status === null || said.status !== PAYMENT_EVENTS[event]) {
    const detail = `${event} with ${said.status === null ? 'no status' : `status ${said.status}`}`;
    return { kind: 'unknown', detail, paymentRequestId } as const;
  }
  return outcomeOf(reportOf({ ...said, status: said.status }, ids));
}
