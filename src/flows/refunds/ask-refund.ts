import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { type Money, moneyText, parseMajor } from '../../domain/money/money.ts';
import { channelRefuses } from '../../domain/refunds/channel-refunds.ts';
import { type Choice, chosenPayment } from '../../domain/refunds/chosen-payment.ts';
import { wanted } from '../../domain/refunds/moves.ts';
import { isOpenRefund, type RefundReason, refundReference } from '../../domain/refunds/refund.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { isDisputed } from '../../infra/tables/disputes/disputes.ts';
import { lastRefundNumber, refundOf, refundsOfCharge } from '../../infra/tables/refunds/refunds.ts';
import type { NewRefund, RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { cameInFor } from './payments-of-charge.ts';
import { refundEntry } from './refund-entry.ts';

export type RefundAsked = {
  /** In the charge's currency, major units, as it was written; null: all that is left of one payment. */
  readonly amount: number | null;
  readonly reason: RefundReason;
  /** Why, for whoever reads the charge log. */
  readonly note: string;
  readonly actor: string;
};

export type Asked =
  | { readonly kind: 'asked'; readonly refund: RefundRow }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string }
  /** No amount of this currency, in words that follow the field's name. */
  | { readonly kind: 'bad_amount'; readonly message: string };

/**
 * Gives money of a charge back. The refund is written down with its entry, and sent to Xendit by the daemon; where the catalog asks for
 * a second person, once somebody else has approved it.
 */
