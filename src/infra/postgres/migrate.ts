import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { sql } from 'drizzle-orm';
import { connectionOf } from './connection.ts';
import { translate } from './database-error.ts';
import type { Database } from './db.ts';

/** "dueday migration" as a number; a session lock, so not through a pooler in transaction mode. */
const LOCK = 68_733_929;

export type MigrationCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'missing' | 'edited' | 'newer'; readonly detail: string };

/** Applies the migrations that are missing, one process at a time; the others wait and find nothing to do. */
export async function migrate(databaseUrl: string, folder: string): Promise<void> {
  const { url, ...socket } = connectionOf(databaseUrl);
  const client = postgres(url, { ...socket, max: 1, onnotice: () => undefined, connection: { application_name: 'dueday migrate' } });
  try {
    await client`select pg_advisory_lock(${LOCK})`;
    await applyMigrations(drizzle(client), { migrationsFolder: folder });
    // Plans for tables that were never analysed are guesses (performance-facts, planner trap 2).
    await client`analyze`;
  } catch (error) {
    throw translate(error);
  } finally {
    await client.end({ timeout: 5 });
  }
}

type Known = { readonly tag: string; readonly when: number; readonly hash: string };

/**
 * Compares the migrations of this version with those of the database. Drizzle itself looks at the newest time only, and
 * skips an older one silently; charging on a schema that is not ours is refused instead.
 */
export async function checkMigrations(db: Database, folder: string): Promise<MigrationCheck> {
  const expected = expectedMigrations(folder);
  const applied = await appliedMigrations(db);
  const byTime = new Map(applied.map((one) => [one.when, one.hash]));
  for (const { tag, when, hash } of expected) {
    const found = byTime.get(when);
    if (found === undefined) return { ok: false, problem: 'missing', detail: `Migration ${tag} was not applied: run "dueday migrate".` };
    if (found !== hash) return { ok: false, problem: 'edited', detail: `Migration ${tag} differs from what was applied: restore its file.` };
  }
  if (applied.length > expected.length) {
    return { ok: false, problem: 'newer', detail: 'The database was migrated by a newer version: upgrade this one.' };
  }
  return { ok: true };
}

function expectedMigrations(folder: string): readonly Known[] {
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    readonly entries: readonly { readonly tag: string; readonly when: number }[];
  };
  return journal.entries.map(({ tag, when }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
    return { tag, when, hash: createHash('sha256').update(text).digest('hex') };
  });
}

async function appliedMigrations(db: Database): Promise<readonly { readonly when: number; readonly hash: string }[]> {
  const [table] = await db.run<{ there: boolean }>(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`);
  if (table?.there !== true) return [];
  const rows = await db.run<{ created_at: string; hash: string }>(sql`select created_at::text as created_at, hash from drizzle.__drizzle_migrations`);
  return rows.map((row) => ({ when: Number(row.created_at), hash: row.hash }));
}
