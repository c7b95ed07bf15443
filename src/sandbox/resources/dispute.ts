import { z } from 'zod';
import { Fault, idNotFound, ineligibleStatus, invalid } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import { stamp } from '../time/clock.ts';
import type { World } from '../world.ts';
import { CURRENCIES, fitsCurrency, toMajor, toMinor } from './money.ts';
import type { Payment } from './payment.ts';

const STATUSES = ['ACTION_REQUIRED', 'UNDER_REVIEW', 'WON', 'LOST'] as const;
type Status = (typeof STATUSES)[number];

export type Dispute = {
  readonly id: string;
  readonly payment: Payment;
  /** Minor units. */
  readonly amount: number;
  readonly created: Temporal.Instant;
  readonly due: Temporal.Instant;
  updated: Temporal.Instant;
  status: Status;
  reason: string | null;
  /** What it came to in the end; null until then. */
  terminal: number | null;
  /** Minor units that the merchant is without. */
  held: number;
};

/** Cards: seven calendar days to answer, then it is lost (docs/xendit.md 4.5). */
const ANSWERED_WITHIN = { hours: 24 * 7 };
const WARNED_BEFORE = { hours: 24 };

const AMOUNT = z.string().regex(/^\d{1,12}(\.\d{1,2})?$/);

const Create = z.strictObject({
  scenario: z.enum(['CREATE_DISPUTE', 'CREATE_DISPUTE_EXCEED_DEADLINE']),
  payment_id: z.string(),
  amount: AMOUNT,
  currency: z.enum(CURRENCIES),
  product_type: z.enum(['CARDS', 'QRIS']),
  channel_code: z.string(),
  deadline: z.literal('instant').optional(),
});
const Resolve = z.strictObject({ scenario: z.enum(['DISPUTE_WON', 'DISPUTE_LOST']), dispute_id: z.string() });

/** `POST /v1/disputes/simulate`, in test mode: raises a dispute, or ends one. */
export function simulateDispute(world: World, input: unknown): object {
  const { scenario } = parse(z.looseObject({ scenario: z.string() }), input);
  if (scenario === 'DISPUTE_WON' || scenario === 'DISPUTE_LOST') {
    const dispute = findDispute(world, parse(Resolve, input).dispute_id);
    return endDispute(world, dispute, { status: scenario === 'DISPUTE_WON' ? 'WON' : 'LOST', reason: 'CHALLENGED' });
  }
  const body = parse(Create, input);
  const payment = disputable(world, body.payment_id);
  const { currency, channel } = payment.request.order;
  if (body.currency !== currency) throw invalid('/body/currency', `must be ${currency}`);
  if (body.channel_code !== channel.code) throw invalid('/body/channel_code', `must be ${channel.code}`);
  const at = body.deadline === 'instant' ? world.clock.now() : undefined;
  return disputeView(raiseDispute(world, payment, { amount: Number(body.amount), ...(at && { due: at }) }));
}

/** A customer goes to their bank; of a card it has the money from now on. */
export function raiseDispute(
  world: World,
  payment: Payment,
  { amount, due }: { readonly amount?: number | undefined; readonly due?: Temporal.Instant },
): Dispute {
  const { currency, amount: paid } = payment.request.order;
  const disputed = amount ?? paid;
  if (!fitsCurrency(disputed, currency) || disputed <= 0 || toMinor(disputed, currency) > toMinor(paid, currency))
    throw invalid('/body/amount', 'must be an amount of the payment');
  const now = world.clock.now();
  const dispute: Dispute = {
    id: `mi-dspt-${world.ids.uuid()}`,
    payment,
    amount: toMinor(disputed, currency),
    created: now,
    due: due ?? now.add(ANSWERED_WITHIN),
    updated: now,
    status: 'ACTION_REQUIRED',
    reason: null,
    terminal: null,
    held: 0,
  };
  world.disputes.set(dispute.id, dispute);
  if (isOfCard(dispute)) takes(world, dispute, dispute.amount);
  tell(world, dispute);
  plan(world, dispute);
  return dispute;
}

/** What nobody answers is lost. */
function plan(world: World, dispute: Dispute): void {
  const isUnanswered = () => dispute.status === 'ACTION_REQUIRED';
  world.clock.at(dispute.due.subtract(WARNED_BEFORE), () => {
    if (isUnanswered()) tell(world, dispute, 'dispute.due_date_approaching');
  });
  world.clock.at(dispute.due, () => {
    if (isUnanswered()) endDispute(world, dispute, { status: 'LOST', reason: 'EXCEEDED_DEADLINE' });
  });
}

