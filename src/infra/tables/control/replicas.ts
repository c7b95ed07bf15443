import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { JobRun } from '../schema/replicas/replicas.ts';

export type Sign = {
  readonly id: string;
  readonly name: string;
  readonly startedAt: Temporal.Instant;
  readonly runs: readonly JobRun[];
};

/** Whoever is silent for so long is gone. */
const GONE_MINUTES = 3;

/**
 * A sign of life of one process, and how charging keeps up by the billing clock, in one statement a minute. What is older than a day is
 * cleared away.
 */
export async function writeSign(
  db: Database,
  { id, name, startedAt, runs }: Sign,
  now: Temporal.Instant,
): Promise<void> {
  const at = sql`${now.toString()}::timestamptz`;
  await db.run(sql`
    with seen as (insert into replicas (id, name, started_at, seen_at, runs)
        values (${id}::uuid, ${name}, ${startedAt.toString()}::timestamptz, clock_timestamp(), ${JSON.stringify(runs)}::jsonb)
        on conflict (id) do update set seen_at = excluded.seen_at, runs = excluded.runs),
      gone as (delete from replicas where seen_at < clock_timestamp() - interval '1 day'),
      old as (delete from pulse where minute < clock_timestamp() - interval '25 hours')
    insert into pulse (minute, late_seconds, sent)
    select date_trunc('minute', clock_timestamp()),
      coalesce((select greatest(0, extract(epoch from ${at} - min(next_attempt_at)))::int from charges where next_attempt_at <= ${at}), 0),
      (select count(*)::int from ledger where at > ${at} - interval '1 minute' and at <= ${at} and kind = 'attempt.sent')
    where not exists (select from pulse where minute = date_trunc('minute', clock_timestamp()))
    on conflict (minute) do nothing`);
}

export type Replica = {
  readonly name: string;
  readonly startedAt: string;
  readonly seenSecondsAgo: number;
  readonly runs: readonly (JobRun & { readonly secondsAgo: number })[];
};

/** The processes that showed a sign of life a short while ago, the oldest first. */
export async function livingReplicas(db: Database): Promise<readonly Replica[]> {
  return await db.run<Replica>(sql`select name,
      to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
      greatest(0, extract(epoch from clock_timestamp() - seen_at))::int as "seenSecondsAgo",
      coalesce((select jsonb_agg(r || jsonb_build_object('secondsAgo',
        greatest(0, extract(epoch from clock_timestamp() - (r->>'at')::timestamptz))::int) order by r->>'job') from jsonb_array_elements(runs) r), '[]') as runs
    from replicas where seen_at > clock_timestamp() - ${GONE_MINUTES}::int * interval '1 minute' order by started_at, id`);
}

/** How many processes are at work, and for how many seconds no job of theirs has ended; null: none has yet. */
export type AtWork = { readonly replicas: number; readonly lastRunSecondsAgo: number | null };

export async function atWork(db: Database): Promise<AtWork> {
  const [row] = await db.run<AtWork>(sql`select count(distinct id)::int as replicas,
      greatest(0, min(extract(epoch from clock_timestamp() - (r->>'at')::timestamptz)))::int as "lastRunSecondsAgo"
    from replicas left join lateral jsonb_array_elements(runs) r on true
    where seen_at > clock_timestamp() - ${GONE_MINUTES}::int * interval '1 minute'`);
  return row ?? { replicas: 0, lastRunSecondsAgo: null };
}

/** How an hour went: the longest that a charge was in line, and the most that was sent in a minute; null: nobody looked. */
export type PulseHour = { readonly hoursAgo: number; readonly lateSeconds: number; readonly sent: number };

export async function pulseHours(db: Database): Promise<readonly PulseHour[]> {
  return await db.run<PulseHour>(sql`select floor(extract(epoch from clock_timestamp() - minute) / 3600)::int as "hoursAgo",
      max(late_seconds)::int as "lateSeconds", max(sent)::int as sent
    from pulse where minute > clock_timestamp() - interval '24 hours' group by 1 order by 1 desc`);
}
