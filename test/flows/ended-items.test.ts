import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { cancelSubscription, keepSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { previewCancel } from '../../src/flows/subscriptions/canceling/preview-cancel.ts';
import { addItem } from '../../src/flows/subscriptions/change-items.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* A line waits for the next charge; where none follows, it is withdrawn with the end of its subscription, told, and asked of nobody. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const actor = 'siti';
const seat = { text: 'Late seat', amount: 5_000, quantity: 2 };

async function waiting(plan = 'monthly'): Promise<string> {
  const id = await world.onboard('order-1', plan);
  await world.work();
  await addItem(ctx, id, seat, actor);
  return id;
}

const withdrawn = async () =>
  await world.ask(sql`select amount::int as amount, actor, why from ledger where kind = 'subscription.item_withdrawn'`);
const items = async () =>
  await world.ask(sql`select charge_id is not null as charged, withdrawn_at is not null as withdrawn from items`);
const why = 'Late seat: the subscription is over, and no charge follows';
const broken = async () => (await checkInvariants(ctx)).filter(({ broken: found }) => found > 0);

/** What was told and kept of the line, by whom. */
async function expectWithdrawn(by: string): Promise<void> {
  expect(await withdrawn()).toEqual([{ amount: 10_000, actor: by, why }]);
  expect(await items()).toEqual([{ charged: false, withdrawn: true }]);
  expect(await broken()).toEqual([]);
}

test('canceled at once: shown before, and withdrawn with it', async () => {
  const id = await waiting();
  const told = await previewCancel(ctx, id, 'now');
  expect(told).toMatchObject({ kind: 'previewed', preview: { items: [{ text: 'Late seat', amount: 10_000 }] } });
  expect(await withdrawn()).toEqual([]);
  await cancelSubscription(ctx, id, { at: 'now', reason: null, actor });
  await expectWithdrawn(actor);
});

test("canceled at the period's end: it waits until then, and is charged after all by who stays", async () => {
  const id = await waiting();
  const leaving = { at: 'period_end', reason: null, actor } as const;
  await cancelSubscription(ctx, id, leaving);
  expect(await items()).toEqual([{ charged: false, withdrawn: false }]);
  await keepSubscription(ctx, id, actor);
  await world.liveUntil('2026-03-01T00:00:00Z');
  expect(await world.charge(id, 1)).toMatchObject({ amount: 160_000, status: 'paid' });
  await addItem(ctx, id, seat, actor);
  await cancelSubscription(ctx, id, leaving);
  await world.liveUntil('2026-04-01T00:00:00Z');
  expect(await withdrawn()).toEqual([{ amount: 10_000, actor: 'schedule', why }]);
  expect(await broken()).toEqual([]);
});

test('canceled by its plan, since a charge was given up', async () => {
  const id = await world.onboard('order-1');
  gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
  await world.work();
  await addItem(ctx, id, seat, actor);
  await world.liveUntil('2026-02-27T00:00:00Z');
  expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  await expectWithdrawn('dueday');
});

test('at the end of its plan a line of before the last charge is in that, and none waits', async () => {
  const id = await waiting('three');
  await world.liveUntil('2026-05-01T00:00:00Z');
  expect(await world.subscription(id)).toMatchObject({ status: 'ended' });
  expect(await items()).toEqual([{ charged: true, withdrawn: false }]);
  expect(await withdrawn()).toEqual([]);
});

test('resumed when its last cycle had passed in a pause', async () => {
  const id = await waiting('three');
  await pauseSubscription(ctx, id, { actor, onResume: 'void' });
  await world.liveUntil('2026-05-10T00:00:00Z');
  await resumeSubscription(ctx, id, { actor });
  expect(await world.subscription(id)).toMatchObject({ status: 'ended' });
  await expectWithdrawn(actor);
});
