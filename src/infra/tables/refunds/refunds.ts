import { and, asc, desc, eq, sql as fragment, gte, inArray, isNull, lt, lte, max, or } from 'drizzle-orm';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Currency } from '../../../domain/money/money.ts';
import type { RefundState } from '../../../domain/refunds/refund.ts';
import { anyOf, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type RefundChanged, type RefundRow, refundChanges } from '../schema/refunds/refund-columns.ts';
import { refunds } from '../schema/refunds/refunds.ts';

/** One refund; null when nobody has it. */
export async function refundOf(db: Database, bucket: number, id: string): Promise<RefundRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(refunds)
    .where(and(eq(refunds.bucket, bucket), eq(refunds.id, id)))
    .limit(1);
  return row ?? null;
}

/** These refunds, the newest first; one that nobody has is missing. */
export async function refundsNamed(db: Database, ids: readonly string[]): Promise<readonly RefundRow[]> {
  if (ids.length === 0) return [];
  return await db.drizzle
    .select()
    .from(refunds)
    .where(and(anyOf('refunds', 'id', ids)))
    .orderBy(desc(refunds.askedAt), desc(refunds.id));
}

/** The refund that Xendit knows under this reference of ours. */
export async function refundNamed(db: Database, bucket: number, referenceId: string): Promise<RefundRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(refunds)
    .where(and(eq(refunds.bucket, bucket), eq(refunds.referenceId, referenceId)))
    .limit(1);
  return row ?? null;
}

/** The refunds that Xendit knows by these ids, whoever asked for them. */
export async function refundsKnownAs(db: Database, refundIds: readonly string[]): Promise<readonly RefundRow[]> {
  if (refundIds.length === 0) return [];
  return await db.drizzle
    .select()
    .from(refunds)
    .where(inArray(refunds.refundId, [...refundIds]));
}

/** What was given back of a charge, or was to be, oldest first. */
export async function refundsOfCharge(db: Database, bucket: number, chargeId: string): Promise<readonly RefundRow[]> {
  return await db.drizzle
    .select()
    .from(refunds)
    .where(and(eq(refunds.bucket, bucket), eq(refunds.chargeId, chargeId)))
    .orderBy(asc(refunds.askedAt), asc(refunds.id));
}

/** The greatest number that a refund of the subscription has; 0 of none. */
export async function lastRefundNumber(db: Database, bucket: number, subscriptionId: string): Promise<number> {
  const [row] = await db.drizzle
    .select({ number: max(refunds.number) })
    .from(refunds)
    .where(and(eq(refunds.bucket, bucket), eq(refunds.subscriptionId, subscriptionId)));
  return row?.number ?? 0;
}

