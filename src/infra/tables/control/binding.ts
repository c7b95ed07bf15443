import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { ChargingKey, Place } from '../../../domain/control/binding.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** The database as a process met it; `start` names the run of the server that said so. */
export type Seen = { readonly place: Place; readonly start: string };

/**
 * What is cheap to see, in any statement. The timeline is read from the WAL's own name: the control file only learns of a
 * promotion at the checkpoint after it, which may be minutes later.
 */
export const seenColumns: Sql = sql.raw(`c.tableoid::text as seen_tables,
  (select system_identifier::text from pg_control_system()) as seen_system,
  (select oid::text from pg_database where datname = current_database()) as seen_database,
  case when pg_is_in_recovery() then null
    else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end as seen_timeline,
  extract(epoch from pg_postmaster_start_time())::text as seen_start`);

export type SeenRow = {
  readonly seen_tables: string;
  readonly seen_system: string;
  readonly seen_database: string;
  readonly seen_timeline: number | null;
  readonly seen_start: string;
};

const files = new WeakMap<Database, { readonly start: string; readonly since: string | null }>();

/** Completes what a statement saw with the files' own age, which is read once for each run of the server. */
export async function seenBy(db: Database, row: SeenRow): Promise<Seen> {
  const known = files.get(db);
  const since = known?.start === row.seen_start ? known.since : await filesSince(db);
  files.set(db, { start: row.seen_start, since });
  const { seen_system: system, seen_database: database, seen_tables: tables, seen_timeline: timeline } = row;
  return { start: row.seen_start, place: { system, database, tables, files: since, timeline } };
}

/**
 * When PG_VERSION got where it is: `initdb` writes it once, and no copy can take over this time. Null for a role that may
 * not look at files (most may not), and then copies of a whole data directory are not told from the original.
 */
async function filesSince(db: Database): Promise<string | null> {
  const [role] = await db.run<{ may: boolean }>(
    sql`select has_function_privilege('pg_stat_file(text)', 'execute') as may`,
  );
  if (role?.may !== true) return null;
  const [file] = await db.run<{ since: string | null }>(
    sql`select extract(epoch from change)::bigint::text as since from pg_stat_file('PG_VERSION')`,
  );
  return file?.since ?? null;
}

/** What a decision to charge rested on: the key, the run of the server, and since when charges are asked about first. */
export type Permit = {
  readonly key: ChargingKey;
  readonly start: string;
  readonly askSince: Temporal.Instant | null;
  /** The same for what cannot be sent twice: since another run of the server was met. */
  readonly runSince: Temporal.Instant | null;
  /** The channels of what is written: none of them may be stopped by now. */
  readonly channels?: readonly string[];
  /** What may leave although its channel was stopped for this: it makes no more of it. */
  readonly spares?: readonly string[];
  /** Set for the charges that find out whether a stopped channel works again: it must still be the one that is out. */
  readonly probe?: string;
  /** The sub-account whose charges these are, which may be stopped alone; empty: the merchant's own. */
  readonly account: string;
};

/** A condition for a statement that begins with `permitOf`: charging is permitted. */
export const isPermitted: Sql = sql`exists (select from permit)`;

/**
 * The first part of a statement that writes attempts. `permit` has a row where charging is on and armed for this key on the very
 * server that runs the statement; a connection may have come back to another one since the decision was made. It is a part
 * of its own: a distributed Postgres reads tables of the house apart from those of customers.
 */
export function permitOf({ key, start, askSince, runSince, channels = [], spares, probe, account }: Permit): Sql {
  const out = probe === undefined ? sql`` : sql`and b.probe is distinct from ${probe}::uuid`;
  const but = spares === undefined ? sql`` : sql`and b.code <> all(${spares}::text[])`;
  const alone =
    account === OWN_ACCOUNT
      ? sql``
      : sql`and not exists (select 1 from charging a where a.account = ${account} and a.stopped_at is not null)`;
  return sql`permit as materialized (select 1 as given where not exists (select 1 from breakers b where b.channel = any(${channels}::text[]) and b.state <> 'closed' ${out} ${but}) ${alone}
    and exists (select 1 from (select c.*, ${seenColumns} from charging c where c.account = ${OWN_ACCOUNT}) o
    where o.stopped_at is null and o.mode = ${key.mode} and o.fingerprint = ${key.fingerprint}
      and o.system = o.seen_system and o.database = o.seen_database and o.tables = o.seen_tables
      and o.timeline = o.seen_timeline and o.seen_start = ${start} and o.run = ${start}
      and o.ask_since is not distinct from ${askSince?.toString() ?? null}::timestamptz
      and o.run_since is not distinct from ${runSince?.toString() ?? null}::timestamptz))`;
}
