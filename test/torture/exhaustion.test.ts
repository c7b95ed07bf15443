import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { tortureSeed } from '../support/tally.ts';
import { testWorld } from '../support/world.ts';
import { endure } from './ordeal.ts';

const { db, url, admin, adminUrl } = await testDatabase();
const world = await testWorld({ at: '2026-01-01T00:00:00Z', db, url, admin });
const ordeal = { world, url, seed: tortureSeed(), charges: 300, apartMs: 30, deadlineMs: 1_500 };

test('every connection taken by slow statements: waits are bounded, webhooks come in, work goes on afterwards', async () => {
  await world.startOver('2026-01-01T00:00:00Z');
  let stored = 0;
  const { refusedReads } = await endure(ordeal, async ({ contexts, intake }) => {
    await pause(1_000);
    const until = performance.now() + 6_000;
    const slow = contexts.flatMap((ctx) => Array.from({ length: 30 }, () => hog(ctx.db.run(sql`select pg_sleep(30)`))));
    let longest = 0;
    while (performance.now() < until) {
      const began = performance.now();
      await intake.db.run(sql`select 1`);
      longest = Math.max(longest, performance.now() - began);
      stored += 1;
      await pause(50);
    }
    // Nobody who was starved comes this far: a turn that does not come is thrown. What is left is a busy machine.
    expect(longest).toBeLessThan(3_000);
    await Promise.all(slow);
    return { hogs: slow.length };
  });
  expect(stored).toBeGreaterThan(10);
  expect(refusedReads).toBeGreaterThan(0);
});

test.each([
  ['charges, even for reading', sql`lock table charges in access exclusive mode`],
  ['subscriptions, for writing', sql`lock table subscriptions in exclusive mode`],
  ['the pace', sql`select 1 from pace for update`],
  ['a tenth of the subscriptions', sql`select 1 from subscriptions where bucket < 26 for update`],
  ['a tenth of the charges', sql`select 1 from charges where bucket < 26 for update`],
  ['the inbox', sql`lock table inbox in exclusive mode`],
])('somebody holds %s for seconds, twice: nobody piles up, and work goes on', async (_, lock) => {
  await world.startOver('2026-01-01T00:00:00Z');
  await endure(ordeal, async () => {
    const somebody = await foreignSession(adminUrl);
    for (const length of [4_000, 2_000]) {
      await pause(1_000);
      await somebody.hold(lock);
      await pause(length);
      await somebody.letGo();
    }
    return { locks: 2 };
  });
});

const hog = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
