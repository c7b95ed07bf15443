import type { SQLWrapper } from 'drizzle-orm';
import type { Sql as Client, ParameterOrJSON } from 'postgres';
import { openVault, type Vault } from '../vault/vault.ts';
import { type Groups, ONE_GROUP } from './buckets.ts';
import { type Builders, buildersThrough } from './builders.ts';
import { DatabaseTimeout, databaseError } from './database-error.ts';
import type { Door, Shape } from './door.ts';
import { parameter } from './parameters.ts';
import { DEADLINE_MS, openPool, POOL_SIZE, type Pool, type PoolOptions } from './pool.ts';
import type { Selection } from './selection.ts';
import { type Slots, slots } from './slots.ts';
import { atOneMoment } from './snapshot.ts';
import { type Sql, statementOf } from './sql.ts';

export {
  DatabaseError,
  DatabaseTimeout,
  isConnectionFault,
  isLockTimeout,
} from './database-error.ts';

export type { Door, Shape } from './door.ts';

export type DatabaseOptions = PoolOptions & {
  /** Without one, values are stored as they are. */
  readonly vault?: Vault;
  /** Where a person looks when no server is there; else that is where DATABASE_URL leads. */
  readonly lookThere?: string;
};

export type Database = {
  /** Drizzle's builders, over whatever connections are in use. No transactions: a phase is one statement. */
  readonly drizzle: Builders;
  /**
   * One raw statement, prepared; its rows as Postgres writes them: bigint, numeric, dates and times are strings, smaller
   * numbers are numbers, JSON is parsed. An array goes in with a cast, and comes out as JSON only.
   */
  run<T = unknown>(query: SQLWrapper): Promise<T[]>;
  /** The same for a statement that answers the columns of a selection; each row as its objects. */
  read<T>(selection: Selection<T>, query: Sql): Promise<T[]>;
  /** Which buckets lie together in it. */
  readonly groups: Groups;
  /** Seals what must not be read in the database, and opens it again. */
  readonly vault: Vault;
  /** Reads as of one moment and writes nothing, for a report: over a connection of its own, whose statements may take longer. */
  snapshot<T>(read: (db: Database) => Promise<T>): Promise<T>;
  /**
   * In a look of a page: what is not read after so many milliseconds is given up and null, and the look goes on. Read one after the other with
   * everything else. Elsewhere the deadline of each statement is the only one.
   */
  soon<T>(ms: number, read: (db: Database) => Promise<T>): Promise<T | null>;
  /** Waits up to five seconds for what is running. */
  close(): Promise<void>;
};

/** The deadline of a statement of a report. */
const REPORT_MS = 30_000;

/**
 * Connections to Postgres that never hang. A statement gets its turn, and then its answer, within the deadline
 * (15 seconds each unless said otherwise), or ends in a `DatabaseError` or a `DatabaseTimeout`. After an answer that did
 * not come the connections are replaced: postgres.js has no time-out of its own, and would keep a half-open one.
 * Reports with a longer deadline open a database of their own. Errors never carry SQL or parameters. Nothing is
 * connected before the first statement.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const db = databaseThrough(openDoor(options), options.vault);
  const report = { ...options, poolSize: 1, deadlineMs: REPORT_MS, applicationName: 'dueday report' };
  return { ...db, snapshot: (read) => atOneMoment(openDatabase(report), read) };
}

/** The door that `openDatabase` uses. */
export function openDoor(options: DatabaseOptions): Door {
  const pool = openPool(options);
  return new Gate(pool, options);
}

/** Drizzle's builders and raw statements, both through this door. */
export function databaseThrough(door: Door, vault: Vault = openVault([]), groups: Groups = ONE_GROUP): Database {
  const db: Database = {
    drizzle: buildersThrough(door),
    async run<T>(query: SQLWrapper) {
      const { text, params } = statementOf(query);
      return await door.rows<T>(text, params, 'objects');
    },
    async read<T>(selection: Selection<T>, query: Sql) {
      const { text, params } = query.statement();
      const rows = await door.rows<readonly unknown[]>(text, params, 'values');
      return rows.map(selection.row);
    },
    groups,
    vault,
    snapshot: () => Promise.reject(new Error('This door leads to no connection of its own.')),
    soon: (_, read) => read(db),
    close: () => door.close(),
  };
  return db;
}

/** Where a statement's turn, its deadline and its errors are kept. */
class Gate implements Door {
  readonly #pool: Pool;
  readonly #slots: Slots;
  readonly #deadlineMs: number;
  readonly #lookThere: string | undefined;

  constructor(pool: Pool, options: DatabaseOptions) {
    const { poolSize = POOL_SIZE, longestLine, deadlineMs = DEADLINE_MS, lookThere } = options;
    this.#pool = pool;
    this.#slots = slots(poolSize, longestLine);
    this.#deadlineMs = deadlineMs;
    this.#lookThere = lookThere;
  }

  async rows<T>(text: string, params: readonly unknown[], shape: Shape): Promise<T[]> {
    const release = await this.#slots.take(this.#deadlineMs);
    if (release === null) {
      throw new DatabaseTimeout(
        `No connection to the database came free within ${this.#deadlineMs} ms, or too many wait already; nothing was sent.`,
      );
    }
    const client = this.#pool.client();
    try {
      const query = client.unsafe(
        text,
        params.map(parameter) as ParameterOrJSON<never>[],
        { prepare: true, simple: false } as object,
      );
      const rows = await this.#inTime(shape === 'values' ? query.values() : query, client);
      return [...(rows as unknown as T[])];
    } catch (error) {
      const reported = databaseError(error, this.#lookThere);
      if (reported.code === '25006') this.#pool.replace(client);
      throw reported;
    } finally {
      release();
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #inTime<T>(answer: PromiseLike<T>, client: Client): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#pool.replace(client);
      late.reject(
        new DatabaseTimeout(
          `The database did not answer within ${this.#deadlineMs} ms; its connections were replaced.`,
        ),
      );
    }, this.#deadlineMs);
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
