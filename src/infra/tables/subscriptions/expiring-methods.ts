import { and, asc, eq, isNotNull, lte, notInArray } from 'drizzle-orm';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { sql } from '../../database/sql.ts';
import { columnsOf } from '../schema/columns-of.ts';
import type { NoticeState } from '../schema/method-columns.ts';
import { customers, tokens } from '../schema/methods.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { owner } from './subscriptions.ts';

/** As much of a method as its end depends on. */
const expiring = {
  bucket: tokens.bucket,
  id: tokens.id,
  channelCode: tokens.channelCode,
  country: tokens.country,
  label: tokens.label,
  recurringExpiry: tokens.recurringExpiry,
  expiryMonth: tokens.expiryMonth,
  expiryYear: tokens.expiryYear,
  savedAt: tokens.savedAt,
  noticeAt: tokens.noticeAt,
  noticeTold: tokens.noticeTold,
};

/** A method with the subscription that is charged to it; null: none is. */
export type ExpiringMethod = Awaited<ReturnType<typeof methodsToLookAt>>[number];

const isChargedToIt = and(
  eq(subscriptions.bucket, tokens.bucket),
  eq(subscriptions.customerId, tokens.customerId),
  eq(subscriptions.tokenId, tokens.id),
);
const isTheirs = and(eq(customers.bucket, tokens.bucket), eq(customers.id, tokens.customerId));

/** Methods of which it may have to be told that they expire, longest due first. */
export async function methodsToLookAt(db: Database, buckets: readonly number[], now: Temporal.Instant, limit: number) {
  return await db.drizzle
    .select({ method: expiring, subscription: subscriptions, customer: owner })
    .from(tokens)
    .innerJoin(customers, isTheirs)
    .leftJoin(subscriptions, isChargedToIt)
    .where(and(within('tokens', buckets), eq(tokens.status, 'active'), lte(tokens.noticeAt, now)))
    .orderBy(asc(tokens.noticeAt))
    .limit(limit);
}

const planned = columnsOf(tokens, ['bucket', 'id', 'noticeAt']);

/** Plans when methods are looked at next, of which nothing is to be told now. Guarded on the look that was seen, so safe to repeat. */
export async function lookAgainAt(
  db: Database,
  buckets: readonly number[],
  seen: readonly (Pick<NoticeState, 'bucket' | 'id' | 'noticeAt'> & { readonly before: Temporal.Instant | null })[],
): Promise<void> {
  if (seen.length === 0) return;
  const before = { ...planned, before: { key: 'before', type: 'timestamp with time zone' } };
  await db.run(sql`update tokens t set notice_at = u.notice_at from ${recordset('u', before, seen)}
    where ${within('t', buckets)} and t.bucket = u.bucket and t.id = u.id and t.notice_at = u.before`);
}

/** How many subscriptions that go on are charged to a method that was told of: it expires, or must be saved again, within 30 days. */
export async function expiringInUse(db: Database): Promise<number> {
  return await db.drizzle.$count(
    db.drizzle
      .select({ id: tokens.id })
      .from(tokens)
      .innerJoin(subscriptions, isChargedToIt)
      .where(
        and(
          isNotNull(tokens.noticeTold),
          eq(tokens.status, 'active'),
          notInArray(subscriptions.status, ['canceled', 'ended']),
        ),
      ),
  );
}
