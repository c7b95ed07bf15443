import { sql } from 'drizzle-orm';
import { type Database, type Door, databaseThrough, openDoor, type Shape } from '../../src/infra/database/db.ts';
import { empty, filled } from '../support/empty.ts';
import { FORGET_THE_DIARY, KEEP_A_DIARY, WRITES_IN_THE_DIARY } from './diary.ts';

/**
 * The real Postgres that a seed lives in, behind one connection: statements come one after the other, so that their order
 * and their outcome are those of the seed. What replicas do to it at the same instant is interleaved statement by statement.
 */
export type House = {
  /** Runs a statement at a simulated instant: Postgres' own clock says so too. */
  rows<T>(at: Temporal.Instant, text: string, params: readonly unknown[], shape: Shape): Promise<T[]>;
  /** For the simulation itself: what it looks at is no statement of anybody's. */
  readonly db: Database;
  /** From now on nothing reaches the standby. */
  partStandby(): Promise<void>;
  /** It caught up. */
  rejoinStandby(): Promise<void>;
  /** The primary is lost, and with it all since the parting; false when they were not parted. */
  failOver(): Promise<boolean>;
  readonly parted: () => boolean;
  /** Empty tables, for the next seed. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Moves the clock of triggers, and lets a promoted standby say that it is one. Names are looked up along `search_path`, and pg_catalog comes first unless the path says
 * otherwise: so the statements of the product call these. That of the cluster is told without its file, which a look at charging would read each time.
 */
const PREPARE = [
  'create schema simulated',
  `create function simulated.now() returns timestamptz language sql stable
     as $$ select current_setting('simulated.now')::timestamptz $$`,
  `create function simulated.pg_control_system() returns table (system_identifier bigint) language sql immutable
     as $$ select 7000000000000000001 $$`,
  `create function simulated.pg_walfile_name(pg_lsn) returns text language sql stable
     as $$ select lpad(to_hex(current_setting('simulated.timeline')::int), 8, '0') || repeat('0', 16) $$`,
  `create function simulated.pg_postmaster_start_time() returns timestamptz language sql stable
     as $$ select to_timestamp(current_setting('simulated.timeline')::int) $$`,
  ...KEEP_A_DIARY,
  `do $$ begin execute format('alter database %I set search_path = simulated, pg_catalog, public', current_database()); end $$`,
];

/** What writes or locks may be refused; a plain read never is. */
const MAY_FAIL = /\b(insert|update|delete)\b/;

const THE_TIME = /\b(now|clock_timestamp)\(\)/g;
const timed = new Map<string, string>();

/** The statement with Postgres' clock as one parameter more, behind its own: telling the clock of it apart would be a statement more. */
function withClock(text: string, behind: number): string {
  return timed.getOrInsertComputed(text, () => text.replaceAll(THE_TIME, () => `$${behind + 1}::timestamptz`));
}

/** `url`: a migrated and empty database of a server that nobody else uses. */
export async function openHouse(url: string): Promise<House> {
  const builder = databaseThrough(openDoor({ url, poolSize: 1 }));
  for (const statement of PREPARE) await builder.run(sql.raw(statement));
  await builder.close();
  // The path holds for sessions that begin after it was set.
  const door = openDoor({ url, poolSize: 1, applicationName: 'dueday simulation', deadlineMs: 60_000 });
  // Planned once a seed, since emptying the tables forgets the plans: half of Postgres' work here would be planning.
  await door.rows('set plan_cache_mode = force_generic_plan', [], 'objects');
  return houseBehind(door);
}

function houseBehind(door: Door): House {
  const db = databaseThrough(door);
  let told = '';
  let parted = false;
  let timeline = 1;
  const command = (text: string) => door.rows(text, [], 'objects');

  async function tellTime(at: Temporal.Instant): Promise<void> {
    const now = at.toString();
    if (now === told) return;
    await door.rows(`select set_config('simulated.now', $1, false)`, [now], 'objects');
    told = now;
  }

  async function toTimeline(next: number): Promise<void> {
    timeline = next;
    await door.rows(`select set_config('simulated.timeline', $1, false)`, [String(next)], 'objects');
  }

  /** Inside the transaction that stands for what the standby lacks, a statement that fails must not end it. */
  async function savely<T>(run: () => Promise<T>): Promise<T> {
    await command('savepoint statement');
    try {
      return await run();
    } catch (error) {
      await command('rollback to savepoint statement');
      throw error;
    } finally {
      await command('release savepoint statement');
    }
  }

  return {
    db,
    async rows<T>(at: Temporal.Instant, text: string, params: readonly unknown[], shape: Shape) {
      if (WRITES_IN_THE_DIARY.test(text)) await tellTime(at);
      const dated = withClock(text, params.length);
      const run = () => door.rows<T>(dated, dated === text ? params : [...params, at.toString()], shape);
      return await (parted && MAY_FAIL.test(text) ? savely(run) : run());
    },
    async partStandby() {
      if (parted) return;
      await command('begin');
      parted = true;
    },
    async rejoinStandby() {
      if (!parted) return;
      await command('commit');
      parted = false;
    },
    async failOver() {
      if (!parted) return false;
      await command('rollback');
      parted = false;
      // The rollback took the clock back as well.
      told = '';
      await toTimeline(timeline + 1);
      return true;
    },
    parted: () => parted,
    async clear() {
      await empty(db);
      // New files: where rows lay that were deleted, the next seed's would lie otherwise than in a life of its own.
      await command(`do $$ begin set local session_replication_role = replica; truncate ${filled.join(', ')}; end $$`);
      await command(FORGET_THE_DIARY);
      await toTimeline(1);
    },
    close: () => door.close(),
  };
}
