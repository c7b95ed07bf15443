import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { SubscriptionStatus } from '../../domain/subscriptions/subscription.ts';
import {
  type SubscriptionTotal,
  subscriptionPage,
  subscriptionTotals,
} from '../../infra/tables/subscriptions/subscription-list.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from './named.ts';
import { major, type SubscriptionView, subscriptionViews } from './subscription-view.ts';

export type SubscriptionsAsked = {
  readonly status?: SubscriptionStatus | undefined;
  readonly plan?: string | undefined;
  /** The product's reference of one. */
  readonly reference?: string | undefined;
  /** Our id, the product's reference, or Xendit's id of the customer. */
  readonly customer?: string | undefined;
};

/** What a whole list comes to; major units. */
export type SubscriptionsTotal = ReturnType<typeof totalView>;
export type SubscriptionsPage = Page<SubscriptionView> & { readonly totals: readonly SubscriptionsTotal[] };

/** A page of subscriptions, newest first, and what the whole list comes to. Throws CursorFault for a cursor that we never gave. */
export async function listSubscriptions(
  ctx: Context,
  { status, plan, reference, customer }: SubscriptionsAsked,
  cursor: string | null,
  limit: number,
): Promise<SubscriptionsPage> {
  const now = await ctx.clock.now();
  const after = readCursor(cursor, ['createdAt', 'id'] as const);
  const ids = await idsAsked([
    reference === undefined ? null : subscriptionsNamed(ctx, `ref:${reference}`),
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
  ]);
  if (ids?.length === 0) return { data: [], next_cursor: null, totals: [] };
  const filter = { status, plan, ids };
  const [dossiers, totals] = await Promise.all([
    subscriptionPage(ctx.db, filter, after, limit + 1),
    subscriptionTotals(ctx.db, filter),
  ]);
  const shown = dossiers.slice(0, limit);
  const last = shown.at(-1)?.subscription;
  const more = dossiers.length > limit && last !== undefined;
  return {
    data: await subscriptionViews(ctx, shown, now),
    next_cursor: more ? writeCursor({ createdAt: last.createdAt.toString(), id: last.id }) : null,
    totals: totals.map(totalView),
  };
}

function totalView({ currency, status, count, amount }: SubscriptionTotal) {
  return { currency, status, count, amount: major(BigInt(amount), currency) };
}

/** One subscription; null when nobody has it. */
export async function showSubscription(ctx: Context, id: string): Promise<SubscriptionView | null> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const [view] = await subscriptionViews(ctx, [dossier], await ctx.clock.now());
  return view ?? null;
}
