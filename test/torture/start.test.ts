import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { callbackToken, daemonVariables, eventually, freePort, secretKey, xenditVariables } from '../support/daemon.ts';
import { emptyDatabase } from '../support/database.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { tally } from '../support/tally.ts';

const xendit = await startSandbox({ secretKey, callbackToken, clock: 'system' });
afterAll(() => xendit.close());

type Start = (more?: Record<string, string>) => Promise<Replica>;

/** An empty database, and the way to start replicas on it, which end with the test. */
async function emptyHouse() {
  const url = await emptyDatabase();
  const db = openDatabase({ url, poolSize: 1, applicationName: 'start test' });
  onTestFinished(() => db.close());
  const start: Start = async (more = {}) => {
    const told = daemonVariables(url, { ...xenditVariables(xendit, await freePort()), LOG_LEVEL: 'info', ...more });
    const replica = startReplica(told);
    onTestFinished(async () => void (await replica.end('SIGKILL')));
    return replica;
  };
  const noted = () => db.run(sql`select created_at from drizzle.__drizzle_migrations order by created_at`);
  return { db, start, noted };
}

/** Whoever waits for its turn to migrate. */
const waiting = sql`select 1 from pg_locks l join pg_database d on d.oid = l.database
  where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;

/** The logs of those that migrated. */
function migratedBy(replicas: readonly Replica[]): readonly Replica[] {
  return replicas.filter((replica) => replica.said().includes('schema migrated'));
}

test('four replicas that start on an empty database at once migrate it once, and all become ready', async () => {
  const { start, noted } = await emptyHouse();
  const replicas = await Promise.all([1, 2, 3, 4].map(() => start()));
  await Promise.all(replicas.map((replica) => replica.ready()));
  expect(migratedBy(replicas)).toHaveLength(1);
  const rows = await noted();
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(1);
  expect(await Promise.all(replicas.map((replica) => replica.end('SIGTERM')))).toEqual(
    replicas.map(() => ({ code: 0, signal: null })),
  );
});

describe.each(['before-migration', 'between-migrations:1', 'between-migrations:2', 'after-migration'])(
  'a replica at %s of an empty database',
  (point) => {
    const order = point.includes(':') ? point : `${point}:1`;

    test('is killed: all or nothing is migrated, and the next one goes on', async () => {
      const { db, start, noted } = await emptyHouse();
      const victim = await start({ DUEDAY_FAILPOINT: `${order}:kill` });
      expect(await victim.exit).toEqual({ code: null, signal: 'SIGKILL' });
      const [before] = await db.run<{ tables: number }>(
        sql`select count(*)::int as tables from pg_tables where schemaname = 'public'`,
      );
      const heir = await start();
      await heir.ready();
      const all = (await noted()).length;
      expect(before?.tables === 0 || point === 'after-migration').toBe(true);
      expect(migratedBy([heir])).toHaveLength(point === 'after-migration' ? 0 : 1);
      expect(all).toBeGreaterThan(1);
      tally({ crash_cases: 1, kills: 1 });
    });

    test('is paused: the others wait, and all become ready when it goes on', async () => {
      const { db, start, noted } = await emptyHouse();
      const victim = await start({ DUEDAY_FAILPOINT: `${order}:stop` });
      await victim.paused();
      const other = await start();
      await eventually(async () => expect(await db.run(waiting)).toHaveLength(1));
      expect(migratedBy([other])).toEqual([]);
      victim.resume();
      await Promise.all([victim.ready(), other.ready()]);
      expect(migratedBy([victim, other])).toHaveLength(1);
      expect((await noted()).length).toBeGreaterThan(1);
      tally({ crash_cases: 1, pauses: 1 });
    });
  },
);
