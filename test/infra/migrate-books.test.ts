import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { verifyLedger } from '../../src/flows/books/verify-ledger.ts';
import { connection } from '../../src/infra/database/connection.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { migrationsFolder } from '../../src/wire/schema.ts';
import { fillBefore, migrateBefore } from '../support/books-before.ts';
import { eventually } from '../support/daemon.ts';
import { emptyDatabase } from '../support/database.ts';
import { migrationsLike } from '../support/migrations.ts';

const CHARGES = 10_000;
const CYCLES = 10;

test('ten thousand charges of the version before are migrated, and every entry that it wrote is whole', async () => {
  const url = await emptyDatabase();
  await migrateBefore(url, migrationsLike(migrationsFolder));
  const before = connection(url, { max: 1 });
  await fillBefore(before, CHARGES / CYCLES, CYCLES);
  await before.end();
  expect(await migrate(url, migrationsFolder)).toContain('0027_model');
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.close());
  const proof = await verifyLedger({ db, stopping: new AbortController().signal } as Context);
  expect(proof).toEqual({ entries: CHARGES * 5, subscriptions: CHARGES / CYCLES, broken: 0, breaks: [] });
  expect(await db.run(sql`select kind, extra, account, count(*)::int as count from charges group by 1, 2, 3`)).toEqual([
    { kind: 'cycle', extra: null, account: '', count: CHARGES },
  ]);
  expect(await db.run(sql`select distinct via from attempts`)).toEqual([{ via: 'token' }]);
  // Nobody knows when those were written; whoever reads by that time meets only what came afterwards.
  expect(await db.run(sql`select distinct written_at, account, credit, detail from ledger`)).toEqual([
    { written_at: null, account: '', credit: null, detail: null },
  ]);
});

test('nothing that is added is left unchecked, or half built', async () => {
  const url = await emptyDatabase();
  await migrate(url, migrationsFolder);
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.close());
  expect(await db.run(sql`select conname from pg_constraint where not convalidated`)).toEqual([]);
  expect(await db.run(sql`select indexrelid::regclass::text as name from pg_index where not indisvalid`)).toEqual([]);
});

test('an index waits for the transaction of somebody else, whatever it reads, until it ends; whoever holds up the start is named', async () => {
  const url = await emptyDatabase();
  await migrateBefore(url, migrationsLike(migrationsFolder));
  const reader = connection(url, { max: 1, connection: { application_name: 'a long report' } });
  onTestFinished(() => reader.end({ timeout: 1 }));
  await reader`begin isolation level repeatable read`;
  await reader`select 1`;
  await expect(migrate(url, migrationsFolder, undefined, 100)).rejects.toThrow(
    /waited in vain for another session .*of user "dueday" \("a long report"\)/,
  );
  const migrated = migrate(url, migrationsFolder, undefined, 20_000);
  const builds = connection(url, { max: 1 });
  onTestFinished(() => builds.end({ timeout: 1 }));
  // Longer than others may be kept waiting: this keeps nobody.
  await eventually(async () =>
    expect(
      await builds`select from pg_stat_activity where query like '%INDEX CONCURRENTLY%' and pid <> pg_backend_pid() and query_start < now() - interval '2.5 seconds' and state = 'active'`,
    ).toHaveLength(1),
  );
  await reader`commit`;
  expect(await migrated).toContain('0027_model');
});
