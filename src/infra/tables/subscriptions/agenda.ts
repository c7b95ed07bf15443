import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/**
 * The next instant after `after` at which something falls due; null when nothing is planned. Each part is a step into an
 * index over open work, so the answer costs the same whatever the history. Only due charges have such times
 * (charges_only_due_is_scheduled). `ahead`: so many days before a cycle falls due there is something to tell.
 */
export async function nextDue(
  db: Database,
  buckets: readonly number[],
  after: Temporal.Instant,
  ahead: readonly number[] = [],
): Promise<Temporal.Instant | null> {
  const then = sql`${after.toString()}::timestamptz`;
  const [row] = await db.run<{ at: string | null }>(sql`select to_char(least(
      (select min(next_cycle_at) from subscriptions where ${within('subscriptions', buckets)} and next_cycle_at > ${then}),
      (select min(a.at) from unnest(${ahead}::int[]) d(days), lateral (
        select min(next_cycle_at) - make_interval(days => d.days) as at from subscriptions
        where ${within('subscriptions', buckets)} and next_cycle_at > ${then} + make_interval(days => d.days)) a),
      (select min(resumes_at) from subscriptions where ${within('subscriptions', buckets)} and resumes_at > ${then}),
      (select min(applies_at) from changes where ${within('changes', buckets)} and applies_at > ${then}),
      (select min(next_attempt_at) from charges where ${within('charges', buckets)} and next_attempt_at > ${then}),
      (select min(waits_until) from charges where ${within('charges', buckets)} and waits_until > ${then}),
      (select min(next_check_at) from attempts where ${within('attempts', buckets)} and outcome in ('pending', 'unknown') and next_check_at > ${then}),
      (select min(next_check_at) from onboardings where ${within('onboardings', buckets)} and status = 'active' and next_check_at > ${then}),
      (select min(notice_at) from tokens where ${within('tokens', buckets)} and status = 'active' and notice_at > ${then}),
      (select min(b.probe_at) from breakers b where b.state <> 'closed' and b.probe_at > ${then}
        and exists (select from charges w where w.waits_for = b.channel)),
      (select min(next_at) from refunds where ${within('refunds', buckets)} and next_at > ${then}),
      (select min(next_at) from disputes where ${within('disputes', buckets)} and next_at > ${then}),
      (select min(next_try_at) from inbox where ${within('inbox', buckets)} and status = 'received' and next_try_at > ${then})
    ) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`);
  return row?.at == null ? null : Temporal.Instant.from(row.at);
}

/** Attempts without an outcome: on their way, or lost by a process that died. */
export async function attemptsInFlight(db: Database): Promise<number> {
  const [row] = await db.run<{ count: number }>(sql`select count(*)::int as count from attempts where outcome is null`);
  return row?.count ?? 0;
}

/** How many subscriptions have their next cycle within a span of time. */
export async function nextCycles(db: Database, from: Temporal.Instant, until: Temporal.Instant): Promise<number> {
  const [row] = await db.run<{ count: number }>(sql`select count(*)::int as count from subscriptions
    where next_cycle_at >= ${from.toString()}::timestamptz and next_cycle_at < ${until.toString()}::timestamptz`);
  return row?.count ?? 0;
}
