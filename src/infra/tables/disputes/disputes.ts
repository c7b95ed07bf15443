import { and, asc, eq, sql as fragment, inArray, isNotNull, isNull, lte } from 'drizzle-orm';
import type { DisputeState } from '../../../domain/disputes/dispute.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { DisputeRow } from '../schema/disputes/dispute-columns.ts';
import { disputes } from '../schema/disputes/disputes.ts';
import { subscriptions } from '../schema/subscriptions.ts';

/** The dispute that Xendit knows by this id; null when nobody has it. */
export async function disputeOf(db: Database, disputeId: string): Promise<DisputeRow | null> {
  const [row] = await disputesKnownAs(db, [disputeId]);
  return row ?? null;
}

export async function disputesKnownAs(db: Database, ids: readonly string[]): Promise<readonly DisputeRow[]> {
  if (ids.length === 0) return [];
  return await db.drizzle
    .select()
    .from(disputes)
    .where(inArray(disputes.disputeId, [...ids]));
}

/** What is or was disputed of a charge, oldest first. */
export async function disputesOfCharge(db: Database, bucket: number, chargeId: string): Promise<readonly DisputeRow[]> {
  return await db.drizzle
    .select()
    .from(disputes)
    .where(and(eq(disputes.bucket, bucket), eq(disputes.chargeId, chargeId)))
    .orderBy(asc(disputes.openedAt), asc(disputes.disputeId));
}

/** Whether a payment of the charge is disputed, and nobody knows yet how that ends. */
export async function isDisputed(db: Database, bucket: number, chargeId: string): Promise<boolean> {
  const [row] = await db.drizzle
    .select({ id: disputes.disputeId })
    .from(disputes)
    .where(and(eq(disputes.bucket, bucket), eq(disputes.chargeId, chargeId), isNull(disputes.closedAt)))
    .limit(1);
  return row !== undefined;
}

/** Those of a customer about which nobody has decided yet whether it is charged again. */
export async function undecidedOf(db: Database, bucket: number, customerId: string): Promise<readonly DisputeRow[]> {
  return await db.drizzle
    .select()
    .from(disputes)
    .where(and(eq(disputes.bucket, bucket), eq(disputes.customerId, customerId), isNull(disputes.decidedAt)));
}

/** The subscriptions of a customer that are charged no more until a person decides. */
export async function stoppedOf(db: Database, bucket: number, customerId: string): Promise<readonly string[]> {
  const rows = await db.drizzle
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.bucket, bucket),
        eq(subscriptions.customerId, customerId),
        isNotNull(subscriptions.stoppedBy),
      ),
    )
    .orderBy(asc(subscriptions.id));
  return rows.map(({ id }) => id);
}

/** Open disputes that are to be looked at, the longest overdue first. */
export async function disputesDue(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly DisputeRow[]> {
  return await db.drizzle
    .select()
    .from(disputes)
    .where(and(within('disputes', buckets), lte(disputes.nextAt, now)))
    .orderBy(asc(disputes.nextAt), asc(disputes.disputeId))
    .limit(limit);
}

/**
 * Puts the next look at a dispute off, for whoever looks at it now; false where somebody else did, or it is over. Safe to lose: it is looked
 * at again then.
 */
export async function putOffLook(
  db: Database,
  { bucket, disputeId, nextAt }: DisputeRow,
  change: { readonly nextAt: Temporal.Instant; readonly warnedAt?: Temporal.Instant },
): Promise<boolean> {
  if (nextAt === null) return false;
  const rows = await db.drizzle
    .update(disputes)
    .set(change)
    .where(and(eq(disputes.bucket, bucket), eq(disputes.disputeId, disputeId), eq(disputes.nextAt, nextAt)))
    .returning({ id: disputes.disputeId });
  return rows.length > 0;
}

export type DisputeFilter = {
  readonly state?: DisputeState | undefined;
  readonly chargeId?: string | undefined;
  readonly subscriptionId?: string | undefined;
};

/** Open ones come first, by when they have to be answered; then those that are over, the latest first. A number for each, in milliseconds. */
const urgency = fragment<string>`(case when ${disputes.closedAt} is null
  then extract(epoch from coalesce(${disputes.answerBy}, '9999-01-01Z'::timestamptz)) else 1e12 - extract(epoch from ${disputes.closedAt}) end * 1000)::bigint`;

/** A page of disputes by urgency, strictly behind `after`. */
export async function disputePage(
  db: Database,
  { state, chargeId, subscriptionId }: DisputeFilter,
  after: { readonly urgency: string; readonly reference: string } | null,
  limit: number,
): Promise<readonly { readonly dispute: DisputeRow; readonly urgency: string }[]> {
  return await db.drizzle
    .select({ dispute: disputes, urgency: fragment<string>`${urgency}::text` })
    .from(disputes)
    .where(
      and(
        state === undefined ? undefined : eq(disputes.state, state),
        chargeId === undefined ? undefined : eq(disputes.chargeId, chargeId),
        subscriptionId === undefined ? undefined : eq(disputes.subscriptionId, subscriptionId),
        after === null
          ? undefined
          : fragment`(${urgency}, ${disputes.disputeId}) > (${after.urgency}::bigint, ${after.reference})`,
      ),
    )
    .orderBy(urgency, asc(disputes.disputeId))
    .limit(limit);
}
