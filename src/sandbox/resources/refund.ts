import { z } from 'zod';
import { Fault, idNotFound, ineligibleStatus, invalid } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import { isChargeScript, type Scenario } from '../scenario.ts';
import { stamp } from '../time/clock.ts';
import { BUSINESS_ID, type World } from '../world.ts';
import { CURRENCIES, fitsCurrency, toMajor, toMinor } from './money.ts';
import type { Payment } from './payment.ts';
import { findRequest } from './payment-request.ts';
import { recordTransaction } from './transaction.ts';

/** Docs "refund-payment-request". */
const RefundBody = z.strictObject({
  payment_request_id: z.string(),
  reference_id: z.string().min(1).max(255).optional(),
  currency: z.enum(CURRENCIES).optional(),
  amount: z.number().positive().optional(),
  reason: z.enum(['FRAUDULENT', 'DUPLICATE', 'REQUESTED_BY_CUSTOMER', 'CANCELLATION', 'OTHERS']),
  metadata: z.record(z.string().max(40), z.string().max(500)).optional(),
});

type RefundBody = z.infer<typeof RefundBody>;

export type Refund = {
  readonly id: string;
  readonly payment: Payment;
  readonly amount: number;
  readonly reason: string;
  readonly referenceId: string | undefined;
  readonly metadata: Record<string, string> | undefined;
  readonly created: Temporal.Instant;
  updated: Temporal.Instant;
  status: 'PENDING' | 'SUCCEEDED' | 'FAILED';
  failureCode?: string | undefined;
};

/** How long the channel takes. Xendit says only: later, by webhook. */
const REFUND_TAKES = { seconds: 5 };

/** `POST /refunds`: always PENDING; the webhook tells the end (docs/xendit.md 4.4). A "decline" scenario makes it fail. */
export function createRefund(world: World, input: unknown, scenario: Scenario | undefined): object {
  const body = parse(RefundBody, input);
  const payment = refundable(world, body);
  const amount = refundAmount(body, payment);
  const refund = openRefund(world, body, payment, amount);
  const script = scenario !== undefined && isChargeScript(scenario.do) ? scenario.do : undefined;
  if (scenario !== undefined && script !== undefined) world.scenarios.spend(scenario);
  const failureCode = script?.kind === 'decline' ? script.failure_code : undefined;
  world.clock.at(refund.created.add(REFUND_TAKES), () => settleRefund(world, refund, failureCode));
  return { ...refundView(refund), payment_request_id: body.payment_request_id };
}

/** `GET /refunds/{id}`. */
export function getRefund(world: World, id: string): object {
  const refund = world.refunds.get(id);
  if (refund === undefined) throw idNotFound();
  return { ...refundView(refund), payment_request_id: refund.payment.request.id };
}

const Query = z.strictObject({
  payment_request_id: z.string().optional(),
  channel_code: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(10),
  after_id: z.string().optional(),
});

/** `GET /refunds`, newest first, as the SDK of the API before v3 reads it. */
export function listRefunds(world: World, input: unknown): object {
  const query = parse(Query, input, 'query');
  const found = [...world.refunds.values()]
    .filter(({ payment: { request } }) => (query.payment_request_id ?? request.id) === request.id)
    .filter(
      ({ payment: { request } }) => (query.channel_code ?? request.order.channel.code) === request.order.channel.code,
    )
    .toReversed();
  const rest =
    query.after_id === undefined ? found : found.slice(found.findIndex(({ id }) => id === query.after_id) + 1);
  const data = rest
    .slice(0, query.limit)
    .map((refund) => ({ ...refundView(refund), payment_request_id: refund.payment.request.id }));
  return { data, has_more: rest.length > data.length };
}

function refundable(world: World, body: RefundBody): Payment {
  const request = findRequest(world, body.payment_request_id);
  const payment = world.payments.get(request.latestPaymentId ?? '');
  if (payment?.status !== 'SUCCEEDED') throw ineligibleStatus();
  const { channel, currency } = request.order;
  if (channel.refund === 'none') {
    throw new Fault(403, 'REFUND_NOT_SUPPORTED', 'Refund feature is not available for this payment channel.');
  }
  if ((body.currency ?? currency) !== currency) throw invalid('/body/currency', `must be ${currency}`);
  if (payment.refundPending) {
    throw new Fault(
      400,
      'REFUND_IN_PROGRESS',
      'Please wait for the pending refund request to be completed before initiating a new one.',
    );
  }
  return payment;
}

function refundAmount(body: RefundBody, payment: Payment): number {
  const { amount: paid, channel, currency } = payment.request.order;
  const left = toMinor(paid, currency) - payment.refunded;
  const amount = body.amount ?? toMajor(left, currency);
  if (!fitsCurrency(amount, currency)) throw invalid('/body/amount', `has too many decimal places for ${currency}`);
  if (left === 0 || toMinor(amount, currency) > left) {
    throw new Fault(
      400,
      'REFUND_AMOUNT_EXCEEDED',
      'Refund amount specified in refund request must be less than or equal to unrefunded capture amount.',
    );
  }
  if (channel.refund === 'full' && amount !== paid) {
    throw new Fault(
      403,
      'PARTIAL_REFUND_NOT_SUPPORTED',
      'Partial Refund feature is not available for this payment channel.',
    );
  }
  return amount;
}

function openRefund(world: World, body: RefundBody, payment: Payment, amount: number): Refund {
  const now = world.clock.now();
  const refund: Refund = {
    id: `rfd-${world.ids.uuid()}`,
    payment,
    amount,
    reason: body.reason,
    referenceId: body.reference_id,
    metadata: body.metadata,
    created: now,
    updated: now,
    status: 'PENDING',
  };
  payment.refundPending = true;
  world.refunds.set(refund.id, refund);
  recordTransaction(world, { type: 'REFUND', payment, refund });
  return refund;
}

function settleRefund(world: World, refund: Refund, failureCode: string | undefined): void {
  const { currency } = refund.payment.request.order;
  refund.status = failureCode === undefined ? 'SUCCEEDED' : 'FAILED';
  refund.failureCode = failureCode;
  refund.updated = world.clock.now();
  refund.payment.refundPending = false;
  if (failureCode === undefined) {
    refund.payment.refunded += toMinor(refund.amount, currency);
    world.ledger.giveBack(refund.amount, currency);
  }
  const event = failureCode === undefined ? 'refund.succeeded' : 'refund.failed';
  // Documented with the envelope inside the envelope: data.data (docs/xendit.md 3.3).
  const created = stamp(refund.updated);
  world.courier.send(event, { event, business_id: BUSINESS_ID, created, data: refundView(refund) });
}

const METHOD_TYPE = { CARDS: 'CARD', EWALLET: 'EWALLET', DIRECT_DEBIT: 'DIRECT_DEBIT' };

// Nulls, as in both documented webhooks (samples/webhook.refund.*).
function refundView(refund: Refund): object {
  const { channel, currency } = refund.payment.request.order;
  return {
    id: refund.id,
    payment_id: refund.payment.id,
    invoice_id: null,
    amount: refund.amount,
    payment_method_type: METHOD_TYPE[channel.category],
    channel_code: channel.code,
    currency,
    status: refund.status,
    reason: refund.reason,
    reference_id: refund.referenceId ?? null,
    failure_code: refund.failureCode ?? null,
    refund_fee_amount: null,
    created: stamp(refund.created),
    updated: stamp(refund.updated),
    metadata: refund.metadata ?? null,
  };
}
