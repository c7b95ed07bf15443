import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../src/infra/postgres/db.ts';
import { checkMigrations, migrate } from '../../src/infra/postgres/migrate.ts';
import { emptyDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';

type Entry = { idx: number; version: string; when: number; tag: string; breakpoints: boolean };

const FIXTURE = join(import.meta.dirname, '../fixtures/migrations');

/** A copy of the migrations that a test may change. */
function folder(): string {
  const directory = passingDirectory();
  cpSync(FIXTURE, directory, { recursive: true });
  return directory;
}

function editJournal(directory: string, edit: (entries: Entry[]) => Entry[]): void {
  const path = join(directory, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: Entry[] };
  writeFileSync(path, JSON.stringify({ ...journal, entries: edit(journal.entries) }));
}

function opened(url: string): Database {
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.close());
  return db;
}

test('four processes that migrate an empty database at once all succeed, and it is migrated once', async () => {
  const url = await emptyDatabase();
  await Promise.all([1, 2, 3, 4].map(() => migrate(url, FIXTURE)));
  const db = opened(url);
  expect(await checkMigrations(db, FIXTURE)).toEqual({ ok: true });
  expect(await db.run(sql`select count(*)::int as applied from drizzle.__drizzle_migrations`)).toEqual([
    { applied: 2 },
  ]);
});

test('an empty database is told from a migrated one', async () => {
  const db = opened(await emptyDatabase());
  expect(await checkMigrations(db, FIXTURE)).toMatchObject({
    ok: false,
    problem: 'missing',
    detail: expect.stringContaining('0000_notes'),
  });
});

test('a migration that is not applied yet is named, with the command that applies it', async () => {
  const url = await emptyDatabase();
  const before = folder();
  editJournal(before, (entries) => entries.slice(0, 1));
  await migrate(url, before);
  const db = opened(url);
  const detail = 'Migration 0001_moods is not applied: run "dueday migrate".';
  expect(await checkMigrations(db, FIXTURE)).toEqual({ ok: false, problem: 'missing', detail });
  await migrate(url, FIXTURE);
  expect(await checkMigrations(db, FIXTURE)).toEqual({ ok: true });
});

test('a migration that was edited after it was applied is noticed', async () => {
  const url = await emptyDatabase();
  await migrate(url, FIXTURE);
  const edited = folder();
  writeFileSync(join(edited, '0000_notes.sql'), 'CREATE TABLE "notes" ("id" bigint PRIMARY KEY NOT NULL);');
  expect(await checkMigrations(opened(url), edited)).toMatchObject({
    ok: false,
    problem: 'edited',
    detail: expect.stringContaining('0000_notes'),
  });
});

test('a database that a newer version migrated is noticed', async () => {
  const url = await emptyDatabase();
  await migrate(url, FIXTURE);
  const older = folder();
  editJournal(older, (entries) => entries.slice(0, 1));
  expect(await checkMigrations(opened(url), older)).toMatchObject({ ok: false, problem: 'newer' });
});

test('a migration that came late with an older time is refused, not skipped', async () => {
  const url = await emptyDatabase();
  await migrate(url, FIXTURE);
  const merged = folder();
  writeFileSync(join(merged, '0002_late.sql'), 'CREATE TABLE "late" ("id" integer);');
  editJournal(merged, (entries) => [
    ...entries,
    { idx: 2, version: '7', when: 1_760_000_000_500, tag: '0002_late', breakpoints: true },
  ]);
  await expect(migrate(url, merged)).rejects.toThrow('Migration 0002_late is older than what is applied');
  expect(await checkMigrations(opened(url), merged)).toMatchObject({ ok: false, problem: 'missing' });
});

test('migrations are applied all or none, and a failure names the code without the statement', async () => {
  const url = await emptyDatabase();
  const broken = folder();
  writeFileSync(
    join(broken, '0001_moods.sql'),
    `ALTER TABLE "canary" ADD COLUMN "secret" text DEFAULT 'canary-value';`,
  );
  const failure = await migrate(url, broken).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'DatabaseError', code: '42P01' });
  expect(String(failure)).not.toContain('canary-value');
  expect(await opened(url).run(sql`select to_regclass('notes')::text as notes`)).toEqual([{ notes: null }]);
});

test('tables are analysed once they are made', async () => {
  const url = await emptyDatabase();
  await migrate(url, FIXTURE);
  const db = opened(url);
  const analysed = async () => {
    const [row] = await db.run<{ at: string | null }>(
      sql`select last_analyze as at from pg_stat_user_tables where relname = 'notes'`,
    );
    return row?.at ?? null;
  };
  await expect.poll(analysed).not.toBeNull();
});
