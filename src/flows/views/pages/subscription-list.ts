import type { Context } from '../../../context.ts';
import type { SubscriptionStatus } from '../../../domain/subscriptions/subscription.ts';
import {
  isNarrowed,
  subscriptionCount,
  subscriptionPage,
  subscriptionTotals,
} from '../../../infra/tables/subscriptions/subscription-list.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import {
  linesOf,
  positionOf,
  type SubscriptionLine,
  type SubscriptionsAsked,
  type SubscriptionsTotal,
  subscriptionsMeant,
  totalView,
} from '../list-subscriptions.ts';
import { counted, NO_ROWS, type Part, type PlacedRows, placedRows, type Uncounted } from './list-part.ts';

export type SubscriptionList = Omit<PlacedRows<SubscriptionLine>, 'rows'> & {
  readonly lines: readonly SubscriptionLine[];
  /** Of each currency and status that the other filters leave; the list's own are among them. Null: not counted. */
  readonly totals: readonly SubscriptionsTotal[] | null;
  readonly uncounted: Uncounted | null;
  /** How many the list has; null: not counted. */
  readonly count: number | null;
};

/** One page of subscriptions, newest first, with how many there are of each status, as of one moment. Throws CursorFault for a place that is none of ours. */
export async function subscriptionList(
  ctx: Context,
  { status, ...others }: SubscriptionsAsked,
  part: Part,
  now: Temporal.Instant,
): Promise<SubscriptionList> {
  const filter = await subscriptionsMeant(ctx, others);
  if (filter === null) {
    const { rows: lines, ...beside } = NO_ROWS;
    return { ...beside, lines, totals: [], uncounted: null, count: 0 };
  }
  const { totals: sums, uncounted } = await counted(ctx.db, part, {
    totals: (db, most) => subscriptionTotals(db, filter, most),
    rows: isNarrowed(filter) ? null : (db, most) => subscriptionCount(db, filter, most),
  });
  const totals = sums?.map(totalView) ?? null;
  const count = totals === null ? null : countOf(totals, status ?? null);
  const { rows, ...beside } = await placedRows<SubscriptionDossier>(part, count, {
    read: (at, limit, isBackward) =>
      subscriptionPage(ctx.db, { ...filter, status }, placeRead(at), limit, isBackward ? 'oldest' : 'newest'),
    link: ({ subscription }, number) => writeCursor({ ...positionOf(subscription), seq: String(number ?? 0) }),
    numberIn: (link) => Number(placeRead(link)?.seq ?? 0) || null,
  });
  return { ...beside, lines: await linesOf(ctx, rows, now), totals, uncounted, count };
}

/** How many stand so; null: all of them. */
export function countOf(totals: readonly SubscriptionsTotal[], status: SubscriptionStatus | null): number {
  return totals.reduce((sum, one) => sum + (status === null || one.status === status ? one.count : 0), 0);
}

function placeRead(cursor: string | null) {
  return readCursor(cursor, ['createdAt', 'id', 'seq'] as const);
}
