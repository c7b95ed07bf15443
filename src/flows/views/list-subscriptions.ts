import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { standingSince } from '../../domain/subscriptions/standing-since.ts';
import { chargeDossier } from '../../infra/tables/charges/charges.ts';
import {
  type SubscriptionFilter,
  type SubscriptionTotal,
  subscriptionCount,
  subscriptionPage,
  subscriptionTotals,
} from '../../infra/tables/subscriptions/subscription-list.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { endView } from './list-methods.ts';
import { find } from './lists/find.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from './named.ts';
import { major, type SubscriptionView, subscriptionViews } from './subscription-view.ts';

export type SubscriptionsAsked = Omit<SubscriptionFilter, 'ids'> & {
  /** Whatever somebody holds of it: a reference, an id, a payment at Xendit. */
  readonly find?: string | undefined;
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
  asked: SubscriptionsAsked,
  cursor: string | null,
  limit: number,
): Promise<SubscriptionsPage> {
  const now = await ctx.clock.now();
  const after = readCursor(cursor, ['createdAt', 'id'] as const);
  const filter = await subscriptionsMeant(ctx, asked);
  if (filter === null) return { data: [], next_cursor: null, totals: [] };
  const [dossiers, totals] = await Promise.all([
    subscriptionPage(ctx.db, filter, after, limit + 1),
    subscriptionTotals(ctx.db, filter, null),
  ]);
  const shown = dossiers.slice(0, limit);
  const last = shown.at(-1)?.subscription;
  const more = dossiers.length > limit && last !== undefined;
  return {
    data: await subscriptionViews(ctx, shown, now),
    next_cursor: more ? writeCursor(positionOf(last)) : null,
    totals: totals.map(totalView),
  };
}

export function positionOf({ createdAt, id }: SubscriptionDossier['subscription']) {
  return { createdAt: createdAt.toString(), id };
}

/** What a list is narrowed to. Null: what was asked for names nothing that there is. */
export async function subscriptionsMeant(
  ctx: Context,
  { reference, customer, find: held, ...narrowing }: SubscriptionsAsked,
): Promise<SubscriptionFilter | null> {
  const ids = await idsAsked([
    reference === undefined ? null : subscriptionsNamed(ctx, `ref:${reference}`),
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
    held === undefined ? null : subscriptionsFound(ctx, held),
  ]);
  return ids?.length === 0 ? null : { ...narrowing, ids };
}

/** Those that a text names, or whose charges it names. */
async function subscriptionsFound(ctx: Context, held: string): Promise<readonly string[]> {
  const { charges, subscriptions } = await find(ctx, held);
  const dossiers = await Promise.all(charges.map((id) => chargeDossier(ctx.db, bucketOf(id), id)));
  return [...subscriptions, ...dossiers.flatMap((one) => (one === null ? [] : [one.subscription.id]))];
}

/** A subscription as a list and its file have it. */
export type SubscriptionLine = {
  readonly subscription: SubscriptionView;
  /** Since when it stands as it stands; null where nobody wrote it down. */
  readonly since: string | null;
  /** Its charges that were declined and are neither paid nor given up. */
  readonly inDunning: number;
  /** The last day on which its method may be counted on. */
  readonly methodEndsOn: string | null;
};

/** Each as a line of a list, in their order. */
export async function linesOf(
  ctx: Context,
  dossiers: readonly SubscriptionDossier[],
  now: Temporal.Instant,
): Promise<readonly SubscriptionLine[]> {
  const views = await subscriptionViews(ctx, dossiers, now);
  return views.flatMap((subscription, index) => {
    const dossier = dossiers[index];
    if (dossier === undefined) return [];
    const { subscription: row, token } = dossier;
    return [
      {
        subscription,
        since: standingSince(row)?.toString() ?? null,
        inDunning: row.inDunning,
        methodEndsOn: token === null ? null : endView(token, row).ends_on,
      },
    ];
  });
}

/** Small, so that what is read is garbage before it is old. */
const PAGE = 250;

/** All subscriptions of a filter, a page at a time. */
export async function* subscriptionLines(
  ctx: Context,
  asked: SubscriptionsAsked,
): AsyncGenerator<readonly SubscriptionLine[]> {
  const now = await ctx.clock.now();
  const filter = await subscriptionsMeant(ctx, asked);
  let after: { readonly createdAt: string; readonly id: string } | null = null;
  while (filter !== null) {
    const dossiers: readonly SubscriptionDossier[] = await subscriptionPage(ctx.db, filter, after, PAGE);
    yield await linesOf(ctx, dossiers, now);
    const end = dossiers.at(-1)?.subscription;
    if (end === undefined || dossiers.length < PAGE) return;
    after = positionOf(end);
  }
}

/** How many subscriptions a filter has, counted no further than `most` + 1. */
export async function countSubscriptions(ctx: Context, asked: SubscriptionsAsked, most: number): Promise<number> {
  const filter = await subscriptionsMeant(ctx, asked);
  return filter === null ? 0 : await subscriptionCount(ctx.db, filter, most);
}

export function totalView({ currency, status, count, amount }: SubscriptionTotal) {
  return { currency, status, count, amount: major(BigInt(amount), currency) };
}

/** One subscription; null when nobody has it. */
export async function showSubscription(ctx: Context, id: string): Promise<SubscriptionView | null> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const [view] = await subscriptionViews(ctx, [dossier], await ctx.clock.now());
  return view ?? null;
}
