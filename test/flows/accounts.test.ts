import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endSweep, keepSweep, takeSweep } from '../../src/infra/tables/books/sweeps.ts';
import { resumeCharging, stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { disarmCharging } from '../../src/infra/tables/charging/disarmings.ts';
import { endPauses, pauseEndpoint, reserve, slowDown } from '../../src/infra/tables/control/pace.ts';
import { refused } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* One account's 429, stop or sweep is no other's: a second one has rows of its own, and every statement names its account. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { db, gateway } = world;
const stopped = sql`update charging set stopped_at = now(), reason = 'its key was refused' where account = 'other'`;
const holder = '019c1b2a-0000-7000-8000-0000000000aa';

/** What stands in the rows of the second account. */
const itsRows = () =>
  world.ask(sql`select to_jsonb(p) as row from pace p where account = 'other' union all
    select to_jsonb(c) from charging c where account = 'other' union all select to_jsonb(s) from sweep s where account = 'other'`);

beforeEach(async () => {
  await world.startOver(START);
  await world.above(
    `insert into pace (account, endpoint, paused_until, pauses) select 'other', endpoint, now() + interval '1 hour', 3 from pace`,
  );
  await world.above(`insert into charging (account) values ('other')`);
  await world.above(`insert into sweep (account) values ('other')`);
});
afterEach(async () => {
  for (const table of ['pace', 'charging', 'sweep']) await world.above(`delete from ${table} where account = 'other'`);
});

describe('another account', () => {
  test('that is stopped, paused and swept keeps nothing of ours from going on', async () => {
    await world.ask(stopped);
    await world.ask(
      sql`update sweep set holder = gen_random_uuid(), lease_until = now() + interval '1 hour' where account = 'other'`,
    );
    const id = await world.onboard('order-1');
    await world.work();
    expect(await world.charge(id, 0)).toMatchObject({ status: 'paid' });
    expect(await reserve(db, '', 'payment_requests', 20, 5)).toMatchObject({ granted: 5 });
    expect(await takeSweep(db, '', world.now(), holder, 60)).not.toBeNull();
  });

  test.each([
    ['that goes on', sql`select 1`],
    ['that is stopped', stopped],
  ])('%s is touched by nothing that happens to ours', async (_, standing) => {
    await world.ask(standing);
    const before = await itsRows();
    await world.onboard('order-1');
    gateway.otherwise(() => refused('account', 'INVALID_API_KEY'));
    await world.work();
    await reserve(db, '', 'payment_requests', 20, 5);
    await pauseEndpoint(db, '', 'payment_requests', 60);
    await slowDown(db, '', 'payment_requests', { told: 60, most: 600, isReal: true });
    await endPauses(db, '', 'payment_requests');
    await resumeCharging(db, '');
    await stopCharging(db, '', world.now(), 'a fault');
    await resumeCharging(db, '');
    await disarmCharging(db, { now: world.now(), reason: 'a person', actor: 'budi' });
    await world.ask(sql`update sweep set next_at = null, holder = null, lease_until = null where account = ''`);
    expect(await takeSweep(db, '', world.now(), holder, 60)).not.toBeNull();
    expect(await keepSweep(db, '', holder, 60)).toBe(true);
    await endSweep(db, '', holder, { sweptUntil: world.now(), nextAt: world.now(), fault: null });
    expect(await itsRows()).toEqual(before);
  });
});
