import { and, asc, eq, lte, sql } from 'drizzle-orm';
import { inBuckets } from './buckets.ts';
import type { Database } from './db.ts';
import { onboardings, subscriptions } from './schema/subscriptions.ts';

export type Onboarding = typeof onboardings.$inferSelect;

/** Sessions that Xendit should be asked about: their webhook may have been lost. */
export async function onboardingsToCheck(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly Onboarding[]> {
  return await db.drizzle
    .select()
    .from(onboardings)
    .where(
      and(inBuckets(onboardings.bucket, buckets), eq(onboardings.status, 'active'), lte(onboardings.nextCheckAt, now)),
    )
    .orderBy(asc(onboardings.nextCheckAt))
    .limit(limit);
}

/** The onboarding of a session; null when it is none of ours. */
export async function onboardingBySession(db: Database, sessionId: string): Promise<Onboarding | null> {
  const [row] = await db.drizzle.select().from(onboardings).where(eq(onboardings.sessionId, sessionId)).limit(1);
  return row ?? null;
}

/**
 * The number of a subscription's next session, written down before Xendit hears of it: Xendit takes a reference once only,
 * and an answer that was lost leaves nobody who knows whether it was taken. Two who ask at once get two numbers.
 */
export async function takeSessionNumber(db: Database, bucket: number, subscriptionId: string): Promise<number> {
  const known = sql`select max(${onboardings.number}) from ${onboardings}
    where ${onboardings.bucket} = ${bucket}::smallint and ${onboardings.subscriptionId} = ${subscriptionId}::uuid`;
  const [row] = await db.drizzle
    .update(subscriptions)
    .set({ sessionNumber: sql`greatest(${subscriptions.sessionNumber}, (${known})) + 1` })
    .where(and(eq(subscriptions.bucket, bucket), eq(subscriptions.id, subscriptionId)))
    .returning({ number: subscriptions.sessionNumber });
  if (row === undefined) throw new Error(`Subscription ${subscriptionId} is gone.`);
  return row.number;
}

/** Adds a session to a subscription. */
export async function insertOnboarding(db: Database, onboarding: Onboarding): Promise<void> {
  await db.drizzle.insert(onboardings).values(onboarding);
}

/** Xendit had nothing new to say: ask again later. Guarded on the check that was seen. */
export async function checkOnboardingLater(db: Database, seen: Onboarding, at: Temporal.Instant): Promise<void> {
  await db.drizzle
    .update(onboardings)
    .set({ nextCheckAt: at, checks: seen.checks + 1 })
    .where(
      and(
        eq(onboardings.bucket, seen.bucket),
        eq(onboardings.subscriptionId, seen.subscriptionId),
        eq(onboardings.number, seen.number),
        eq(onboardings.status, 'active'),
        eq(onboardings.checks, seen.checks),
      ),
    );
}

/** Closes a session that Xendit says is over; only an open one. */
export async function closeOnboarding(
  db: Database,
  seen: Onboarding,
  status: 'completed' | 'expired' | 'canceled',
  now: Temporal.Instant,
): Promise<void> {
  await db.drizzle
    .update(onboardings)
    .set({ status, nextCheckAt: null, closedAt: now, checks: sql`${onboardings.checks} + 1` })
    .where(
      and(
        eq(onboardings.bucket, seen.bucket),
        eq(onboardings.subscriptionId, seen.subscriptionId),
        eq(onboardings.number, seen.number),
        eq(onboardings.status, 'active'),
      ),
    );
}
