import { sql } from 'drizzle-orm';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { databaseThrough, openDatabase, openDoor } from '../../src/infra/database/db.ts';
import { withGroups } from '../../src/infra/database/groups.ts';
import { emptyDatabase, testDatabase, testVault } from '../support/database.ts';
import { subscribeMany } from '../support/many.ts';
import { testWorld } from '../support/world.ts';
import { badDays, liveTogether, manyCustomers } from './busy-year.ts';
import { expectNothingToTell, expectSound } from './oracle.ts';

/*
 * A distributed Postgres locks rows of one shard in a statement, so whatever locks goes group by group. Plain Postgres takes the
 * same statements: here it is told of groups that it does not have.
 */

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', ...made });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const groups = [0, 1, 2].map((rest) => ctx.buckets.filter((bucket) => bucket % 3 === rest));
const parted = (daemon: Context): Context => ({ ...daemon, db: { ...daemon.db, groups } });

test('two daemons of which each goes group by group collect every cycle exactly once through bad days', async () => {
  await manyCustomers(world, 18);
  gateway.otherwise(badDays(world, 1));
  await liveTogether(world, [parted(ctx), parted(world.another())], '2026-02-20T00:00:00Z');
  await expectSound(world);
  expectNothingToTell(world);
  expect(gateway.payments.length).toBeGreaterThan(18);
});

test('changes of three groups are three statements, and each names the buckets of its tables', async () => {
  const door = openDoor({ url: made.url, poolSize: 1 });
  const written: string[] = [];
  const rows: typeof door.rows = async (text, params, shape) => {
    if (text.includes('insert into charges')) written.push(text);
    return await door.rows(text, params, shape);
  };
  await subscribeMany(ctx, 30, 'monthly');
  const db = databaseThrough({ rows, close: () => door.close() }, testVault, groups);
  await openCharges({ ...ctx, db }, world.now());
  await door.close();
  expect(written).toHaveLength(3);
  for (const text of written) expect(text).toMatch(/from subscriptions s\s+join i .*\s+where s\.bucket = any\(/);
  expect(await world.ask(sql`select count(*)::int as charges from charges`)).toEqual([{ charges: 30 }]);
});

test('plain Postgres has one group', async () => {
  expect((await withGroups(ctx.db)).groups).toEqual([ctx.buckets]);
});

test('a distributed one has a group for each shard', async () => {
  const db = openDatabase({ url: await emptyDatabase(), poolSize: 1 });
  onTestFinished(() => db.close());
  // What Citus has, as far as it is asked.
  await db.run(sql`create table charges (bucket smallint)`);
  await db.run(sql`create table pg_dist_partition (logicalrelid regclass, partmethod char)`);
  await db.run(sql`create function get_shard_id_for_distribution_column(regclass, smallint) returns bigint
    language sql as 'select 102008 + $2 % 32'`);
  expect((await withGroups(db)).groups).toHaveLength(1);
  await db.run(sql`insert into pg_dist_partition values ('charges'::regclass, 'h')`);
  const { groups } = await withGroups(db);
  expect(groups).toHaveLength(32);
  expect(groups.flat().toSorted((a, b) => a - b)).toEqual(ctx.buckets);
  for (const group of groups) expect(new Set(group.map((bucket) => bucket % 32)).size).toBe(1);
});
