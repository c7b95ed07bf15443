import type { Context } from '../../../context.ts';
import { showSubscription } from '../list-subscriptions.ts';
import type { SubscriptionView } from '../subscription-view.ts';
import { listUpcoming, type UpcomingView } from '../upcoming.ts';
import { type ChargeList, chargeList } from './charge-list.ts';

export type SubscriptionPage = {
  readonly subscription: SubscriptionView;
  /** Its newest charges, and how many there are. */
  readonly charges: ChargeList;
  readonly upcoming: readonly UpcomingView[];
};

const COMING = 5;

/** A subscription with its charges and those to come; null when nobody has it. */
export async function subscriptionPage(
  ctx: Context,
  id: string,
  now: Temporal.Instant,
): Promise<SubscriptionPage | null> {
  const subscription = await showSubscription(ctx, id);
  if (subscription === null) return null;
  const [charges, upcoming] = await Promise.all([
    chargeList(
      ctx,
      { subscription: id, sort: '-due_at' },
      { after: null, before: null, rows: 50, isCounted: true },
      now,
    ),
    listUpcoming(ctx, id, COMING),
  ]);
  return { subscription, charges, upcoming: upcoming ?? [] };
}
