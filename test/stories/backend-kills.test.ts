import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { tortureSeed } from '../support/tally.ts';
import { testWorld } from '../support/world.ts';
import { killBackends } from '../torture/killer.ts';
import { endure } from '../torture/ordeal.ts';
import { REPLICA } from '../torture/replicas.ts';

const { db, url, admin, adminUrl } = await testDatabase();
const world = await testWorld({ at: '2026-01-01T00:00:00Z', db, url, admin });

/** Every statement is a transaction of its own. */
async function statements(): Promise<number> {
  const [row] = await world.ask<{ n: string }>(
    sql`select (xact_commit + xact_rollback)::text as n from pg_stat_database where datname = current_database()`,
  );
  return Number(row?.n);
}

test('two hundred backends killed in fifteen seconds: nothing hangs, nothing is done by half, lost or paid twice, and work goes on by itself', async () => {
  let kills = 0;
  const { paidMeanwhile } = await endure({ world, url, seed: tortureSeed(), charges: 600, apartMs: 24 }, async () => {
    const before = await statements();
    kills = await killBackends(adminUrl, REPLICA, tortureSeed(), { forMs: 15_000, kills: 200 });
    return { kills, statements: (await statements()) - before };
  });
  expect(kills).toBeGreaterThanOrEqual(200);
  // It did not merely survive: it billed.
  expect(paidMeanwhile).toBeGreaterThan(20);
}, 120_000);
