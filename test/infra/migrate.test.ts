import { execFile } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connection } from '../../src/infra/database/connection.ts';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { checkMigrations, migrate } from '../../src/infra/database/migrate.ts';
import { migrationsFolder, watchSchema } from '../../src/wire/schema.ts';
import { emptyDatabase, testDatabase } from '../support/database.ts';
import { addMigration, editJournal, migrationsLike } from '../support/migrations.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { asRole } from '../support/role.ts';

const FIXTURE = join(import.meta.dirname, '../fixtures/migrations');

const EXPANDING =
  '-- expands: an older dueday leaves the new column alone\nALTER TABLE "notes" ADD COLUMN "colour" text;';
const CONTRACTING = 'ALTER TABLE "notes" ADD COLUMN "colour" text;';

/** A copy of the migrations that a test may change. */
const folder = () => migrationsLike(FIXTURE);

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

test('a checkout finds its migrations in a folder whose name has a space or a percent sign', async () => {
  const checkout = join(passingDirectory(), 'my billing, 100%');
  const whole = join(import.meta.dirname, '../..');
  for (const part of ['package.json', 'drizzle', 'src'])
    cpSync(join(whole, part), join(checkout, part), { recursive: true });
  symlinkSync(join(whole, 'node_modules'), join(checkout, 'node_modules'));
  const env = { PATH: process.env.PATH ?? '', DATABASE_URL: await emptyDatabase() };
  const { stdout } = await promisify(execFile)(process.execPath, ['src/main.ts', 'migrate'], { cwd: checkout, env });
  expect(stdout).toBe('The database has every migration of this version.\n');
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

describe('a migration that goes statement by statement', () => {
  const STEPS = `-- expands, statement by statement
ALTER TABLE "notes" ADD COLUMN IF NOT EXISTS "colour" text;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "notes_by_colour";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "notes_by_colour" ON "notes" ("colour");`;

  test('builds an index beside those who write, and what came before it was one transaction of its own', async () => {
    const url = await emptyDatabase();
    const newer = folder();
    addMigration(newer, '0002_steps', STEPS);
    addMigration(newer, '0003_after', EXPANDING.replaceAll('colour', 'shade'));
    expect(await migrate(url, newer)).toEqual(['0000_notes', '0001_moods', '0002_steps', '0003_after']);
    const db = opened(url);
    expect(await checkMigrations(db, newer)).toEqual({ ok: true });
    expect(await checkMigrations(db, FIXTURE)).toEqual({ ok: true });
  });

  test('leaves those before it all or nothing', async () => {
    const url = await emptyDatabase();
    const broken = folder();
    writeFileSync(join(broken, '0001_moods.sql'), 'ALTER TABLE "canary" ADD COLUMN "colour" text;');
    addMigration(broken, '0002_steps', STEPS);
    await expect(migrate(url, broken)).rejects.toMatchObject({ code: '42P01' });
    expect(await opened(url).run(sql`select to_regclass('notes')::text as notes`)).toEqual([{ notes: null }]);
  });

  test('holds up no other process that waits for its turn to migrate', async () => {
    const url = await emptyDatabase();
    await migrate(url, FIXTURE);
    const newer = folder();
    addMigration(newer, '0002_steps', STEPS);
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url, newer)));
    expect(applied.flat()).toEqual(['0002_steps']);
  });

  test('keeps what it had done where it fails, and is applied whole the next time', async () => {
    const url = await emptyDatabase();
    const broken = folder();
    addMigration(broken, '0002_steps', STEPS.replace('ON "notes"', 'ON "canary"'));
    await expect(migrate(url, broken)).rejects.toMatchObject({ code: '42P01' });
    const db = opened(url);
    expect(await checkMigrations(db, broken)).toMatchObject({ ok: false, problem: 'missing' });
    expect(await db.run(sql`select colour from notes`)).toEqual([]);
    const mended = folder();
    addMigration(mended, '0002_steps', STEPS);
    expect(await migrate(url, mended)).toEqual(['0002_steps']);
  });

  test('begins again with its first statement at the next start, once whoever was in its way has gone', async () => {
    const url = await emptyDatabase();
    await migrate(url, FIXTURE);
    const newer = folder();
    addMigration(newer, '0002_steps', STEPS);
    const reader = connection(url, { max: 1 });
    onTestFinished(() => reader.end({ timeout: 1 }));
    await reader`begin`;
    await reader`lock table notes in row exclusive mode`;
    await expect(migrate(url, newer, undefined, 100)).rejects.toThrow('waited in vain for another session');
    await reader`commit`;
    expect(await migrate(url, newer)).toEqual(['0002_steps']);
  });
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

test.each([
  ['one that only expands', EXPANDING, { ok: true }],
  ['any other one', CONTRACTING, { ok: false, problem: 'newer' }],
])('of newer migrations, an older dueday can live with %s', async (_, text, verdict) => {
  const url = await emptyDatabase();
  const newer = folder();
  addMigration(newer, '0002_newer', text);
  expect(await migrate(url, newer)).toEqual(['0000_notes', '0001_moods', '0002_newer']);
  expect(await migrate(url, FIXTURE)).toEqual([]);
  expect(await checkMigrations(opened(url), FIXTURE)).toMatchObject(verdict);
  expect(await checkMigrations(opened(url), newer)).toEqual({ ok: true });
});

test('an older dueday cannot live with one that contracts, whatever expanded after it', async () => {
  const url = await emptyDatabase();
  const newer = folder();
  addMigration(newer, '0002_contracts', CONTRACTING);
  addMigration(newer, '0003_expands', EXPANDING.replaceAll('colour', 'shade'));
  await migrate(url, newer);
  expect(await checkMigrations(opened(url), FIXTURE)).toMatchObject({ ok: false, problem: 'newer' });
});

test('what nobody noted as expanding is noted by the next one that knows', async () => {
  const url = await emptyDatabase();
  const newer = folder();
  addMigration(newer, '0002_newer', EXPANDING);
  await migrate(url, newer);
  const db = opened(url);
  await db.run(sql`drop table drizzle.expanding`);
  expect(await checkMigrations(db, FIXTURE)).toMatchObject({ ok: false, problem: 'newer' });
  await migrate(url, newer);
  expect(await checkMigrations(db, FIXTURE)).toEqual({ ok: true });
});

test('a running daemon is told when its schema is taken away, once, and not when it is expanded', async () => {
  const url = await emptyDatabase();
  await migrate(url, FIXTURE);
  const told: string[] = [];
  const logged: string[] = [];
  const note = (event: string) => void logged.push(event);
  const log = { debug: note, info: note, warn: note, error: note, close: async () => undefined };
  const db = opened(url);
  const looks = vi.spyOn(db, 'run');
  const unwatch = watchSchema(db, log, (why) => told.push(why), { everyMs: 5, folder: FIXTURE });
  onTestFinished(unwatch);
  const newer = folder();
  addMigration(newer, '0002_expands', EXPANDING);
  await migrate(url, newer);
  const before = looks.mock.calls.length;
  await expect.poll(() => looks.mock.calls.length).toBeGreaterThan(before + 4);
  expect(told).toEqual([]);
  addMigration(newer, '0003_contracts', 'ALTER TABLE "notes" DROP COLUMN "colour";');
  await migrate(url, newer);
  await expect.poll(() => told).toEqual([expect.stringContaining('a newer dueday')]);
  expect(logged).toEqual(['schema is no longer ours']);
});

describe('a lock that another role can hold', () => {
  const LOCK = 68_733_929;

  /** Somebody who may connect and nothing else, with the lock that a migration takes. */
  async function stranger(url: string) {
    const client = connection(url, { max: 1, connection: { application_name: 'curious "one"' } });
    onTestFinished(() => client.end({ timeout: 1 }));
    const [row] = await client<{ pid: number }[]>`select pg_backend_pid() as pid, pg_advisory_lock(${LOCK})::text`;
    return { pid: row?.pid, leave: () => client`select pg_advisory_unlock(${LOCK})` };
  }

  test('keeps nobody from starting where nothing is to be migrated', async () => {
    const url = await emptyDatabase();
    await migrate(url, FIXTURE);
    await stranger(url);
    expect(await migrate(url, FIXTURE)).toEqual([]);
  });

  test('does not keep the rights of the roles from being given', async () => {
    const { adminUrl, admin } = await testDatabase();
    await stranger(adminUrl);
    await admin.run(sql`revoke select on charging from dueday_app`);
    expect(await migrate(asRole(adminUrl, 'dueday_owner'), migrationsFolder)).toEqual([]);
    const may = sql`select has_table_privilege('dueday_app', 'charging', 'select') as may`;
    expect(await admin.run(may)).toEqual([{ may: true }]);
  });

  test('is named after a while where something is to be migrated, with the way out', async () => {
    const url = await emptyDatabase();
    const { pid, leave } = await stranger(url);
    const refused = migrate(url, FIXTURE, undefined, 100);
    await expect(refused).rejects.toThrow(`process ${pid} of user "dueday" ("curious \\"one\\"")`);
    await expect(refused).rejects.toThrow('pg_terminate_backend');
    expect(await opened(url).run(sql`select to_regclass('notes')::text as notes`)).toEqual([{ notes: null }]);
    const patient = migrate(url, FIXTURE);
    await leave();
    expect(await patient).toEqual(['0000_notes', '0001_moods']);
  });

  test('is named as well by a user whose statements may take no longer', async () => {
    const url = await emptyDatabase();
    const { pid } = await stranger(url);
    await expect(migrate(`${url}&statement_timeout=100`, FIXTURE, undefined, 500)).rejects.toThrow(
      `process ${pid} of user`,
    );
  });

  test('on a table that a migration changes is named too', async () => {
    const url = await emptyDatabase();
    await migrate(url, FIXTURE);
    const reader = connection(url, { max: 1, connection: { application_name: 'a long report' } });
    onTestFinished(() => reader.end({ timeout: 1 }));
    await reader`begin`;
    await reader`lock table notes in access share mode`;
    const newer = folder();
    addMigration(newer, '0002_newer', CONTRACTING);
    await expect(migrate(url, newer, undefined, 100)).rejects.toThrow(
      /waited in vain for another session .*of user "dueday" \("a long report"\)/,
    );
    await reader`commit`;
    expect(await migrate(url, newer)).toEqual(['0002_newer']);
  });
});

test('nobody waits behind a migration for as long as it has to wait itself', async () => {
  const url = await emptyDatabase();
  await migrate(url, FIXTURE);
  const reader = connection(url, { max: 1 });
  onTestFinished(() => reader.end({ timeout: 1 }));
  await reader`begin`;
  await reader`lock table notes in access share mode`;
  const newer = folder();
  addMigration(newer, '0002_newer', CONTRACTING);
  const migrated = migrate(url, newer);
  const db = opened(url);
  const waits = sql`select 1 from pg_locks where not granted and relation = 'notes'::regclass`;
  await expect.poll(() => db.run(waits)).toHaveLength(1);
  const asked = performance.now();
  await db.run(sql`select count(*) from notes`);
  expect(performance.now() - asked).toBeLessThan(3_000);
  await reader`commit`;
  expect(await migrated).toEqual(['0002_newer']);
});
