import type { Context } from '../../../context.ts';
import type { SubscriptionStatus } from '../../../domain/subscriptions/subscription.ts';
import {
  type SubscriptionFilter,
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
import { LAST } from './charge-list.ts';

export type SubscriptionList = {
  readonly lines: readonly SubscriptionLine[];
  /** Of each currency and status that the other filters leave; the list's own are among them. */
  readonly totals: readonly SubscriptionsTotal[];
  /** How many the list has, and the number of its first row here. */
  readonly count: number;
  readonly place: number;
  /** Links to the pages beside it; null: there is none. */
  readonly next: string | null;
  readonly previous: string | null;
};

/** A place in the list, as a link of it says; both null: its beginning. */
export type ListPlace = { readonly after: string | null; readonly before: string | null };

const ROWS = 50;
const NOBODY: SubscriptionList = { lines: [], totals: [], count: 0, place: 1, next: null, previous: null };

/** One page of subscriptions, newest first, with how many there are of each status, as of one moment. Throws CursorFault for a place that is none of ours. */
export async function subscriptionList(
  ctx: Context,
  { status, ...others }: SubscriptionsAsked,
  at: ListPlace,
  now: Temporal.Instant,
): Promise<SubscriptionList> {
  const filter = await subscriptionsMeant(ctx, others);
  if (filter === null) return NOBODY;
  const totals = (await subscriptionTotals(ctx.db, filter)).map(totalView);
  const count = countOf(totals, status ?? null);
  const { dossiers, place, isMore } = await pageOf(ctx, { ...filter, status }, at, count);
  const [first, last] = [dossiers[0]?.subscription, dossiers.at(-1)?.subscription];
  return {
    lines: await linesOf(ctx, dossiers, now),
    totals,
    count,
    place,
    next: isMore && last !== undefined ? cursorAt(last, place + dossiers.length) : null,
    previous: place > 1 && first !== undefined ? cursorAt(first, place) : null,
  };
}

/** How many stand so; null: all of them. */
export function countOf(totals: readonly SubscriptionsTotal[], status: SubscriptionStatus | null): number {
  return totals.reduce((sum, one) => sum + (status === null || one.status === status ? one.count : 0), 0);
}

type ReadPage = { readonly dossiers: readonly SubscriptionDossier[]; readonly place: number; readonly isMore: boolean };

/** What lies before a place is read backwards, in the other order, and turned. */
async function pageOf(
  ctx: Context,
  filter: SubscriptionFilter,
  { after, before }: ListPlace,
  count: number,
): Promise<ReadPage> {
  if (before === null) {
    const from = readCursor(after, ['createdAt', 'id', 'seq'] as const);
    const read = await subscriptionPage(ctx.db, filter, from, ROWS + 1);
    return { dossiers: read.slice(0, ROWS), place: Number(from?.seq ?? 1), isMore: read.length > ROWS };
  }
  const until = before === LAST ? null : readCursor(before, ['createdAt', 'id', 'seq'] as const);
  const rows = until === null ? count % ROWS || ROWS : ROWS;
  const read = await subscriptionPage(ctx.db, filter, until, rows, 'oldest');
  const end = until === null ? count + 1 : Number(until.seq);
  return { dossiers: read.toReversed(), place: Math.max(1, end - read.length), isMore: until !== null };
}

function cursorAt(subscription: SubscriptionDossier['subscription'], place: number): string {
  return writeCursor({ ...positionOf(subscription), seq: String(place) });
}
