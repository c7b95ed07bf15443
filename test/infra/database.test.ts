import { inspect } from 'node:util';
import { eq, type SQL, sql } from 'drizzle-orm';
import { bigint, integer, json, pgTable, text } from 'drizzle-orm/pg-core';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { bytea, instant, plainDate } from '../../src/infra/database/columns.ts';
import { socketUrl, withDatabase } from '../../src/infra/database/connection.ts';
import {
  type Database,
  DatabaseError,
  type DatabaseOptions,
  DatabaseTimeout,
  isConnectionFault,
  openDatabase,
} from '../../src/infra/database/db.ts';
import { emptyDatabase } from '../support/database.ts';
import { lineTo } from '../support/frozen-line.ts';
import { passingDirectory } from '../support/passing-directory.ts';

const CANARY = 'pt-canary-4000000000001091';

const things = pgTable('things', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique('things_one_per_name'),
  amount: bigint('amount', { mode: 'bigint' }),
  at: instant('at'),
  day: plainDate('day'),
  bytes: bytea('bytes'),
  facts: json('facts'),
});

let url: string;
beforeAll(async () => {
  url = await emptyDatabase();
  const db = openDatabase({ url, poolSize: 1 });
  await db.run(sql`create table things (id int primary key check (id > 0), name text not null, amount bigint,
    at timestamptz(3), day date, bytes bytea, facts json, constraint things_one_per_name unique (name))`);
  await db.close();
});

function opened(options: Partial<DatabaseOptions> = {}): Database {
  const db = openDatabase({ url, poolSize: 2, ...options });
  onTestFinished(() => db.close());
  return db;
}

const one = (db: Database) => db.run<{ one: number }>(sql`select 1 as one`);
const failure = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as DatabaseError,
  );

async function backends(db: Database, application: string, state: SQL = sql`true`): Promise<number> {
  const [row] = await db.run<{ count: number }>(
    sql`select count(*)::int as count from pg_stat_activity where application_name = ${application} and ${state}`,
  );
  return row?.count ?? 0;
}

describe('a statement without an answer', () => {
  test('ends at its deadline, and the next one works on new connections', async () => {
    const line = await lineTo(url);
    const db = opened({ url: line.url, deadlineMs: 400 });
    await one(db);
    line.freeze();
    const error = await failure(one(db));
    expect(error).toBeInstanceOf(DatabaseTimeout);
    expect(isConnectionFault(error)).toBe(true);
    expect(await one(db)).toEqual([{ one: 1 }]);
  });

  test("ends for drizzle's builders too, and a builder's root taken before works after", async () => {
    const line = await lineTo(url);
    const db = opened({ url: line.url, deadlineMs: 400 });
    const { drizzle } = db;
    await drizzle.select().from(things);
    line.freeze();
    expect(await failure(drizzle.select().from(things))).toBeInstanceOf(DatabaseTimeout);
    expect(await drizzle.select().from(things)).toEqual([]);
  });

  test('replaces the connections once, however many were waiting', async () => {
    const line = await lineTo(url);
    const db = opened({ url: line.url, poolSize: 4, deadlineMs: 400 });
    await Promise.all([one(db), one(db), one(db), one(db)]);
    line.freeze();
    const before = line.connects();
    const errors = await Promise.all([one(db), one(db), one(db), one(db)].map(failure));
    expect(errors.every(isConnectionFault)).toBe(true);
    await Promise.all([one(db), one(db), one(db), one(db)]);
    expect(line.connects() - before).toBe(4);
  });

  test('that is merely slow is ended by the server, and its connection lives on', async () => {
    const db = opened({ poolSize: 1, deadlineMs: 500 });
    const [before] = await db.run<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    expect(await failure(db.run(sql`select pg_sleep(10)`))).toMatchObject({ code: '57014' });
    expect(await db.run(sql`select pg_backend_pid() as pid`)).toEqual([before]);
  });

  test('closing does not wait for it', async () => {
    const line = await lineTo(url);
    const db = openDatabase({ url: line.url, deadlineMs: 300 });
    await one(db);
    line.freeze();
    expect(await failure(one(db))).toBeInstanceOf(DatabaseTimeout);
    await db.close();
    expect(await failure(one(db))).toMatchObject({ code: 'CONNECTION_ENDED' });
  });
});

describe('more statements than connections', () => {
  test('a slow one does not hold up fast ones on the other connection', async () => {
    const db = opened({ poolSize: 2 });
    const lock = opened({ poolSize: 1 });
    await lock.run(sql`select pg_advisory_lock(77)`);
    const slow = db.run(sql`select pg_advisory_lock(77)`);
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => one(db)));
    await lock.run(sql`select pg_advisory_unlock(77)`);
    await slow;
  });

  test('one whose turn does not come says that nothing was sent, and disturbs nobody', async () => {
    const db = opened({ poolSize: 1, deadlineMs: 500 });
    const [before] = await db.run<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => failure(db.run(sql`select pg_sleep(10)`))));
    expect([first?.code, second?.code]).toEqual(['57014', '57014']);
    expect(third?.message).toContain('nothing was sent');
    expect(await db.run(sql`select pg_backend_pid() as pid`)).toEqual([before]);
  });
});

