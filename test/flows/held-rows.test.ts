import { type SQL, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { openCharges } from '../../src/flows/billing/open-charges.ts';
import { isLockTimeout, openDatabase } from '../../src/infra/postgres/db.ts';
import { testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const { db, url, admin, adminUrl } = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db, url, admin });
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A daemon that waits for a lock 0.2 seconds instead of 7.5. */
function hasty(): Context {
  const own = openDatabase({ url, poolSize: 4, deadlineMs: 400, vault: world.db.vault });
  onTestFinished(() => own.close());
  return world.another({ db: own });
}

const five = () => Promise.all([1, 2, 3, 4, 5].map((n) => world.onboard(`order-${n}`)));
const open = sql`select id from charges where status <> 'paid'`;

describe('rows that a foreign session holds', () => {
  test('before a cycle of theirs is opened: the others are collected meanwhile', async () => {
    const ids = await five();
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from subscriptions where id = ${ids[0]}::uuid for update`);
    await world.workAs(hasty());
    expect(await Promise.all(ids.map(async (id) => (await world.charges(id)).length))).toEqual([0, 1, 1, 1, 1]);
    expect(await world.ask(open)).toEqual([]);
    await session.letGo();
    await world.workAs(hasty());
    expect(await world.ask(open)).toEqual([]);
    expect(world.gateway.payments).toHaveLength(5);
    await expectSound(world);
  });

  test.each(['subscriptions', 'charges'] as const)(
    'in %s, of the charge that is first in line: the others are collected meanwhile',
    async (table) => {
      await five();
      await openCharges(world.ctx, world.now());
      const [first] = await world.ask<{ charges: string; subscriptions: string }>(
        sql`select id as charges, subscription_id as subscriptions from charges order by next_attempt_at limit 1`,
      );
      const session = await foreignSession(adminUrl);
      await session.hold(sql`select 1 from ${sql.identifier(table)} where id = ${first?.[table]}::uuid for update`);
      await world.workAs(hasty());
      expect(await world.ask(open)).toEqual([{ id: first?.charges }]);
      await session.letGo();
      await world.workAs(hasty());
      expect(await world.ask(open)).toEqual([]);
      await expectSound(world);
    },
  );

  test('when an answer is to be settled: it is settled later, and nothing is charged again', async () => {
    const id = await world.onboard('order-1');
    const session = await foreignSession(adminUrl);
    world.gateway.script(async () => {
      await session.hold(sql`select 1 from subscriptions where id = ${id}::uuid for update`);
      return succeeded();
    });
    await world.workAs(hasty());
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: null }] });
    await session.letGo();
    await world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);
    await world.workAs(hasty());
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'succeeded' }] });
    expect(world.gateway.sent).toHaveLength(1);
    await expectSound(world);
  });
});

describe('what everybody needs, held by a foreign session', () => {
  test.each<[string, SQL]>([
    ['the table of charges, even for reading', sql`lock table charges in access exclusive mode`],
    ['the table of charges, for writing', sql`lock table charges in exclusive mode`],
    ['the table of subscriptions', sql`lock table subscriptions in exclusive mode`],
    ['the pace', sql`select 1 from pace for update`],
  ])('%s: the run ends soon and says so, nothing is charged, and the next run does the work', async (_, lock) => {
    await five();
    await openCharges(world.ctx, world.now());
    const session = await foreignSession(adminUrl);
    await session.hold(lock);
    const began = performance.now();
    const ended = await world.workAs(hasty()).catch((error: unknown) => error);
    expect(ended === undefined || isLockTimeout(ended)).toBe(true);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(world.gateway.sent).toEqual([]);
    await session.letGo();
    await world.workAs(hasty());
    expect(await world.ask(open)).toEqual([]);
    expect(world.gateway.payments).toHaveLength(5);
    await expectSound(world);
  });
});