type End = { readonly status: 'WON' | 'LOST'; readonly reason: string | null; readonly terminal?: number | undefined };

export function endDispute(world: World, dispute: Dispute, { status, reason, terminal }: End): object {
  if (dispute.status === 'WON' || dispute.status === 'LOST')
    throw new Fault(400, 'INVALID_DISPUTE_STATUS', `The dispute is ${dispute.status}.`);
  const { currency } = dispute.payment.request.order;
  const came = status === 'WON' ? 0 : terminal === undefined ? dispute.amount : toMinor(terminal, currency);
  if (came > dispute.amount) throw invalid('/body/terminal', 'must not be more than was disputed');
  dispute.status = status;
  dispute.reason = reason;
  dispute.terminal = came;
  dispute.updated = world.clock.now();
  takes(world, dispute, came);
  tell(world, dispute);
  return disputeView(dispute);
}

/** The merchant has answered, and others decide. */
export function reviewDispute(world: World, dispute: Dispute): object {
  if (dispute.status !== 'ACTION_REQUIRED')
    throw new Fault(400, 'INVALID_DISPUTE_STATUS', `The dispute is ${dispute.status}.`);
  dispute.status = 'UNDER_REVIEW';
  dispute.reason = 'CHALLENGED';
  dispute.updated = world.clock.now();
  tell(world, dispute);
  return disputeView(dispute);
}

/** `GET /v1/disputes/{id}`. */
export function getDispute(world: World, id: string): object {
  return disputeView(findDispute(world, id));
}

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  cursor: z.string().optional(),
  status: z.enum(STATUSES).optional(),
  payment_id: z.string().optional(),
  created_after: z.iso.datetime({ offset: true }).optional(),
});

/** `GET /v1/disputes`: the next page begins behind the dispute of `cursor`. */
export function listDisputes(world: World, input: unknown): object {
  const { limit, cursor, status, payment_id, created_after } = parse(ListQuery, input, 'query');
  const since = created_after === undefined ? undefined : Temporal.Instant.from(created_after);
  const all = [...world.disputes.values()].filter(
    (one) =>
      (status === undefined || one.status === status) &&
      (payment_id === undefined || one.payment.id === payment_id) &&
      (since === undefined || Temporal.Instant.compare(one.created, since) > 0),
  );
  const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
  const page = all.slice(start, start + limit);
  const isMore = start + limit < all.length;
  return { data: page.map(disputeView), pagination: { next_cursor: isMore ? (page.at(-1)?.id ?? null) : null } };
}

export function findDispute(world: World, id: string): Dispute {
  const dispute = world.disputes.get(id);
  if (dispute === undefined) throw idNotFound();
  return dispute;
}

export function disputable(world: World, paymentId: string): Payment {
  const payment = world.payments.get(paymentId);
  if (payment === undefined) throw idNotFound();
  if (payment.status !== 'SUCCEEDED') throw ineligibleStatus();
  return payment;
}

function isOfCard({ payment }: Dispute): boolean {
  return payment.request.order.channel.category === 'CARDS';
}

function takes(world: World, dispute: Dispute, held: number): void {
  const { currency } = dispute.payment.request.order;
  world.ledger.giveBack(toMajor(held - dispute.held, currency), currency);
  dispute.held = held;
}

/** The dispute stands beside the event, without an envelope (docs/xendit.md 3.3). */
function tell(world: World, dispute: Dispute, event = `dispute.${dispute.status.toLowerCase()}`): void {
  world.courier.send(event, disputeView(dispute), 'flat');
}

function disputeView(dispute: Dispute): object {
  const { payment } = dispute;
  const { order } = payment.request;
  const text = (minor: number) => toMajor(minor, order.currency).toFixed(2);
  return {
    id: dispute.id,
    channel_code: order.channel.code,
    card_brands: order.channel.category === 'CARDS' ? 'VISA' : null,
    status: dispute.status,
    status_reason: dispute.reason,
    currency: order.currency,
    amount: { initial: text(dispute.amount), terminal: dispute.terminal === null ? null : text(dispute.terminal) },
    created_at: stamp(dispute.created),
    updated_at: stamp(dispute.updated),
    due_date: stamp(dispute.due),
    note: null,
    category: { name: 'fraud', allowed_evidence: [] },
    related_disputes: [],
    payment_id: payment.id,
    reference_id: order.referenceId,
  };
}
