import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Database, type DatabaseError, openDatabase } from '../../src/infra/database/db.ts';
import { sql } from '../../src/infra/database/sql.ts';
import { emptyDatabase } from '../support/database.ts';

/* A report reads one moment, and writes nothing. */

let url: string;
beforeAll(async () => {
  url = await emptyDatabase();
  const db = openDatabase({ url, poolSize: 1 });
  await db.run(sql`create table things (id int primary key)`);
  await db.close();
});

function opened(): Database {
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.close());
  return db;
}

const things = async (db: Database) => (await db.run(sql`select id from things order by id`)).length;

test('what a report reads is of the moment at which it begins, whatever is written meanwhile', async () => {
  const db = opened();
  const read = await db.snapshot(async (report) => {
    const before = await things(report);
    await db.run(sql`insert into things select max(id) + 1 from (select 0 as id union all select id from things) t`);
    return [before, await things(report)];
  });
  expect(read).toEqual([0, 0]);
  expect(await things(db)).toBe(1);
});

test('a report can write nothing', async () => {
  const db = opened();
  const writing = db.snapshot((report) => report.run(sql`insert into things values (1000)`));
  await expect(writing).rejects.toMatchObject({ code: '25006' } satisfies Partial<DatabaseError>);
});

test('a report whose connection was lost between two statements is refused: the next statement read another moment', async () => {
  const db = opened();
  const lost = db.snapshot(async (report) => {
    const [own] = await report.run<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    await db.run(sql`select pg_terminate_backend(${own?.pid ?? 0}::int)`);
    // The driver hears of it with the next turn of the loop, and makes another connection.
    await things(report).catch(() => undefined);
    return await things(report);
  });
  await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
});

test('its connection is closed with it, also where it fails', async () => {
  const db = opened();
  await db.snapshot(things);
  await db.snapshot(() => Promise.reject(new Error('it failed'))).catch(() => undefined);
  const [left] = await db.run(
    sql`select count(*)::int as count from pg_stat_activity where application_name = 'dueday report' and datname = current_database()`,
  );
  expect(left).toEqual({ count: 0 });
});
