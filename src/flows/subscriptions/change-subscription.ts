import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { may, statesFor, type Transition } from '../../domain/subscriptions/subscription.ts';
import { applyChanges, type Change } from '../../infra/tables/change/changes.ts';
import { type SubscriptionBook, subscriptionBook } from '../../infra/tables/subscriptions/subscriptions.ts';
import { isOverdue, openOverdue } from '../due-date/open-charges.ts';

export type Changed =
  | { readonly kind: 'changed'; readonly book: SubscriptionBook }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string };

const UNOPENED =
  'A cycle of the subscription has fallen due and cannot be opened now (see the log): it would lack its row. Try again.';

/** A change is decided again when another one came first; more often than this in a row is a bug. */
const MOST_ROUNDS = 20;

/**
 * Changes one subscription: reads it, lets `decide` say what becomes of it, and writes that on the condition that
 * nothing else happened meanwhile. `decide` answers null when there is nothing to do.
 */
export async function changeSubscription(
  ctx: Context,
  id: string,
  transition: Transition,
  decide: (book: SubscriptionBook, now: Temporal.Instant) => Promise<Change | null>,
): Promise<Changed> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const now = await ctx.clock.now();
    const book = await subscriptionBook(ctx.db, bucketOf(id), id);
    if (book === null) return { kind: 'not_found' };
    if (await openOverdue(ctx, [book], now)) continue;
    if (isOverdue(book.subscription, now)) return { kind: 'refused', detail: UNOPENED };
    const status = book.subscription.status;
    if (!may(transition, status)) {
      return {
        kind: 'refused',
        detail: `The subscription is ${status}; this needs one of: ${statesFor(transition).join(', ')}.`,
      };
    }
    const change = await decide(book, now);
    if (change === null) return { kind: 'changed', book };
    if ((await applyChanges(ctx.db, ctx.buckets, [change])).size > 0) return await changed(ctx, id);
  }
  throw new Error(`Subscription ${id} changed under our hands ${MOST_ROUNDS} times in a row.`);
}

async function changed(ctx: Context, id: string): Promise<Changed> {
  const book = await subscriptionBook(ctx.db, bucketOf(id), id);
  ctx.wake();
  return book === null ? { kind: 'not_found' } : { kind: 'changed', book };
}
