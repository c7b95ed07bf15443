import type { Context } from '../../context.ts';
import type { SubscriptionStatus } from '../../domain/subscriptions/subscription.ts';
import {
  decidedOf,
  newestDecided,
  type StatusFacts,
  statusOf,
} from '../../domain/subscriptions/subscription-status.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { newestDecidedCharge } from '../../infra/tables/subscriptions/cycles.ts';

/**
 * The status that a subscription has once these charges of it are as they will be. Its other charges are read.
 * @param decided what somebody decides about it with the same change; as it was, unless said.
 */
export async function statusAfter(
  ctx: Context,
  subscription: SubscriptionRow,
  changed: readonly Pick<ChargeRow, 'cycle' | 'status'>[],
  decided: StatusFacts['decided'] = decidedOf(subscription.status),
): Promise<SubscriptionStatus> {
  if (decided !== null) return decided;
  const butFor = changed.map(({ cycle }) => cycle);
  const other = await newestDecidedCharge(ctx.db, subscription, { butFor });
  const those = changed.map(({ cycle, status }) => ({ cycle, status: status }));
  const newest = newestDecided(other === null ? those : [other, ...those]);
  const onTrial = await isOnTrial(ctx, subscription);
  return statusOf({ decided: null, onTrial, owed: { inDunning: subscription.inDunning, newest } });
}

/** Its plan has a trial, and cycle 0 did not fall due yet: a pause takes no trial away. */
async function isOnTrial(ctx: Context, { nextCycle, catalogVersion, plan }: SubscriptionRow): Promise<boolean> {
  if (nextCycle > 0) return false;
  const trial = (await ctx.catalog.version(catalogVersion)).plans.get(plan)?.trial ?? null;
  return trial !== null;
}
