import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** What may be paced: Xendit counts each endpoint by itself (docs/xendit.md 1). */
export type Endpoint = 'payment_requests' | 'look_ups' | 'sessions' | 'payment_tokens' | 'transactions';

export type Permits = {
  readonly granted: number;
  /** Milliseconds until asking again is worth it; 0 when something was granted. */
  readonly waitMs: number;
};

// Xendit's window is a minute; a little more, since what we reserve together does not arrive together.
const windowSeconds = 62;
/** An hour: whatever the clock and a pause say, nobody is told to wait longer. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Reserves up to `wanted` requests of the allowance that all replicas share, in one statement. The row keeps what was
 * reserved within the last window, so the sliding window that Xendit documents is kept exactly, bursts included.
 * The statement locks the row, then counts. Counting first would miss what a replica reserved while we waited for the lock.
 * Real time, by Postgres' clock; what seems to be reserved later than now was reserved before that clock went back, and counts
 * from now. `perMinute` null: no limit, but a pause that Xendit asked for still holds.
 */
export async function reserve(
  db: Database,
  account: string,
  endpoint: Endpoint,
  perMinute: number | null,
  wanted: number,
): Promise<Permits> {
  const limit = perMinute ?? 1_000_000_000;
  const [row] = await db.run<{ granted: number; wait_ms: number }>(sql`
    with locked as materialized (select * from pace where account = ${account} and endpoint = ${endpoint} for update),
    given as (
      select p.account, p.endpoint, p.paused_until, w.at, w.permits, w.used, w.oldest,
        case when p.paused_until > clock_timestamp() then 0
          else greatest(0, least(${wanted}::int, ${limit}::int - w.used)) end as granted
      from locked p, lateral (
        select coalesce(array_agg(u.at order by u.at), '{}') as at, coalesce(array_agg(u.permits order by u.at), '{}') as permits,
          coalesce(sum(u.permits), 0)::int as used, min(u.at) as oldest
        from (select least(n.at, date_trunc('milliseconds', clock_timestamp())) as at, n.permits
          from unnest(p.at, p.permits) as n(at, permits)) u
        where u.at > clock_timestamp() - ${windowSeconds}::int * interval '1 second') w)
    update pace p set
      at = case when g.granted = 0 or ${perMinute === null} then g.at else g.at || date_trunc('milliseconds', clock_timestamp()) end,
      permits = case when g.granted = 0 or ${perMinute === null} then g.permits else g.permits || g.granted end
    from given g where p.account = g.account and p.endpoint = g.endpoint
    returning g.granted, case when g.granted > 0 then 0 else least(${LONGEST_WAIT_MS}, ceil(1000 * extract(epoch from
      greatest(g.paused_until, case when g.used >= ${limit}::int then g.oldest + ${windowSeconds}::int * interval '1 second' end,
        clock_timestamp() + interval '50 milliseconds') - clock_timestamp())))::int end as wait_ms`);
  return row ? { granted: row.granted, waitMs: Math.max(0, row.wait_ms) } : { granted: 0, waitMs: 1_000 };
}

/** Nothing more on this endpoint for so many seconds: Xendit said so (429, or an empty allowance). */
export async function pauseEndpoint(db: Database, account: string, endpoint: Endpoint, seconds: number): Promise<void> {
  await db.run(sql`update pace set paused_until = greatest(paused_until, clock_timestamp() + ${seconds}::float8 * interval '1 second')
    where account = ${account} and endpoint = ${endpoint}`);
}

/** Where Xendit does not say how long, the first pause; each one after it without an answer between them is twice as long. */
const FIRST_PAUSE = 60;

/**
 * Xendit took nothing, from whomever: all replicas wait, longer each time until it answers again, and never shorter than it
 * says. Who comes while they wait already makes it no longer. `isReal` false: our clock is not the one by which the pause
 * would end, so it is only counted.
 * @returns how many pauses there are now, and were before.
 */
export async function slowDown(
  db: Database,
  account: string,
  endpoint: Endpoint,
  wait: { readonly told: number | null; readonly most: number; readonly isReal: boolean },
): Promise<{ readonly pauses: number; readonly before: number }> {
  const { told, most, isReal } = wait;
  const chosen = sql`least(${most}::float8, ${FIRST_PAUSE}::float8 * power(2, least(p.pauses, 10) - case when ${told}::float8 is null then 0 else 1 end))`;
  const grown = sql`case when ${told}::float8 is null or p.pauses > 0 then ${chosen} else 0 end`;
  const seconds = sql`greatest(${told}::float8, case when clock_timestamp() < p.paused_until then 0 else ${grown} end)`;
  const [row] = await db.run<{ pauses: number; before: number }>(sql`with seen as materialized (
      select account, endpoint, pauses from pace where account = ${account} and endpoint = ${endpoint} for update)
    update pace p set
      pauses = case when clock_timestamp() < p.paused_until then p.pauses else p.pauses + 1 end,
      paused_until = case when ${isReal}::boolean then
        greatest(p.paused_until, clock_timestamp() + ${seconds} * interval '1 second') else p.paused_until end
    from seen s where p.account = s.account and p.endpoint = s.endpoint returning p.pauses, s.pauses as before`);
  return row ?? { pauses: 0, before: 0 };
}

/** Xendit answers again. */
export async function endPauses(db: Database, account: string, endpoint: Endpoint): Promise<void> {
  await db.run(sql`update pace set pauses = 0 where account = ${account} and endpoint = ${endpoint} and pauses > 0`);
}

/** How much of the allowance of an endpoint was used in the last minute, in real time; and for how many seconds nothing is asked of it. */
export type PaceUse = { readonly endpoint: Endpoint; readonly used: number; readonly pausedSeconds: number };

export async function paceUse(db: Database, account: string): Promise<readonly PaceUse[]> {
  return await db.run<PaceUse>(sql`select p.endpoint,
      coalesce((select sum(u.permits) from unnest(p.at, p.permits) as u(at, permits)
        where u.at > clock_timestamp() - ${windowSeconds}::int * interval '1 second'), 0)::int as used,
      greatest(0, coalesce(ceil(extract(epoch from p.paused_until - clock_timestamp())), 0))::int as "pausedSeconds"
    from pace p where p.account = ${account} order by p.endpoint`);
}