describe('a backend that dies', () => {
  test('in the middle of a statement is a connection fault, and repeating works', async () => {
    const db = opened({ poolSize: 1, applicationName: 'victim' });
    const killer = opened();
    const running = failure(db.run(sql`select pg_sleep(10)`));
    await expect.poll(() => backends(killer, 'victim', sql`state = 'active'`)).toBe(1);
    await killer.run(sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`);
    expect(isConnectionFault(await running)).toBe(true);
    await vi.waitFor(() => one(db));
  });

  test('again and again under load never wedges the pool, and loses nothing that was acknowledged', async () => {
    const db = opened({ poolSize: 4, applicationName: 'victim', deadlineMs: 5_000 });
    const killer = opened();
    await killer.run(sql`create table survivors (id int primary key)`);
    let kills = 0;
    let acknowledged = 0;
    const load = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; kills < 60; n += 1) {
        const id = lane * 1_000_000 + n;
        const done = await db.run(sql`insert into survivors values (${id}) on conflict do nothing`).then(
          () => 1,
          (error: unknown) => (isConnectionFault(error) ? 0 : Promise.reject(error)),
        );
        acknowledged += done;
      }
    });
    while (kills < 60) {
      const killed = await killer.run(sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'victim' and backend_type = 'client backend' order by random() limit 1`);
      kills += killed.length;
    }
    await Promise.all(load);
    await vi.waitFor(() => Promise.all([one(db), one(db), one(db), one(db)]));
    const [{ count } = { count: 0 }] = await killer.run<{ count: number }>(
      sql`select count(*)::int as count from survivors`,
    );
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(acknowledged).toBeGreaterThan(0);
  });

  test.for([2_000, 20_000, 100_000])('%i bytes into its answer leaves no holes in the next one', async (bytes) => {
    const line = await lineTo(url);
    const db = opened({ url: line.url, poolSize: 1 });
    await one(db);
    line.cutAfter(bytes);
    const error = await failure(db.run(sql`select n, repeat('x', 2000) from generate_series(1, 1000) n`));
    expect(isConnectionFault(error)).toBe(true);
    expect(await db.run(sql`select n from generate_series(1, 3) n`)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test('after sending rows leaves no holes in the next answer', async () => {
    const db = opened({ poolSize: 1 });
    for (let round = 0; round < 3; round += 1) {
      const error = await failure(
        db.run(sql`select 1 / (500 - n) as quotient, repeat('x', 2000) from generate_series(1, 1000) n`),
      );
      expect(error.code).toBe('22012');
      expect(await db.run(sql`select n from generate_series(1, 3) n`)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      expect(await db.drizzle.select({ n: sql<number>`n` }).from(sql`generate_series(1, 2) n`)).toEqual([
        { n: 1 },
        { n: 2 },
      ]);
    }
  });
});

describe('a server or a database that is not there', () => {
  test('is a fault of the connection, and the same database works once the server is back', async () => {
    const line = await lineTo(url);
    line.refuse(true);
    const db = opened({ url: line.url, deadlineMs: 300 });
    expect(isConnectionFault(await failure(one(db)))).toBe(true);
    line.refuse(false);
    expect(await one(db)).toEqual([{ one: 1 }]);
  });

  test('is a fault of the connection also where its socket is missing', async () => {
    const db = opened({ url: socketUrl(passingDirectory(), 'dueday', 'dueday') });
    const error = await failure(one(db));
    expect(error.code).toBe('ENOENT');
    expect(isConnectionFault(error)).toBe(true);
  });

  test('is no fault of the connection where only the database is missing', async () => {
    const error = await failure(one(opened({ url: withDatabase(url, 'no_such_database') })));
    expect(error.code).toBe('3D000');
    expect(isConnectionFault(error)).toBe(false);
  });

  test('a URL that cannot be read is refused without repeating it', () => {
    expect(() => openDatabase({ url: `postgres//me:${CANARY}@host` })).toThrow(/cannot be read/);
    expect(() => openDatabase({ url: `postgres//me:${CANARY}@host` })).not.toThrow(CANARY);
  });
});

describe('an error', () => {
  const everything = (error: unknown) =>
    inspect(error, { showHidden: true, depth: 10 }) +
    JSON.stringify(error) +
    String(error) +
    String((error as Error).stack);

  test.for<[string, (db: Database) => PromiseLike<unknown>]>([
    ['of a taken name', (db) => db.run(sql`insert into things (id, name) values (1, ${CANARY}), (2, ${CANARY})`)],
    [
      "of a taken name through drizzle's builders",
      (db) =>
        db.drizzle.insert(things).values([
          { id: 1, name: CANARY },
          { id: 2, name: CANARY },
        ]),
    ],
    ['of a value that is no uuid', (db) => db.run(sql`select ${CANARY}::uuid`)],
    ['of a row that a check refuses', (db) => db.run(sql`insert into things (id, name) values (-1, ${CANARY})`)],
    ['of a statement with a fault', (db) => db.run(sql`select ${CANARY} frm ${sql.raw(`"${CANARY}"`)} 1`)],
    ['of a value that cannot be sent', (db) => db.run(sql`select ${new Date(CANARY)}::timestamptz, ${CANARY}`)],
    ['of a missing value', (db) => db.run(sql`select ${CANARY}, ${undefined}::text`)],
  ])('%s carries neither statement nor values', async ([, work]) => {
    const error = await failure(work(opened()));
    expect(error).toBeInstanceOf(DatabaseError);
    expect(everything(error)).not.toContain(CANARY);
    expect(everything(error)).not.toMatch(/select |insert into/);
  });

  test('names its code, its constraint and its table', async () => {
    const taken = await failure(
      opened()
        .drizzle.insert(things)
        .values([
          { id: 1, name: 'a' },
          { id: 2, name: 'a' },
        ]),
    );
    expect(taken).toMatchObject({
      name: 'DatabaseError',
      code: '23505',
      constraint: 'things_one_per_name',
      table: 'things',
    });
    expect(taken).toMatchObject({ code: '23505' });
    expect(isConnectionFault(taken)).toBe(false);
    expect((await failure(opened().run(sql`select nothing`))).message).toContain('column "nothing" does not exist');
  });
});

describe('values', () => {
  const at = Temporal.Instant.from('2026-03-29T01:30:00.123Z');
  const row = {
    id: 1,
    name: 'Siti',
    amount: 9_007_199_254_740_993n,
    at,
    day: Temporal.PlainDate.from('2028-02-29'),
    bytes: new Uint8Array([0, 92, 255]),
    facts: { nested: ['a', 1, null] },
  };

  test('come back as they went in, through the builders', async () => {
    const { drizzle } = opened();
    await drizzle.insert(things).values(row);
    onTestFinished(() => drizzle.delete(things).then(() => undefined));
    const [found] = await drizzle.select().from(things).where(eq(things.at, at));
    expect(found).toMatchObject({ id: 1, name: 'Siti', amount: row.amount, facts: row.facts });
    expect(found?.at?.equals(at)).toBe(true);
    expect(found?.day?.equals(row.day)).toBe(true);
    expect(new Uint8Array(found?.bytes ?? [])).toEqual(row.bytes);
  });

  test.for(['0001-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z', '2026-11-21T00:00:00Z'])(
    'the instant %s',
    async (written) => {
      const { drizzle } = opened();
      await drizzle.insert(things).values({ id: 1, name: written, at: Temporal.Instant.from(written) });
      onTestFinished(() => drizzle.delete(things).then(() => undefined));
      const [found] = await drizzle.select().from(things);
      expect(found?.at?.toString()).toBe(Temporal.Instant.from(written).toString());
    },
  );

  test('an instant finer than a millisecond is cut off, never moved ahead', async () => {
    const { drizzle } = opened();
    await drizzle.insert(things).values({ id: 1, name: 'x', at: Temporal.Instant.from('2026-01-01T00:00:00.999999Z') });
    onTestFinished(() => drizzle.delete(things).then(() => undefined));
    const [found] = await drizzle.select().from(things);
    expect(found?.at?.toString()).toBe('2026-01-01T00:00:00.999Z');
  });

  test('arrays go in as one parameter each, of any kind', async () => {
    const [found] = await opened().run(sql`select
      ${sql.param([1n, null])}::bigint[]::text as bigints, ${sql.param([true, false])}::boolean[]::text as booleans,
      ${sql.param([])}::uuid[]::text as none, ${sql.param(['a"b\\c', 'd,{e}', ''])}::text[]::text as texts,
      ${sql.param([at])}::timestamptz[]::text as instants, ${sql.param([row.bytes])}::bytea[]::text as bytes,
      ${sql.param([
        [1, 2],
        [3, 4],
      ])}::int[]::text as pairs`);
    expect(found).toEqual({
      bigints: '{1,NULL}',
      booleans: '{t,f}',
      none: '{}',
      texts: String.raw`{"a\"b\\c","d,{e}",""}`,
      instants: '{"2026-03-29 01:30:00.123+00"}',
      bytes: '{"\\\\x005cff"}',
      pairs: '{{1,2},{3,4}}',
    });
  });

  test('a raw statement is prepared once and its plan is made for its values', async () => {
    const db = opened({ poolSize: 1 });
    for (let n = 0; n < 7; n += 1) await db.run(sql`select name from things where id = ${n}`);
    const [found] =
      await db.run(sql`select count(*)::int as prepared, sum(generic_plans)::int as generic from pg_prepared_statements
      where statement like 'select name from things%'`);
    expect(found).toEqual({ prepared: 1, generic: 0 });
  });

  test('a session keeps UTC and its limits', async () => {
    const [found] = await opened({ deadlineMs: 10_000 }).run(sql`select current_setting('TimeZone') as zone,
      current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`);
    expect(found).toEqual({ zone: 'UTC', statement: '8s', lock: '5s' });
  });

  test('there are no transactions to get wrong', async () => {
    await expect(opened().drizzle.transaction(() => Promise.resolve())).rejects.toThrow('one statement');
  });
});
