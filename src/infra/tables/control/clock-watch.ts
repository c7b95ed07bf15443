import { alongside, partsOf, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** Postgres' clock went back from one instant to another. */
export type ClockStep = { readonly from: Temporal.Instant; readonly to: Temporal.Instant };

type StepRow = { readonly from: string | null; readonly to: string | null };

/** As Temporal reads it. */
const FORM = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** A clock that is kept by NTP moves by less. */
const TOLERANCE_SECONDS = 5;

/** Writes down how far Postgres' clock has come. Answers the step when it lies behind that; null when all is well. */
export async function stepBack(db: Database): Promise<ClockStep | null> {
  const [row] =
    await db.run<StepRow>(sql`with seen as (select w.newest, date_trunc('milliseconds', clock_timestamp()) as now
      from clock_watch w where w.id = 1 for update of w),
    noted as (update clock_watch w set newest = s.now from seen s
      where w.id = 1 and (s.newest is null or s.newest < s.now))
    select to_char(newest at time zone 'UTC', ${FORM}) as "from", to_char(now at time zone 'UTC', ${FORM}) as "to" from seen
    where newest > now + ${TOLERANCE_SECONDS}::int * interval '1 second'`);
  return stepOf(row);
}

/** The step, where the clock lies behind what it has come to by now; nothing is written down. */
export async function clockBehind(db: Database): Promise<ClockStep | null> {
  const [row] = await db.run<StepRow>(sql`select to_char(newest at time zone 'UTC', ${FORM}) as "from",
      to_char(clock_timestamp() at time zone 'UTC', ${FORM}) as "to"
    from clock_watch where id = 1 and newest > clock_timestamp() + ${TOLERANCE_SECONDS}::int * interval '1 second'`);
  return stepOf(row);
}

/** The clock goes on from where it is. True for one of all who noticed: that one tells of it. */
export async function acceptStep(db: Database, { from, to }: ClockStep): Promise<boolean> {
  const rows = await db.run(sql`update clock_watch
    set newest = ${to.toString()}::timestamptz, back_from = ${from.toString()}::timestamptz, back_to = ${to.toString()}::timestamptz
    where id = 1 and newest = ${from.toString()}::timestamptz returning id`);
  return rows.length > 0;
}

/** When the clock last went back; null when it never did. */
export async function lastStepBack(db: Database): Promise<ClockStep | null> {
  const [row] = await db.run<StepRow>(
    sql`select to_char(back_from at time zone 'UTC', ${FORM}) as "from", to_char(back_to at time zone 'UTC', ${FORM}) as "to"
      from clock_watch where id = 1`,
  );
  return stepOf(row);
}

function stepOf(row: StepRow | undefined): ClockStep | null {
  if (row?.from == null || row.to === null) return null;
  return { from: Temporal.Instant.from(row.from), to: Temporal.Instant.from(row.to) };
}

/**
 * Ends the waits that go by Postgres' own clock and lie further ahead than they can have been set: leases, and the pauses
 * that Xendit asked for. They were set before the clock went back. An idempotency key that seems to have been taken later than
 * now counts from now. Nothing waits for a row that somebody else holds.
 */
export async function endRealWaits(db: Database, buckets: readonly number[], leaseSeconds: number): Promise<void> {
  const lease = sql`now() + ${leaseSeconds}::int * interval '1 second'`;
  for (const part of partsOf(db.groups, buckets)) {
    await db.run(sql`with ahead as (select l.bucket, l.id from attempts l where ${within('l', part)} and l.outcome is null
      and l.lease_until > ${lease} for update skip locked)
    update attempts a set lease_until = now() from ahead h
    where ${within('a', part)} and a.bucket = h.bucket and a.id = h.id`);
  }
  await db.run(sql`update pace set paused_until = null where paused_until > clock_timestamp()`);
  await db.run(sql`update sweep set holder = null, lease_until = null where lease_until > now()`);
  await db.run(sql`update idempotency_keys set started_at = now() where started_at > now()`);
}

/**
 * Ends the waits for a next look that were planned by the clock before it went back: Xendit is asked once more, which does no
 * harm. Charges that reached no issuer are due again for the same reason; what an issuer declined keeps its day.
 */
export async function endPlannedLooks(db: Database, buckets: readonly number[], now: Temporal.Instant): Promise<void> {
  const at = sql`${now.toString()}::timestamptz`;
  for (const part of partsOf(db.groups, buckets)) {
    await db.run(sql`with ahead as (select l.bucket, l.id from attempts l where ${within('l', part)}
      and l.outcome in ('pending', 'unknown') and l.next_check_at > ${at} for update skip locked)
    update attempts a set next_check_at = ${at} from ahead h
    where ${within('a', part)} and a.bucket = h.bucket and a.id = h.id`);
    await db.run(sql`with ahead as (select c.bucket, c.id from charges c
        join attempts a on a.bucket = c.bucket and a.charge_id = c.id and a.number = c.attempts and ${alongside(db.groups, 'a', part)}
      where ${within('c', part)} and c.next_attempt_at > ${at} and a.outcome_at > ${at}
        and (a.outcome = 'refused' or a.class in ('technical', 'throttled')) for update of c skip locked)
    update charges c set next_attempt_at = ${at} from ahead h
    where ${within('c', part)} and c.bucket = h.bucket and c.id = h.id and c.next_attempt_at is not null`);
  }
  await db.run(sql`update inbox i set next_try_at = ${at}
    where ${within('i', buckets)} and i.status = 'received' and i.next_try_at > ${at}`);
  await db.run(sql`update onboardings o set next_check_at = ${at}
    where ${within('o', buckets)} and o.status = 'active' and o.next_check_at > ${at}`);
  await db.run(sql`update sweep set next_at = ${at} where next_at > ${at}`);
  await db.run(sql`update breakers set probe_at = ${at} where probe_at > ${at}`);
  await db.run(sql`update charging set ask_since = least(ask_since, ${at}), run_since = least(run_since, ${at})
    where ask_since > ${at} or run_since > ${at}`);
}