/** Refunds in one of these states whose time has come, the longest overdue first. */
export async function refundsDue(
  db: Database,
  buckets: readonly number[],
  states: readonly RefundState[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly RefundRow[]> {
  return await db.drizzle
    .select()
    .from(refunds)
    .where(and(within('refunds', buckets), inArray(refunds.state, [...states]), lte(refunds.nextAt, now)))
    .orderBy(asc(refunds.nextAt), asc(refunds.id))
    .limit(limit);
}

/**
 * Puts the next look at a refund off, for whoever looks at it now; false where somebody else did, or it has moved on. Safe to lose: it is
 * looked at again then.
 */
export async function takeRefund(db: Database, seen: RefundRow, until: Temporal.Instant): Promise<boolean> {
  return await writtenOver(db, seen, { nextAt: until });
}

/** Writes what does not end a refund; false where it has moved on since it was seen. */
export async function keepRefund(db: Database, seen: RefundRow, after: RefundChanged): Promise<boolean> {
  return await writtenOver(db, seen, Object.fromEntries(refundChanges.map((key) => [key, after[key]])));
}

async function writtenOver(db: Database, seen: RefundRow, change: Partial<RefundRow>): Promise<boolean> {
  const rows = await db.drizzle
    .update(refunds)
    .set(change)
    .where(
      and(
        eq(refunds.bucket, seen.bucket),
        eq(refunds.id, seen.id),
        eq(refunds.state, seen.state),
        seen.nextAt === null ? undefined : eq(refunds.nextAt, seen.nextAt),
      ),
    )
    .returning({ id: refunds.id });
  return rows.length > 0;
}

export type RefundFilter = {
  readonly state?: RefundState | undefined;
  readonly chargeId?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly currency?: Currency | undefined;
  /** Asked for from then on, and before then. */
  readonly from?: Temporal.Instant | undefined;
  readonly until?: Temporal.Instant | undefined;
};

/** The bucket of what has this id: what belongs together lies in one, and its indexes begin with it. */
const ofBucket = (id: string) => eq(refunds.bucket, bucketOf(id));

function meant({ state, chargeId, subscriptionId, currency, from, until }: RefundFilter) {
  return [
    state === undefined ? undefined : eq(refunds.state, state),
    chargeId === undefined ? undefined : and(ofBucket(chargeId), eq(refunds.chargeId, chargeId)),
    subscriptionId === undefined
      ? undefined
      : and(ofBucket(subscriptionId), eq(refunds.subscriptionId, subscriptionId)),
    currency === undefined ? undefined : eq(refunds.currency, currency),
    from === undefined ? undefined : gte(refunds.askedAt, from),
    until === undefined ? undefined : lt(refunds.askedAt, until),
  ];
}

/** A page of refunds, the newest first, strictly behind `after`. */
export async function refundPage(
  db: Database,
  filter: RefundFilter,
  after: { readonly at: string; readonly id: string } | null,
  limit: number,
): Promise<readonly RefundRow[]> {
  const behind =
    after === null
      ? undefined
      : fragment`(${refunds.askedAt}, ${refunds.id}) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  return await db.drizzle
    .select()
    .from(refunds)
    .where(and(...meant(filter), behind))
    .orderBy(desc(refunds.askedAt), desc(refunds.id))
    .limit(limit);
}

export type RefundTotal = {
  readonly currency: Currency;
  readonly state: RefundState;
  readonly count: number;
  readonly amount: bigint;
};

/** What the refunds of a filter come to, of each currency and state. */
export async function refundTotals(db: Database, filter: RefundFilter): Promise<readonly RefundTotal[]> {
  const rows = await db.drizzle
    .select({
      currency: refunds.currency,
      state: refunds.state,
      count: fragment<number>`count(*)::int`,
      amount: fragment<string>`sum(${refunds.amount})::text`,
    })
    .from(refunds)
    .where(and(...meant(filter)))
    .groupBy(refunds.currency, refunds.state)
    .orderBy(asc(refunds.currency), asc(refunds.state));
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}

/**
 * Refunds that wait for a person, the oldest first: for a second one, for somebody who has them sent again, and of which Xendit has not told
 * in so many looks. A step into the index over refunds that are open.
 */
export async function refundsWaiting(db: Database, looks: number, most: number): Promise<readonly RefundRow[]> {
  return await db.drizzle
    .select()
    .from(refunds)
    .where(waits(looks))
    .orderBy(asc(refunds.askedAt), asc(refunds.id))
    .limit(most);
}

/** How many of them there are, of so many at most. */
export async function countWaiting(db: Database, looks: number, most: number): Promise<number> {
  const some = db.drizzle.select({ id: refunds.id }).from(refunds).where(waits(looks)).limit(most).as('some');
  const [row] = await db.drizzle.select({ count: fragment<number>`count(*)::int` }).from(some);
  return row?.count ?? 0;
}

function waits(looks: number) {
  return and(
    inArray(refunds.state, ['wanted', 'approved', 'pending']),
    or(
      eq(refunds.state, 'wanted'),
      and(eq(refunds.state, 'approved'), isNull(refunds.nextAt)),
      and(eq(refunds.state, 'pending'), gte(refunds.asks, looks)),
    ),
  );
}
