import type { Context } from '../../context.ts';
import type { SubscriptionStatus } from '../../domain/subscription.ts';
import type { SubscriptionRow } from '../../infra/postgres/change-columns.ts';
import { openChargesOf } from '../../infra/postgres/charges.ts';
import { record } from '../record.ts';
import { type Changed, changeSubscription } from './change-subscription.ts';

/** Pauses a subscription: no attempt starts after this commit; cycles that fall due meanwhile are void, with their row. */
export async function pauseSubscription(ctx: Context, id: string, actor: string): Promise<Changed> {
  return await changeSubscription(ctx, id, 'pause', async (book, now) => {
    const { subscription } = book;
    const open = await openChargesOf(ctx.db, subscription.id);
    const due = open.filter((charge) => charge.status === 'due');
    return {
      seen: subscription,
      subscription: { status: 'paused' },
      charges: due.map((charge) => ({
        ...charge,
        nextAttemptAt: null,
        waitsUntil: null,
        note: 'the subscription is paused',
      })),
      entries: [record(ctx.newId(subscription.bucket), now, 'subscription.paused', book, { actor })],
    };
  });
}

/** Resumes a paused subscription: charges that were left alone are due again at once, cycles go on from the anchor. */
export async function resumeSubscription(ctx: Context, id: string, actor: string): Promise<Changed> {
  return await changeSubscription(ctx, id, 'resume', async (book, now) => {
    const { subscription } = book;
    const open = await openChargesOf(ctx.db, subscription.id);
    const due = open.filter((charge) => charge.status === 'due');
    const status = await resumedStatus(ctx, subscription);
    const write = (what: 'resumed' | 'ended') =>
      record(ctx.newId(subscription.bucket), now, `subscription.${what}`, book, { actor });
    return {
      seen: subscription,
      subscription: { status, ...(status === 'ended' && { endedAt: now }) },
      charges: due.map((charge) => ({
        ...charge,
        nextAttemptAt: now,
        waitsUntil: null,
        note: 'the subscription was resumed',
      })),
      entries: status === 'ended' ? [write('resumed'), write('ended')] : [write('resumed')],
    };
  });
}

/** One without a next cycle went through all of them while it was paused: what it still owes is all that is left. */
async function resumedStatus(ctx: Context, subscription: SubscriptionRow): Promise<SubscriptionStatus> {
  if (subscription.nextCycleAt === null) return 'ended';
  if (subscription.inDunning > 0) return 'past_due';
  return (await isOnTrial(ctx, subscription)) ? 'trialing' : 'active';
}

/** Its plan has a trial, and cycle 0 did not fall due while it was paused: a pause takes no trial away. */
async function isOnTrial(ctx: Context, { nextCycle, catalogVersion, plan }: SubscriptionRow): Promise<boolean> {
  if (nextCycle > 0) return false;
  const trial = (await ctx.catalog.version(catalogVersion)).plans.get(plan)?.trial ?? null;
  return trial !== null;
}
