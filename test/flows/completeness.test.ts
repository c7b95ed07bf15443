import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { cyclesAmiss } from '../support/calendar.ts';
import { testWorld } from '../support/world.ts';
import { badDays, liveTogether, manyCustomers } from './busy-year.ts';
import { expectSound } from './oracle.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;

beforeAll(async () => {
  const ids = await manyCustomers(world, 27);
  gateway.otherwise(badDays(world, 5, 0.3));
  await world.liveUntil('2026-03-02T00:00:00Z');
  for (const id of ids.slice(0, 3)) await pauseSubscription(ctx, id, { actor: 'siti' });
  for (const id of ids.slice(3, 5)) await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
  for (const id of ids.slice(5, 7))
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor: 'product' });
  await liveTogether(world, [ctx, world.another()], '2026-04-20T00:00:00Z');
  for (const id of ids.slice(0, 3)) await resumeSubscription(ctx, id, { actor: 'siti' });
  // The daemon is down for a week and a half: cycles are missed.
  world.moveTo('2026-05-01T12:00:00Z');
  await world.liveUntil('2026-07-31T12:00:00Z');
}, 60_000);

describe('after a busy half year, with pauses, cancellations and days of darkness', () => {
  test('no cycle lacks its row, none has a row too many, and each is due when the calendar says', async () => {
    const differing = await cyclesAmiss(world.db, world.now());
    expect(differing).toEqual([]);
    const [count] = await world.ask<{ charges: number }>(sql`select count(*)::int as charges from charges`);
    expect(count?.charges).toBeGreaterThan(200);
  });

  test('for every day: due = paid + in dunning + failed + unknown + held + void, by id', async () => {
    const days = await world.ask<Record<string, number>>(sql`with classed as (
        select c.id, (c.due_at at time zone 'Asia/Jakarta')::date as day,
          c.status = 'paid' as paid, c.status = 'uncollectible' as failed, c.status = 'held' as held, c.status = 'void' as void,
          c.status = 'due' and (c.next_attempt_at is not null or c.waits_until is not null or s.status = 'paused') as dunning,
          c.status = 'attempting' and exists (select from attempts a where a.charge_id = c.id
            and (a.outcome is null or a.outcome in ('unknown', 'pending'))) as unknown
        from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id)
      select day::text, count(*)::int as due,
        sum(paid::int + dunning::int + failed::int + unknown::int + held::int + void::int)::int as explained
      from classed group by day order by day`);
    expect(days.filter((day) => day.due !== day.explained)).toEqual([]);
    expect(days.length).toBeGreaterThan(40);
  });

  test('every kind of ending occurred, so that the two above mean something', async () => {
    const rows = await world.ask<{ status: string }>(sql`select distinct status from charges`);
    const statuses = rows.map((row) => row.status);
    expect(statuses).toEqual(expect.arrayContaining(['paid', 'uncollectible', 'void', 'held']));
  });

  test('the money is what the gateway collected, and every chain is whole', async () => {
    await expectSound(world);
  });
});
