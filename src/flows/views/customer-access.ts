import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { Access } from '../../domain/subscriptions/access.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';
import { accessNow, accessView } from './access-view.ts';
import { subscriptionsOfCustomer } from './named.ts';

type Judged = { readonly dossier: SubscriptionDossier; readonly access: Access };

/**
 * Whether a customer is let in, by the subscription that lets them in longest; by the newest where none does. Null: nobody knows
 * this customer.
 */
export async function customerAccess(ctx: Context, customer: string) {
  const now = await ctx.clock.now();
  const ids = await subscriptionsOfCustomer(ctx, customer);
  const dossiers = await Promise.all(ids.map((id) => subscriptionDossier(ctx.db, bucketOf(id), id)));
  const theirs = dossiers.filter((dossier) => dossier !== null);
  const unpaid = await unpaidCycles(
    ctx,
    theirs.map(({ subscription }) => subscription),
  );
  const judged = await Promise.all(
    theirs.map(async (dossier): Promise<Judged> => {
      const { subscription } = dossier;
      return { dossier, access: await accessNow(ctx, subscription, unpaid.get(subscription.id) ?? 0, now) };
    }),
  );
  const [best] = judged.toSorted(byAccess);
  return best === undefined ? null : shown(best);
}

function byAccess(one: Judged, other: Judged): number {
  const open = Number(other.access.allowed) - Number(one.access.allowed);
  if (open !== 0) return open;
  return (one.access.allowed ? longer(one, other) : 0) || newer(one, other);
}

function longer({ access: one }: Judged, { access: other }: Judged): number {
  if (one.until === null || other.until === null) return Number(one.until !== null) - Number(other.until !== null);
  return Temporal.Instant.compare(other.until, one.until);
}

function newer({ dossier: one }: Judged, { dossier: other }: Judged): number {
  return Temporal.Instant.compare(other.subscription.createdAt, one.subscription.createdAt);
}

function shown({ dossier: { subscription }, access }: Judged) {
  const { allowed, until, why } = accessView(access);
  return {
    allowed,
    state: subscription.status,
    until,
    past_due_since: subscription.pastDueSince?.toString() ?? null,
    plan: subscription.plan,
    quantity: subscription.quantity,
    why,
    subscription: subscription.id,
  };
}
