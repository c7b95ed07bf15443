import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Binding, ChargingKey, Mode } from '../../../domain/control/binding.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { InForce } from '../catalog/catalog-versions.ts';
import { type Seen, type SeenRow, seenBy, seenColumns } from '../control/binding.ts';
import { countedAnew } from '../control/spending.ts';
import { rememberStandings, type StandingRow, type Standings, standingsColumn, standingsOf } from './breakers.ts';

/** Whether anything is charged at all, what was armed, and what is there. */
export type Charging = {
  readonly stoppedAt: string | null;
  readonly reason: string | null;
  /** The person who stopped it; null where dueday did, for a fault. */
  readonly stoppedBy: string | null;
  readonly armed: Binding | null;
  readonly armedAt: string | null;
  /** How often it was armed: the number of the row that says by whom. */
  readonly arming: number;
  /** Charges due until then are asked about before they are tried: rows may have been lost. */
  readonly askSince: Temporal.Instant | null;
  /** The channels that are not simply charged. */
  readonly channels: Standings;
  /** Pauses in a row in which Xendit took no payment request, or could not be reached; 0: it takes them. */
  readonly pauses: number;
  /** The run of the server that was met last; null before any was. */
  readonly run: string | null;
  /** When another run was met: what was due until then and cannot be sent twice is asked about before it is tried. */
  readonly runSince: Temporal.Instant | null;
  readonly seen: Seen;
  /** The catalog version in force; null before any was put in force. */
  readonly catalog: InForce | null;
};

type ChargingRow = SeenRow & {
  readonly stopped_at: string | null;
  readonly reason: string | null;
  readonly stopped_by: string | null;
  readonly armed_at: string | null;
  readonly ask_since: string | null;
  readonly run: string | null;
  readonly run_since: string | null;
  readonly arming: number;
  readonly mode: Mode | null;
  readonly channels: readonly StandingRow[];
  readonly pauses: number;
  readonly catalog_version: number | null;
  readonly catalog_since: string | null;
} & Omit<Binding, 'mode'>;

const iso = (column: 'stopped_at' | 'armed_at' | 'ask_since' | 'run_since' | 'catalog_since') =>
  sql.raw(`to_char(c.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`);

/**
 * The one row that every claim looks at first, and the database that it stands in, in one statement. What stops the merchant's own
 * account stops all: its key charges for them. What stops a sub-account stops that one alone.
 */
export async function chargingState(db: Database, account: string): Promise<Charging> {
  const [row] = await db.run<ChargingRow>(sql`select ${iso('stopped_at')}, c.reason, c.stopped_by, ${iso('armed_at')},
    ${iso('ask_since')}, c.run, ${iso('run_since')}, c.arming, c.catalog_version, ${iso('catalog_since')}, c.mode, c.fingerprint, c.system, c.database, c.tables, c.files, c.timeline, ${seenColumns},
    ${standingsColumn(account)}, coalesce((select p.pauses from pace p where p.account = ${account} and p.endpoint = 'payment_requests'), 0) as pauses
    from charging c where c.account = ${OWN_ACCOUNT}`);
  if (row === undefined) throw new Error('The row of charging is missing: the schema is not whole.');
  const stop = account === OWN_ACCOUNT || row.reason !== null ? null : await stopOf(db, account);
  const channels = standingsOf(row.channels);
  rememberStandings(db, account, channels);
  remember(db, account, row.pauses);
  return {
    channels,
    pauses: row.pauses,
    stoppedAt: stop?.stopped_at ?? row.stopped_at,
    reason: stop?.reason ?? row.reason,
    stoppedBy: stop?.stopped_by ?? row.stopped_by,
    armed: bindingOf(row),
    armedAt: row.armed_at,
    arming: row.arming,
    askSince: maybeInstant(row.ask_since),
    run: row.run,
    runSince: maybeInstant(row.run_since),
    seen: await seenBy(db, row),
    catalog:
      row.catalog_version === null ? null : { version: row.catalog_version, since: maybeInstant(row.catalog_since) },
  };
}

function maybeInstant(text: string | null): Temporal.Instant | null {
  return text === null ? null : Temporal.Instant.from(text);
}

type Stop = Pick<ChargingRow, 'stopped_at' | 'reason' | 'stopped_by'>;

/** What stops a sub-account alone; undefined: nothing does. */
async function stopOf(db: Database, account: string): Promise<Stop | undefined> {
  const [row] = await db.run<Stop>(sql`select ${iso('stopped_at')}, c.reason, c.stopped_by from charging c
    where c.account = ${account} and c.stopped_at is not null`);
  return row;
}

const remembered = new WeakMap<Database, Map<string, number>>();

function remember(db: Database, account: string, pauses: number): void {
  const known = remembered.get(db) ?? new Map<string, number>();
  remembered.set(db, known.set(account, pauses));
}

