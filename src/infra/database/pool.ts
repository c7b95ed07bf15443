import type { Options, PostgresType, Sql } from 'postgres';
import { connection } from './connection.ts';

export type PoolOptions = {
  readonly url: string;
  /** Connections at most. */
  readonly poolSize?: number;
  /** Statements that may wait for a connection; one more is refused at once. Without it all may. */
  readonly longestLine?: number;
  /** What `pg_stat_activity` shows. */
  readonly applicationName?: string;
  /** Client-side deadline of every statement, in milliseconds; the server's own limits lie below it. */
  readonly deadlineMs?: number;
};

export const POOL_SIZE = 10;
export const DEADLINE_MS = 15_000;

/** The connections in use, and the way to new ones. */
export type Pool = {
  readonly client: () => Sql;
  /** Lets the connections go that `late` was, unless somebody did already: of many late statements one replaces them. */
  readonly replace: (late: Sql) => void;
  readonly close: () => Promise<void>;
};

export function openPool(options: PoolOptions): Pool {
  let client = connect(options);
  let closing = false;
  return {
    client: () => client,
    replace(late) {
      if (late !== client || closing) return;
      client = connect(options);
      late.end({ timeout: 1 }).catch(() => undefined);
    },
    async close() {
      closing = true;
      await client.end({ timeout: 5 });
    },
  };
}

function connect(options: PoolOptions): Sql {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const settings: Options<Record<string, PostgresType>> = {
    max: options.poolSize ?? POOL_SIZE,
    prepare: true,
    types: AS_TEXT,
    connect_timeout: Math.min(10, deadlineMs / 1000),
    idle_timeout: 60,
    keep_alive: 30,
    // The driver's own waits grow to 20 seconds, beyond the deadline, and outlast the server's absence.
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
    connection: {
      application_name: options.applicationName ?? 'dueday',
      // The server gives up first: then the connection lives on, and the answer is known.
      statement_timeout: Math.floor(deadlineMs * 0.8),
      lock_timeout: Math.floor(deadlineMs * 0.5),
      idle_in_transaction_session_timeout: deadlineMs,
      TimeZone: 'UTC',
      // A plan made while the tables were empty would be kept, sequential scans and all, until an ANALYZE.
      plan_cache_mode: 'force_custom_plan',
      // Disks without a moving arm: at the default of 4 a batch of look-ups by key is taken for dearer than a whole scan.
      random_page_cost: 1.1,
    },
  };
  return connection(options.url, settings);
}

/**
 * Dates and times stay the text that Postgres writes, JSON is sent as the text that it is: the columns of the schema read and write
 * them (columns.ts), and JavaScript's Date would lose days and zones.
 */
const AS_TEXT = {
  time: { to: 1184, from: [1082, 1083, 1114, 1184], serialize: asItIs, parse: asItIs },
  json: { to: 114, from: [114, 3802], serialize: asItIs, parse: (text: string): unknown => JSON.parse(text) },
};

function asItIs(value: string): string {
  return value;
}
