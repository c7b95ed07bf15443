import type { Context } from '../../context.ts';
import { owing } from '../../domain/subscriptions/moves.ts';
import {
  type DecidedCharge,
  decidedOf,
  newestDecided,
  type Owed,
} from '../../domain/subscriptions/subscription-status.ts';
import { trialOf } from '../../domain/subscriptions/trial.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { newestDecidedCharge } from '../../infra/tables/subscriptions/cycles.ts';

type Changed = readonly Pick<ChargeRow, 'cycle' | 'status' | 'byHand'>[];

/** The subscription once these charges of it are as they will be, so many of which are in dunning then. */
export async function owingAfter(
  ctx: Context,
  subscription: SubscriptionRow,
  inDunning: number,
  changed: Changed,
  now: Temporal.Instant,
): Promise<SubscriptionRow> {
  // What is decided about it outranks what it owes, so that need not be read.
  if (decidedOf(subscription.status) !== null) return { ...subscription, inDunning };
  const { owed, onTrial } = await owedAfter(ctx, subscription, inDunning, changed);
  return owing(subscription, owed, onTrial, now);
}

/** What it owes then, its other charges included, which are read; and whether its trial goes on. */
export async function owedAfter(
  ctx: Context,
  subscription: SubscriptionRow,
  inDunning: number,
  changed: Changed,
): Promise<{ readonly owed: Owed; readonly onTrial: boolean }> {
  const cycles = changed.filter((charge): charge is DecidedCharge => charge.cycle !== null);
  const other = await newestDecidedCharge(ctx.db, subscription, { butFor: cycles.map(({ cycle }) => cycle) });
  const newest = newestDecided(other === null ? cycles : [other, ...cycles]);
  return { owed: { inDunning, newest }, onTrial: await isOnTrial(ctx, subscription) };
}

/**
 * Its plan has a trial, and cycle 0 did not fall due yet: a pause takes no trial away. One that is active is on none: its customer
 * came later than the trial would have ended, or the trial is over.
 */
async function isOnTrial(ctx: Context, subscription: SubscriptionRow): Promise<boolean> {
  const { status, nextCycle, catalogVersion, plan, trial } = subscription;
  if (nextCycle > 0 || status === 'active') return false;
  return trialOf(trial, (await ctx.catalog.version(catalogVersion)).plans.get(plan)?.trial ?? null) !== null;
}
