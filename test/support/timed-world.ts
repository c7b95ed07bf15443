import { sql } from 'drizzle-orm';
import { afterAll } from 'vitest';
import type { Context } from '../../src/context.ts';
import { msUntilDue } from '../../src/flows/control/next-wake.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { systemClock } from '../../src/infra/clock.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { testDatabase, testVault } from './database.ts';
import { testWorld, type World } from './world.ts';

export type TimedWorld = {
  readonly world: World;
  readonly ctx: Context;
  /** Postgres' clock, in milliseconds since 1970. */
  time(): Promise<number>;
  /** Moves Postgres' clock; by a negative number: it is set back. */
  step(milliseconds: number): Promise<void>;
  /** Runs a flow as the scheduler does, and sleeps until something is due or for a minute, until Postgres' clock says so. */
  runUntil(milliseconds: number, flow?: (ctx: Context) => Promise<void>): Promise<void>;
};

/**
 * A world whose Postgres clock is the test's: now() and clock_timestamp() of our own, unchanged statements say what the
 * test set, over any number of connections. Local waits move it.
 */
export async function timedWorld(
  at: string,
  options: { readonly requestsPerMinute?: number; readonly catalog?: string } = {},
): Promise<TimedWorld> {
  const made = await testDatabase();
  for (const statement of [
    'create schema simulated',
    'create table simulated.clock (now timestamptz not null)',
    `insert into simulated.clock values ('${at}')`,
    `create function simulated.now() returns timestamptz language sql stable as 'select c.now from simulated.clock c'`,
    `create function simulated.clock_timestamp() returns timestamptz language sql stable as 'select c.now from simulated.clock c'`,
    `do $$ begin execute format('alter database %I set search_path = simulated, pg_catalog, public', current_database()); end $$`,
  ])
    await made.admin.run(sql.raw(statement));
  const db = openDatabase({ url: made.adminUrl, poolSize: 8, applicationName: 'dueday timed', vault: testVault });
  // The path holds for sessions that begin after it was set.
  const admin = openDatabase({ url: made.adminUrl, poolSize: 2, applicationName: 'dueday timed admin' });
  afterAll(() => Promise.all([db.close(), admin.close()]));
  const { catalog } = options;
  const world = await testWorld({ at, db, admin, url: made.adminUrl, ...(catalog && { catalog }) });
  let stop = new AbortController();
  let until = Number.POSITIVE_INFINITY;
  const time = async () => {
    const [row] = await made.admin.run<{ ms: string }>(
      sql`select (extract(epoch from now) * 1000)::bigint::text as ms from simulated.clock`,
    );
    return Number(row?.ms);
  };
  const step = async (milliseconds: number) => {
    await made.admin.run(
      sql`update simulated.clock set now = now + ${milliseconds}::float8 * interval '1 millisecond'`,
    );
    if ((await time()) >= until) stop.abort();
  };
  const ctx: Context = {
    ...world.ctx,
    clock: systemClock(db),
    requestsPerMinute: options.requestsPerMinute ?? null,
    get stopping() {
      return stop.signal;
    },
    sleep: (milliseconds) => step(milliseconds),
  };
  return {
    world,
    ctx,
    time,
    step,
    async runUntil(milliseconds, flow = onDueDate) {
      until = milliseconds;
      stop = new AbortController();
      while (!stop.signal.aborted) {
        await flow(ctx);
        if (!stop.signal.aborted) await step(Math.max(1_000, await msUntilDue(ctx, 60_000)));
      }
    },
  };
}
