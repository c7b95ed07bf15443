import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import { type ChargeDossier, chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { refundsOfCharge } from '../../../infra/tables/refunds/refunds.ts';
import { newestPaidCharge } from '../../../infra/tables/subscriptions/cycles.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { laterOf } from '../../../infra/tables/subscriptions/terms.ts';
import { refundOfCharge } from '../../refunds/ask-refund.ts';
import { refundableOnCancel } from './refundable.ts';

/** What is to be given back with a cancellation, and who says so. */
type WantedBack = {
  readonly refund?: 'none' | 'unused' | 'last' | undefined;
  readonly reason: string | null;
  readonly actor: string;
};

/**
 * The cancellation with the refund that was asked for with it, in one change: neither is without the other. Nothing is given back where
 * nothing is left to give; where the payment cannot be given back, nothing is canceled either.
 */
export async function withRefund(
  ctx: Context,
  { subscription }: SubscriptionDossier,
  change: Change,
  { refund = 'none', reason, actor }: WantedBack,
  { at, now }: { readonly at: Temporal.Instant; readonly now: Temporal.Instant },
): Promise<Change | { readonly refused: string }> {
  if (refund === 'none') return change;
  const [last, agreed] = await Promise.all([newestPaidCharge(ctx.db, subscription), laterOf(ctx.db, [subscription])]);
  const terms = agreed.get(subscription.id)?.terms ?? [];
  const { paid, unused } = refundableOnCancel(subscription, last, terms, at);
  const amount = refund === 'last' ? paid : unused.amount;
  const dossier = last === null || amount === 0n ? null : await chargeDossier(ctx.db, bucketOf(last.id), last.id);
  if (dossier === null || (await isAskedAlready(ctx, dossier))) return change;
  const note = `canceled, ${refund === 'last' ? 'the last payment' : `${unused.days} of ${unused.ofDays} days not used`}`;
  const wish = {
    amount,
    reason: 'CANCELLATION',
    note: reason === null ? note : `${note}: ${reason}`,
    actor,
    ownOnly: true,
  } as const;
  const made = await refundOfCharge(ctx, dossier, wish, now);
  if ('refused' in made) return { refused: `${made.refused} Nothing was canceled: cancel with refund none.` };
  const { refunds, entries } = made.change;
  return { ...change, ...(refunds !== undefined && { refunds }), entries: [...change.entries, ...entries] };
}

/** A cancellation gives back once, however often it is asked for. */
async function isAskedAlready(ctx: Context, { charge }: ChargeDossier): Promise<boolean> {
  const before = await refundsOfCharge(ctx.db, charge.bucket, charge.id);
  return before.some(({ reason, state }) => reason === 'CANCELLATION' && state !== 'failed' && state !== 'withdrawn');
}
