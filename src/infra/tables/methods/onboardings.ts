import { and, desc, eq, sql as fragment, gt, inArray, isNotNull, isNull, lte, or } from 'drizzle-orm';
import { closed, type LastTry, reopened, type SessionEnd } from '../../../domain/methods/onboarding-moves.ts';
import { alongside, takeByGroup, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { onboardings, subscriptions } from '../schema/subscriptions.ts';

export type Onboarding = typeof onboardings.$inferSelect;

/** What a session is for: only to save a method, or to pay a charge by hand. */
export type Purpose = 'saving' | 'paying';

const isFor = (purpose: Purpose) => (purpose === 'saving' ? sql`o.attempt_id is null` : sql`o.attempt_id is not null`);

/** Its subscription's money is this account's. */
const isOf = (db: Database, account: string, buckets: readonly number[]) => sql`exists (select from subscriptions s
  where s.bucket = o.bucket and ${alongside(db.groups, 's', buckets)} and s.id = o.subscription_id and s.account = ${account})`;

/** How many open sessions Xendit should be asked about, of so many. */
export async function sessionsToCheck(
  db: Database,
  account: string,
  buckets: readonly number[],
  purpose: Purpose,
  now: Temporal.Instant,
  most: number,
): Promise<number> {
  const [row] = await db.run<{ count: number }>(sql`select count(*)::int as count from (select from onboardings o
    where ${within('o', buckets)} and o.status = 'active' and ${isFor(purpose)}
      and o.next_check_at <= ${now.toString()}::timestamptz and ${isOf(db, account, buckets)} limit ${most}::int) t`);
  return row?.count ?? 0;
}

/**
 * Takes sessions that Xendit should be asked about: their webhook may have been lost. They are put off until `until` first,
 * so that two processes do not ask at once, and one that dies holds none of them up.
 */
export async function takeOnboardings(
  db: Database,
  account: string,
  buckets: readonly number[],
  purpose: Purpose,
  now: Temporal.Instant,
  limit: number,
  until: Temporal.Instant,
): Promise<readonly Onboarding[]> {
  const taken = await takeByGroup(
    db.groups,
    buckets,
    limit,
    async (part, most) =>
      await db.run<{ session_id: string }>(sql`with due as materialized (
      select o.bucket, o.subscription_id, o.number from onboardings o where ${within('o', part)} and o.status = 'active'
        and ${isFor(purpose)} and o.next_check_at <= ${now.toString()}::timestamptz and ${isOf(db, account, part)} order by o.next_check_at limit ${most}::int for update skip locked)
    update onboardings o set next_check_at = ${until.toString()}::timestamptz, checks = o.checks + 1 from due d
    where ${within('o', part)} and o.bucket = d.bucket and o.subscription_id = d.subscription_id and o.number = d.number
    returning o.session_id`),
  );
  if (taken.length === 0) return [];
  const ids = taken.map((one) => one.session_id);
  return await db.drizzle
    .select()
    .from(onboardings)
    .where(and(within('onboardings', buckets), inArray(onboardings.sessionId, ids)));
}

/** Before Xendit is asked about a session because of a webhook: true once a minute. A clock that was set back is no reason to wait. */
export async function mayAskAboutSession(db: Database, seen: Onboarding, now: Temporal.Instant): Promise<boolean> {
  const then = now.subtract({ minutes: 1 });
  const rows = await db.drizzle
    .update(onboardings)
    .set({ askedAt: now })
    .where(
      and(isThe(seen), or(isNull(onboardings.askedAt), lte(onboardings.askedAt, then), gt(onboardings.askedAt, now))),
    )
    .returning({ number: onboardings.number });
  return rows.length > 0;
}

/** A session that was given up, or that ended unused, is open again: Xendit has said something of it after all. */
export async function reopenOnboarding(
  db: Database,
  seen: Onboarding,
  now: Temporal.Instant,
): Promise<Onboarding | null> {
  const rows = await db.drizzle
    .update(onboardings)
    .set(reopened(seen, now))
    .where(and(isThe(seen), or(isEndedUnused, and(eq(onboardings.status, 'completed'), isNotNull(onboardings.why)))))
    .returning();
  return rows[0] ?? null;
}

const isEndedUnused = inArray(onboardings.status, ['expired', 'canceled']);

const isThe = ({ bucket, subscriptionId, number }: Onboarding) =>
  and(eq(onboardings.bucket, bucket), eq(onboardings.subscriptionId, subscriptionId), eq(onboardings.number, number));

/** The onboarding of a session; null when it is none of ours. */
export async function onboardingBySession(db: Database, sessionId: string): Promise<Onboarding | null> {
  const [row] = await db.drizzle.select().from(onboardings).where(eq(onboardings.sessionId, sessionId)).limit(1);
  return row ?? null;
}

/** The session in which a method was to be saved under this reference. */
export async function onboardingByReference(
  db: Database,
  bucket: number,
  subscriptionId: string,
  referenceId: string,
): Promise<Onboarding | null> {
  const [row] = await db.drizzle
    .select()
    .from(onboardings)
    .where(
      and(
        eq(onboardings.bucket, bucket),
        eq(onboardings.subscriptionId, subscriptionId),
        eq(onboardings.referenceId, referenceId),
      ),
    )
    .limit(1);
  return row ?? null;
}

/** The newest open session in which this customer of Xendit's may save a method. */
export async function newestOpenOf(db: Database, bucket: number, xenditCustomerId: string): Promise<Onboarding | null> {
  const [row] = await db.drizzle
    .select()
    .from(onboardings)
    .where(
      and(
        eq(onboardings.bucket, bucket),
        eq(onboardings.status, 'active'),
        eq(onboardings.xenditCustomerId, xenditCustomerId),
        isNull(onboardings.attemptId),
      ),
    )
    .orderBy(desc(onboardings.createdAt), desc(onboardings.number))
    .limit(1);
  return row ?? null;
}

/** What the last try to save a method in it ended with; of an open session alone. */
export async function keepLastTry(db: Database, seen: Onboarding, lastTry: LastTry): Promise<void> {
  await db.drizzle
    .update(onboardings)
    .set({ lastTry })
    .where(and(isThe(seen), eq(onboardings.status, 'active')));
}

/**
 * The number of a subscription's next session, written down before Xendit hears of it: Xendit takes a reference once only,
 * and an answer that was lost leaves nobody who knows whether it was taken. Two who ask at once get two numbers.
 */
export async function takeSessionNumber(db: Database, bucket: number, subscriptionId: string): Promise<number> {
  const known = fragment`select max(${onboardings.number}) from ${onboardings}
    where ${onboardings.bucket} = ${bucket}::smallint and ${onboardings.subscriptionId} = ${subscriptionId}::uuid`;
  const [row] = await db.drizzle
    .update(subscriptions)
    .set({ sessionNumber: fragment`greatest(${subscriptions.sessionNumber}, (${known})) + 1` })
    .where(and(eq(subscriptions.bucket, bucket), eq(subscriptions.id, subscriptionId)))
    .returning({ number: subscriptions.sessionNumber });
  if (row === undefined) throw new Error(`Subscription ${subscriptionId} is gone.`);
  return row.number;
}

/** Xendit had nothing new to say: ask again later. Guarded on the check that was seen. */
export async function checkOnboardingLater(
  db: Database,
  seen: Onboarding,
  { at, doubts }: { readonly at: Temporal.Instant; readonly doubts: number },
): Promise<void> {
  await db.drizzle
    .update(onboardings)
    .set({ nextCheckAt: at, doubts })
    .where(and(isThe(seen), eq(onboardings.status, 'active'), eq(onboardings.checks, seen.checks)));
}

/** Closes a session that is over; only an open one. False: it was closed already. */
export async function closeOnboarding(
  db: Database,
  seen: Onboarding,
  end: SessionEnd,
  now: Temporal.Instant,
): Promise<boolean> {
  if (seen.status !== 'active') return false;
  const rows = await db.drizzle
    .update(onboardings)
    .set(closed(seen, end, now))
    .where(and(isThe(seen), eq(onboardings.status, 'active')))
    .returning({ number: onboardings.number });
  return rows.length > 0;
}
