import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { subscriptionBook, subscriptionPage } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from './named.ts';
import { subscriptionView, upcomingView } from './subscription-view.ts';

export type SubscriptionView = Awaited<ReturnType<typeof subscriptionView>>;

export type SubscriptionsAsked = {
  readonly status?: string | undefined;
  readonly plan?: string | undefined;
  /** The product's reference of one. */
  readonly reference?: string | undefined;
  /** Our id, the product's reference, or Xendit's id of the customer. */
  readonly customer?: string | undefined;
};

/** A page of subscriptions, newest first. Throws CursorFault for a cursor that we never gave. */
export async function listSubscriptions(
  ctx: Context,
  { status, plan, reference, customer }: SubscriptionsAsked,
  cursor: string | null,
  limit: number,
): Promise<Page<SubscriptionView>> {
  const now = await ctx.clock.now();
  const after = readCursor(cursor, ['createdAt', 'id'] as const);
  const ids = await idsAsked([
    reference === undefined ? null : subscriptionsNamed(ctx, `ref:${reference}`),
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
  ]);
  const books = ids?.length === 0 ? [] : await subscriptionPage(ctx.db, { status, plan, ids }, after, limit + 1);
  const shown = books.slice(0, limit);
  const last = shown.at(-1)?.subscription;
  const more = books.length > limit && last !== undefined;
  return {
    data: await Promise.all(shown.map((book) => subscriptionView(ctx, book, now))),
    next_cursor: more ? writeCursor({ createdAt: last.createdAt.toString(), id: last.id }) : null,
  };
}

/** One subscription; null when nobody has it. */
export async function showSubscription(ctx: Context, id: string): Promise<SubscriptionView | null> {
  const book = await subscriptionBook(ctx.db, bucketOf(id), id);
  return book === null ? null : await subscriptionView(ctx, book, await ctx.clock.now());
}

/** The next charges of a subscription; null when nobody has it. */
export async function listUpcoming(
  ctx: Context,
  id: string,
  count: number,
): Promise<ReturnType<typeof upcomingView> | null> {
  const book = await subscriptionBook(ctx.db, bucketOf(id), id);
  return book === null ? null : upcomingView(book, count);
}
