import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';

export type CycleAmiss = {
  readonly subscription_id: string;
  readonly cycle: number | null;
  readonly due_at: string | null;
  readonly ours: number | null;
  readonly our_due: string | null;
};

/**
 * The cycles that lack their row, have a row too many, or are due when the calendar does not say: by another way of
 * counting than ours, Postgres' own calendar (invariants 11 and 12). The plan `trial` is the one with a trial.
 */
export async function cyclesAmiss(db: Database, now: Temporal.Instant): Promise<readonly CycleAmiss[]> {
  return await db.run<CycleAmiss>(sql`with expected as (
      select s.id as subscription_id, n as cycle, d.due_at, c.starts_on
      from subscriptions s cross join generate_series(0, 100) n
      cross join lateral (select make_interval(
          days => case s.interval_unit when 'day' then 1 when 'week' then 7 else 0 end * s.interval_count * n,
          months => case s.interval_unit when 'month' then 1 when 'year' then 12 else 0 end * s.interval_count * n) as span) i
      cross join lateral (select (s.anchor + i.span)::date as starts_on,
          ((s.anchor + i.span)::date + s.charge_at::time) at time zone s.time_zone as on_the_day) c
      -- Cycle 0 is due at once, unless a trial or a day that was asked for still lies ahead.
      cross join lateral (select case when n > 0 then c.on_the_day
          when s.plan <> 'trial' and s.anchor is distinct from s.wanted_anchor then s.activated_at
          else greatest(c.on_the_day, s.activated_at) end as due_at) d
      where s.anchor is not null and d.due_at <= ${now.toString()}::timestamptz
        and n < coalesce(s.ends_after, 1000)
        and (s.ended_at is null or d.due_at <= s.ended_at)
        -- Whoever asked to leave at the end of the period owes what had begun by then, and no more.
        and d.due_at <= coalesce((select min(l.at) from ledger l where l.bucket = s.bucket and l.subscription_id = s.id
          and l.kind = 'subscription.cancel_requested' and not exists (select from ledger w where w.bucket = l.bucket
            and w.subscription_id = l.subscription_id and w.seq > l.seq and w.kind = 'subscription.cancel_withdrawn')), d.due_at))
    select coalesce(e.subscription_id, c.subscription_id) as subscription_id, e.cycle, e.due_at, c.cycle as ours, c.due_at as our_due
    from expected e full join (select * from charges where cycle is not null) c
      on c.subscription_id = e.subscription_id and c.cycle = e.cycle
    where c.id is null or e.cycle is null or c.due_at <> e.due_at or c.period_start <> e.starts_on`);
}
