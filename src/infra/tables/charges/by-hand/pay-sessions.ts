import { and, eq, inArray } from 'drizzle-orm';
import { alongside, takeByGroup, within } from '../../../database/buckets.ts';
import type { Database } from '../../../database/db.ts';
import { sql } from '../../../database/sql.ts';
import type { AttemptRow } from '../../schema/change-columns.ts';
import type { OnboardingRow } from '../../schema/method-columns.ts';
import { onboardings } from '../../schema/subscriptions.ts';

/** The session that an attempt opened; null where its answer was lost, and nobody has told of it since. */
export async function paySessionOf(
  db: Database,
  { bucket, id }: Pick<AttemptRow, 'bucket' | 'id'>,
): Promise<OnboardingRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(onboardings)
    .where(and(eq(onboardings.bucket, bucket), eq(onboardings.attemptId, id)))
    .limit(1);
  return row ?? null;
}

/** A payment is told before its session is completed, which alone tells what method was kept: until then it is not closed. */
const COMPLETES_WITHIN = '2 minutes';

/**
 * Takes sessions that are open although nothing is left to pay in them: their charge is closed, their attempt is over, or their subscription
 * was canceled before it began, of which nothing is paid any more. Each is taken once a minute at most, and noted as asked about first, so that two
 * processes do not close it at once.
 */
export async function takeOutdatedSessions(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly OnboardingRow[]> {
  const at = sql`${now.toString()}::timestamptz`;
  const taken = await takeByGroup(
    db.groups,
    buckets,
    limit,
    async (part, most) =>
      await db.run<{ session_id: string }>(sql`with over as materialized (
      select f.bucket, f.subscription_id, f.number from (select o.bucket, o.subscription_id, o.number from onboardings o
        join attempts a on a.bucket = o.bucket and a.id = o.attempt_id and ${alongside(db.groups, 'a', part)}
        join charges c on c.bucket = a.bucket and c.id = a.charge_id and ${alongside(db.groups, 'c', part)}
        join subscriptions s on s.bucket = o.bucket and s.id = o.subscription_id and ${alongside(db.groups, 's', part)}
      where ${within('o', part)} and o.attempt_id is not null and o.status = 'active'
        and case a.outcome when 'succeeded' then a.outcome_at <= ${at} - ${COMPLETES_WITHIN}::interval
          when 'declined' then true when 'refused' then true
          else c.status not in ('due', 'attempting', 'held', 'uncollectible') or s.status = 'canceled' and s.activated_at is null end
        and (o.asked_at is null or o.asked_at <= ${at} - interval '1 minute' or o.asked_at > ${at})
      order by o.next_check_at limit ${most}::int for update of o skip locked) f)
    update onboardings o set asked_at = ${at} from over v
    where ${within('o', part)} and o.bucket = v.bucket and o.subscription_id = v.subscription_id and o.number = v.number
    returning o.session_id`),
  );
  if (taken.length === 0) return [];
  const ids = taken.map((one) => one.session_id);
  return await db.drizzle
    .select()
    .from(onboardings)
    .where(and(within('onboardings', buckets), inArray(onboardings.sessionId, ids)));
}

/** Which of these sessions saved a method. */
export async function savedIn(
  db: Database,
  bucket: number,
  sessionIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (sessionIds.length === 0) return new Set();
  const rows = await db.run<{ session_id: string }>(sql`select t.session_id from tokens t
    where t.bucket = ${bucket}::smallint and t.session_id = any(${[...sessionIds]}::text[])`);
  return new Set(rows.map((row) => row.session_id));
}