/** Pauses in a row of an account, as the last look saw them. */
export function lastPauses(db: Database, account: string): number {
  return remembered.get(db)?.get(account) ?? 0;
}

function bindingOf(row: ChargingRow): Binding | null {
  if (row.mode === null) return null;
  const { mode, fingerprint, system, database, tables, files, timeline } = row;
  return { mode, fingerprint, system, database, tables, files, timeline };
}

/**
 * Remembers the run of the server that is met. Another one may have begun without what the last had acknowledged: after a crash
 * of a server that does not flush, or over files that were put back. True for whoever met it first.
 */
export async function meetRun(db: Database, { run, seen }: Charging, now: Temporal.Instant): Promise<boolean> {
  const rows =
    await db.run(sql`with o as (select c.account, ${seenColumns} from charging c where c.account = ${OWN_ACCOUNT})
    update charging c set run = o.seen_start, run_since = ${now.toString()}::timestamptz from o
    where c.account = o.account and o.seen_start = ${seen.start} and c.run is not distinct from ${run} returning c.account`);
  return rows.length > 0;
}

/** Stops charging, of the merchant's own account as a whole, or of a sub-account alone; the first reason stays. */
export async function stopCharging(
  db: Database,
  account: string,
  now: Temporal.Instant,
  reason: string,
): Promise<boolean> {
  const rows = await db.run(sql`update charging set stopped_at = ${now.toString()}::timestamptz, reason = ${reason}
    where account = ${account} and stopped_at is null returning account`);
  return rows.length > 0;
}

/**
 * Lets charging go on where it stopped by itself; answers the reason for which it had. What is not armed stays so, and what a
 * person stopped.
 */
export async function resumeCharging(db: Database, account: string): Promise<string | null> {
  const [row] = await db.run<{
    reason: string;
  }>(sql`with was as (select reason from charging where account = ${account} for update)
    update charging c set stopped_at = null, reason = null from was where c.account = ${account} and c.stopped_at is not null and c.stopped_by is null
      returning was.reason`);
  return row?.reason ?? null;
}

export type Arming = {
  readonly key: ChargingKey;
  /** What was looked at: another server, or another row since, is not armed. */
  readonly state: Charging;
  readonly now: Temporal.Instant;
  /** Rows may have been lost: what was due until now is asked about first. */
  readonly asksFirst: boolean;
  /** Whether what was stopped goes on too, and the count of the day begins anew: a person said so. */
  readonly resumes: boolean;
  /** What whoever arms was told, and who that is, for the row that stays. */
  readonly differences: readonly string[];
  readonly stoppedFor: string | null;
  readonly actor: string;
  readonly reason: string | null;
};

/**
 * Arms what was looked at, and writes down who did it and why: never the one without the other. False: it is no longer what
 * was looked at, and nothing was done.
 */
export async function armCharging(db: Database, arming: Arming): Promise<boolean> {
  const { key, state, now, asksFirst, resumes, differences, stoppedFor, actor, reason } = arming;
  const { place } = state.seen;
  const rows =
    await db.run(sql`with o as (select c.*, ${seenColumns} from charging c where c.account = ${OWN_ACCOUNT} for update),
    armed as (update charging c set arming = o.arming + 1, armed_at = ${now.toString()}::timestamptz,
      stopped_at = case when ${resumes}::boolean then null else c.stopped_at end,
      reason = case when ${resumes}::boolean then null else c.reason end,
      stopped_by = case when ${resumes}::boolean then null else c.stopped_by end,
      mode = ${key.mode}, fingerprint = ${key.fingerprint}, system = o.seen_system, database = o.seen_database,
      tables = o.seen_tables, files = ${place.files}, timeline = o.seen_timeline,
      ask_since = case when ${asksFirst}::boolean then ${now.toString()}::timestamptz else c.ask_since end,
      run = o.seen_start,
      run_since = case when o.armed_at is null or o.run = o.seen_start then c.run_since else ${now.toString()}::timestamptz end
    from o where c.account = o.account and o.seen_start = ${state.seen.start} and o.seen_system = ${place.system}
      and o.seen_database = ${place.database} and o.seen_tables = ${place.tables} and o.seen_timeline = ${place.timeline}::int
      and o.armed_at is not distinct from ${state.armedAt}::timestamptz and o.arming = ${state.arming}::int
      and o.reason is not distinct from ${state.reason}
      returning c.arming, c.armed_at, c.mode, c.fingerprint, c.system, c.database, c.tables, c.files, c.timeline)
    ${resumes ? sql`, ${countedAnew(now)}` : sql``}
    insert into armings (number, armed_at, mode, fingerprint, system, database, tables, files, timeline, differences,
      stopped_for, asks_first, reason, actor)
    select a.*, ${differences}::text[], ${stoppedFor}, ${asksFirst}::boolean, ${reason}, ${actor} from armed a
    returning number`);
  return rows.length > 0;
}