export async function askRefund(ctx: Context, chargeId: string, asked: RefundAsked): Promise<Asked> {
  const answer = await untilApplied<Asked>(
    async () => {
      const dossier = await chargeDossier(ctx.db, bucketOf(chargeId), chargeId);
      if (dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      const made = await refundAsked(ctx, dossier, asked);
      if ('fault' in made) return { kind: 'bad_amount', message: made.fault };
      if ('refused' in made) return { kind: 'refused', detail: made.refused };
      if (!(await isApplied(ctx, made.change))) return LOST;
      const refund = await refundOf(ctx.db, made.refund.bucket, made.refund.id);
      return refund === null ? { kind: 'not_found' } : { kind: 'asked', refund };
    },
    tooOften(`Charge ${chargeId}`),
  );
  if (answer.kind === 'asked') ctx.wake();
  return answer;
}

/** The refund as it would be asked for, and nothing of it written down. */
export async function refundAsked(
  ctx: Context,
  dossier: ChargeDossier,
  asked: RefundAsked,
): Promise<Made | { readonly fault: string }> {
  const amount = amountOf(asked.amount, dossier);
  if (amount !== null && 'fault' in amount) return amount;
  return await refundOfCharge(ctx, dossier, { ...asked, amount: amount?.minor ?? null }, await ctx.clock.now());
}

function amountOf(written: number | null, { charge }: ChargeDossier): Money | { readonly fault: string } | null {
  if (written === null) return null;
  const money = parseMajor(written, charge.currency);
  if ('fault' in money) return money;
  return money.minor > 0n ? money : { fault: 'must be more than 0' };
}

/** The same in minor units. */
export type RefundWish = Omit<RefundAsked, 'amount'> & {
  readonly amount: bigint | null;
  /** Of what paid the charge, and of nothing that came in too much. */
  readonly ownOnly?: boolean;
};

type Made =
  /** `most`: less might be given back, and no more than this. */
  { readonly refused: string; readonly most?: bigint } | { readonly refund: NewRefund; readonly change: Change };

/** The refund as it would be written down, with the change that does; or why nothing is given back. */
export async function refundOfCharge(
  ctx: Context,
  dossier: ChargeDossier,
  asked: RefundWish,
  now: Temporal.Instant,
): Promise<Made> {
  const { charge, subscription } = dossier;
  const [disputed, { payments }, earlier, last] = await Promise.all([
    isDisputed(ctx.db, charge.bucket, charge.id),
    cameInFor(ctx, charge),
    refundsOfCharge(ctx.db, charge.bucket, charge.id),
    lastRefundNumber(ctx.db, subscription.bucket, subscription.id),
  ]);
  if (disputed) return { refused: DISPUTED };
  const mayGo = asked.ownOnly === true ? payments.filter(({ isTooMuch }) => !isTooMuch) : payments;
  const choice = chosenPayment(mayGo, earlier, asked.amount);
  if (choice.kind === 'too_much') return tooMuch({ minor: choice.left, currency: charge.currency });
  if (choice.kind !== 'chosen') return { refused: whyNot(choice.kind, dossier) };
  const { payment, amount } = choice;
  const paid = { minor: payment.amount, currency: charge.currency };
  const wish = { country: subscription.country, channel: payment.channel, paid, paidAt: payment.paidAt, amount };
  const fault = channelRefuses(wish, now);
  if (fault !== null) return { refused: fault };
  const left = leftOf(dossier, earlier);
  if (amount > left) return tooMuch({ minor: left, currency: charge.currency });
  const spoken = earlier.reduce((sum, one) => (isSpokenFor(one) ? sum + one.amount : sum), 0n);
  const refund = rowOf(
    ctx,
    dossier,
    { ...asked, payment, amount, number: last + 1, isLarge: isLarge(ctx, charge, spoken + amount) },
    now,
  );
  const facts = { why: asked.note, actor: asked.actor, outcome: refund.state };
  const entries = [refundEntry(ctx, dossier, refund, 'refund.requested', now, facts)];
  return { refund, change: { seen: subscription, refunds: { asked: [refund] }, entries } };
}

/** Its bank may take the same money: the customer would have it twice. */
export const DISPUTED = 'A payment of it is disputed: until that is decided its bank may take the same money.';

/** One that was withdrawn after it had left may have arrived all the same. */
function isSpokenFor({ state, sentAt }: RefundRow): boolean {
  return state === 'succeeded' || isOpenRefund(state) || (state === 'withdrawn' && sentAt !== null);
}

/** What may still be given back of all that came in; a refund that is under way is spoken for. */
function leftOf({ charge }: ChargeDossier, earlier: readonly RefundRow[]): bigint {
  const open = earlier.reduce((sum, { state, amount }) => (isOpenRefund(state) ? sum + amount : sum), 0n);
  return charge.collected + charge.overpaid - charge.refunded - charge.chargedBack - open;
}

/** Whether all refunds of the charge together need a second person: several small ones are no way around it. */
function isLarge(ctx: Context, { currency }: ChargeDossier['charge'], total: bigint): boolean {
  const limit = ctx.catalog.current.defaults.fourEyes[currency];
  return limit !== undefined && total > limit;
}

type Row = RefundWish & {
  readonly payment: Extract<Choice, { kind: 'chosen' }>['payment'];
  readonly amount: bigint;
  readonly number: number;
  readonly isLarge: boolean;
};

function rowOf(ctx: Context, { charge, subscription }: ChargeDossier, row: Row, now: Temporal.Instant): NewRefund {
  const { payment, amount, number, reason, note, actor, isLarge: needsApproval } = row;
  const referenceId = refundReference(subscription.id, number);
  const { paymentRequestId, paymentId, channel } = payment;
  const money: Money = { minor: amount, currency: charge.currency };
  const metadata = { subscription_id: subscription.id, charge_id: charge.id };
  return {
    bucket: charge.bucket,
    id: ctx.newId(charge.bucket),
    customerId: charge.customerId,
    account: charge.account,
    subscriptionId: subscription.id,
    chargeId: charge.id,
    number,
    origin: 'dueday',
    referenceId,
    amount,
    currency: charge.currency,
    paymentRequestId,
    paymentId,
    channel,
    reason,
    note,
    request: ctx.gateway.describeRefund({ referenceId, paymentRequestId, amount: money, reason, metadata }),
    askedBy: actor,
    askedAt: now,
    ...wanted({ by: actor, at: now, needsApproval }),
  };
}

function whyNot(kind: Exclude<Choice['kind'], 'chosen' | 'too_much'>, { charge }: ChargeDossier): string {
  switch (kind) {
    case 'nothing_came':
      return `The charge is ${charge.status}, and Xendit collected nothing for it: there is nothing to give back.`;
    case 'under_way':
      return 'A refund of its payment is under way, and Xendit takes one at a time: wait for its end, or withdraw it.';
    case 'unnamed':
      return "Xendit never told which request the payment is of: give it back in Xendit's dashboard, and dueday will see it.";
  }
}

function tooMuch(left: Money): { readonly refused: string; readonly most?: bigint } {
  return left.minor <= 0n
    ? { refused: 'All that was collected has been given back.' }
    : { refused: `amount must be at most ${moneyText(left)}: that is left of the payment.`, most: left.minor };
}
