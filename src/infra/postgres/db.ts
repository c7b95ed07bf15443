import type { SQL } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import { connectionOf } from './connection.ts';
import { DatabaseTimeout, translate } from './database-error.ts';

export type DatabaseOptions = {
  readonly url: string;
  readonly poolSize?: number;
  readonly applicationName?: string;
  /** Client-side deadline of every statement, in milliseconds; a half-open connection would hang for ever without. */
  readonly deadlineMs?: number;
};

export type Database = {
  /** Drizzle over the pool in use; take it anew for every statement, since the pool may be replaced. */
  readonly drizzle: PostgresJsDatabase;
  /** One raw statement. */
  run<T = unknown>(query: SQL): Promise<T[]>;
  close(): Promise<void>;
};

export { DatabaseError, DatabaseTimeout, isConnectionFault, isUniqueViolation } from './database-error.ts';

const DEADLINE_MS = 15_000;

/**
 * A pool of connections that never hangs: every statement has a deadline, and a pool that misses one is replaced
 * (reliability-facts F: postgres.js has no time-out of its own). Errors name codes and constraints, never parameters.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  let pool = connect(options);
  const replace = (late: Pool): void => {
    if (pool !== late) return;
    pool = connect(options);
    void late.client.end({ timeout: 1 }).catch(() => undefined);
  };
  return {
    get drizzle() {
      return guarded(pool, deadlineMs, replace);
    },
    async run<T>(query: SQL) {
      const used = pool;
      const rows = await withDeadline(() => used.drizzle.execute(query), deadlineMs, () => replace(used));
      return [...(rows as unknown as T[])];
    },
    async close() {
      await pool.client.end({ timeout: 5 });
    },
  };
}

type Pool = { readonly client: Sql; readonly drizzle: PostgresJsDatabase };

function connect(options: DatabaseOptions): Pool {
  const { url, ...socket } = connectionOf(options.url);
  const client = postgres(url, {
    ...socket,
    max: options.poolSize ?? 10,
    connect_timeout: 10,
    idle_timeout: 60,
    max_lifetime: 60 * 30,
    onnotice: () => undefined,
    connection: {
      application_name: options.applicationName ?? 'dueday',
      statement_timeout: 12_000,
      lock_timeout: 8_000,
      idle_in_transaction_session_timeout: 10_000,
      TimeZone: 'UTC',
      // Plans made while tables were empty keep sequential scans (performance-facts, planner trap 2).
      plan_cache_mode: 'force_custom_plan',
    } as Record<string, string | number>,
  });
  return { client, drizzle: drizzle(client) };
}

async function withDeadline<T>(work: () => PromiseLike<T>, deadlineMs: number, late: () => void): Promise<T> {
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late();
    expiry.reject(new DatabaseTimeout(deadlineMs));
  }, deadlineMs);
  try {
    return await Promise.race([work(), expiry.promise]);
  } catch (error) {
    throw translate(error);
  } finally {
    clearTimeout(timer);
  }
}

type Execute = (...args: readonly unknown[]) => Promise<unknown>;
type Prepared = { execute: Execute };
type Session = { prepareQuery: (...args: readonly unknown[]) => Prepared };

/** Drizzle's builders end in one place, the session's prepared query: there every statement gets its deadline. */
function guarded(pool: Pool, deadlineMs: number, replace: (pool: Pool) => void): PostgresJsDatabase {
  const { session } = pool.drizzle as unknown as { session: Session & { guarded?: true } };
  if (session.guarded !== true) {
    const prepareQuery = session.prepareQuery.bind(session);
    session.prepareQuery = (...args) => {
      const prepared = prepareQuery(...args);
      const execute = prepared.execute.bind(prepared) as Execute;
      prepared.execute = (...values) => withDeadline(() => execute(...values), deadlineMs, () => replace(pool));
      return prepared;
    };
    session.guarded = true;
  }
  return pool.drizzle;
}
