import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyAll } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import type { Passing } from '../failpoints.ts';
import { connection } from './connection.ts';
import { DatabaseError, databaseError } from './database-error.ts';
import type { Database } from './db.ts';

/** Any number that nobody else locks with. A session's lock: not through a pooler in transaction mode. */
const LOCK = 68_733_929;

export type MigrationCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'missing' | 'edited' | 'newer'; readonly detail: string };

type Migration = { readonly tag: string; readonly when: number; readonly hash: string; readonly expands: boolean };
type Applied = Pick<Migration, 'when' | 'hash'> & { readonly expands: boolean };

/**
 * The first words of a migration with which an older dueday can go on working: it only adds what may be left alone
 * (tables, indexes, columns that are nullable or have a default). Every other one needs that no older dueday runs.
 */
const EXPANDS = '-- expands';

/**
 * Applies the migrations of `folder` that the database does not have, all or none of them, one process at a time: of
 * several at once the others wait, and find nothing left to do. Throws before touching anything when a migration would
 * be skipped, and a `DatabaseError` when one fails.
 */
export async function migrate(url: string, folder: string, passing?: Passing): Promise<void> {
  const client = connection(url, { max: 1, connect_timeout: 10, connection: { application_name: 'dueday migrate' } });
  try {
    await client`select pg_advisory_lock(${LOCK})`;
    const known = migrationsIn(folder);
    const before = await appliedTo(client);
    const pending = pendingOf(known, before);
    if (pending.length > 0) await applyPending(client, folder, passing);
    await noteExpanding(client, known, before);
  } catch (error) {
    throw withCode(error);
  } finally {
    await client.end({ timeout: 5 });
  }
}

async function applyPending(client: Sql, folder: string, passing?: Passing): Promise<void> {
  passing?.('before-migration');
  const logger = { logQuery: (query: string) => query.includes(NOTED) && passing?.('between-migrations') };
  await applyAll(drizzle(client, { logger }), { migrationsFolder: folder });
  passing?.('after-migration');
  // What was never analysed is planned by guesswork, and badly.
  await client`analyze`;
}

/** With this drizzle notes that a migration was applied, in the transaction of all of them. */
const NOTED = 'insert into "drizzle"."__drizzle_migrations"';

/** For the older ones that run: they know neither the files of newer migrations nor what these did. */
async function noteExpanding(client: Sql, known: readonly Migration[], before: readonly Applied[]): Promise<void> {
  const noted = new Set(before.filter(({ expands }) => expands).map(({ when }) => when));
  const expanding = known.filter(({ expands, when }) => expands && !noted.has(when)).map(({ when }) => when);
  if (expanding.length === 0) return;
  await client.unsafe('create table if not exists drizzle.expanding (created_at bigint primary key)');
  for (const when of expanding)
    await client`insert into drizzle.expanding (created_at) values (${when}) on conflict do nothing`;
}

/**
 * Whether the database has the migrations of `folder`, as they are written there. Charging on another schema is
 * refused: drizzle itself compares nothing but the newest time. Newer ones that only expand the schema do no harm.
 */
export async function checkMigrations(db: Database, folder: string): Promise<MigrationCheck> {
  const known = migrationsIn(folder);
  const applied = await appliedThrough(db);
  const times = new Set(known.map(({ when }) => when));
  if (applied.some(({ when, expands }) => !times.has(when) && !expands)) {
    return {
      ok: false,
      problem: 'newer',
      detail: 'The database was migrated by a newer dueday: run that one, or a copy of the database from before.',
    };
  }
  for (const { tag, when, hash } of known) {
    const found = applied.find((one) => one.when === when);
    if (found === undefined)
      return { ok: false, problem: 'missing', detail: `Migration ${tag} is not applied: run "dueday migrate".` };
    if (found.hash !== hash) {
      return {
        ok: false,
        problem: 'edited',
        detail: `Migration ${tag} was changed after it was applied: restore its file, and write a new migration.`,
      };
    }
  }
  return { ok: true };
}

/** Drizzle applies what is newer than the newest applied, and skips an older one without a word. */
function pendingOf(known: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const times = new Set(applied.map(({ when }) => when));
  const newest = Math.max(0, ...times);
  const pending = known.filter(({ when }) => !times.has(when));
  const skipped = pending.find(({ when }) => when < newest);
  if (skipped === undefined) return pending;
  throw new Error(
    `Migration ${skipped.tag} is older than what is applied and would be skipped: generate it again, so that it comes last.`,
  );
}

function migrationsIn(folder: string): readonly Migration[] {
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    readonly entries: readonly { readonly tag: string; readonly when: number }[];
  };
  return journal.entries.map(({ tag, when }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
    return { tag, when, hash: createHash('sha256').update(text).digest('hex'), expands: text.startsWith(EXPANDS) };
  });
}

const TABLES = `select to_regclass('drizzle.__drizzle_migrations') is not null as applied,
  to_regclass('drizzle.expanding') is not null as expanding`;

type Tables = { readonly applied: boolean; readonly expanding: boolean };

function rowsOf({ expanding }: Tables): string {
  const expands = expanding ? 'exists (select from drizzle.expanding e where e.created_at = m.created_at)' : 'false';
  return `select created_at::float8 as when, hash, ${expands} as expands from drizzle.__drizzle_migrations m order by created_at`;
}

async function appliedTo(client: Sql): Promise<readonly Applied[]> {
  const [tables] = await client.unsafe<Tables[]>(TABLES);
  return tables?.applied === true ? await client.unsafe<Applied[]>(rowsOf(tables)) : [];
}

async function appliedThrough(db: Database): Promise<readonly Applied[]> {
  const [tables] = await db.run<Tables>(sql.raw(TABLES));
  return tables?.applied === true ? await db.run<Applied>(sql.raw(rowsOf(tables))) : [];
}

/** Drizzle wraps what the server said; a fault of our own files is passed on as it is. */
function withCode(error: unknown): unknown {
  const reported = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reported instanceof DatabaseError || (reported instanceof Error && 'code' in reported)
    ? databaseError(reported)
    : error;
}
