import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { chance } from '../support/chance.ts';
import { subscribeMany } from '../support/many.ts';
import { runs } from '../support/runs.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const RACES = runs(1_000, 240);
/** Due together, and left together. */
const EACH = 40;
const LANES = 4;

const start = Temporal.Instant.from('2026-01-31T02:00:00Z');
const world = await testWorld({ at: start.toString() });
const { ctx, gateway } = world;

type Place = { readonly reference: string; readonly sent: number; readonly canceled: number };

test(`${RACES} customers leave while they are charged: nothing is asked of Xendit after the place of their leaving in the ledger`, async () => {
  await subscribeMany(ctx, RACES, 'monthly');
  const random = chance(20260131);
  gateway.otherwise(() => (random() < 0.4 ? declined('INSUFFICIENT_BALANCE') : succeeded()));
  const [one, two, shop] = [world.another(), world.another(), world.another()];
  const all = await world.ask<{ id: string }>(sql`select id from subscriptions order by md5(id::text)`);
  await world.ask(sql`update subscriptions s set next_cycle_at = ${start.toString()}::timestamptz + (n.at - 1) / ${EACH}::int * interval '1 minute'
    from (select id, row_number() over (order by md5(id::text)) as at from subscriptions) n where n.id = s.id`);
  for (let round = 0; round < RACES / EACH; round += 1) {
    world.moveTo(start.add({ minutes: round }).toString());
    const leaving = all.slice(round * EACH, (round + 1) * EACH).map(({ id }) => id);
    const leave = async (): Promise<void> => {
      for (let id = leaving.pop(); id !== undefined; id = leaving.pop())
        await cancelSubscription(shop, id, { at: 'now', reason: null, actor: 'product' });
    };
    await Promise.all([...Array.from({ length: LANES }, leave), world.workAs(one), world.workAs(two)]);
  }
  const asked = gateway.sent.length;
  // What was declined would be tried again in the days after.
  await world.liveUntil('2026-02-20T02:00:00Z');
  expect(gateway.sent).toHaveLength(asked);

  const places =
    await world.ask<Place>(sql`select a.reference_id as reference, a.seq as sent, k.seq as canceled from ledger a
    join ledger k on k.bucket = a.bucket and k.subscription_id = a.subscription_id and k.kind = 'subscription.canceled'
    where a.kind = 'attempt.sent'`);
  expect(places.filter(({ sent, canceled }) => sent > canceled)).toEqual([]);
  // Every call has its place, and none was made twice.
  expect(gateway.sent.map(({ referenceId }) => referenceId).toSorted()).toEqual(
    places.map(({ reference }) => reference).toSorted(),
  );
  // Each came first often enough that these were races.
  expect(places.length).toBeGreaterThan(RACES / 50);
  expect(places.length).toBeLessThan(RACES - RACES / 50);
  const left = await world.ask(sql`select s.status, c.status as charge, count(*)::int as n from subscriptions s
    left join charges c on c.bucket = s.bucket and c.subscription_id = s.id and c.status not in ('paid', 'void')
    group by 1, 2`);
  expect(left).toEqual([{ status: 'canceled', charge: null, n: RACES }]);
}, 120_000);
