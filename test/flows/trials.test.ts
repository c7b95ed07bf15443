import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { createInput } from '../support/create-input.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const once = `  once:
    name: A trial once
    price: { amount: 99000, currency: IDR }
    interval: 1 month
    trial: 14 days
    trial_once: true
`;
const world = await testWorld({ at: START, catalog: plainCatalog.replace('plans:\n', `plans:\n${once}`) });
beforeEach(() => world.startOver(START));

const fortnight = { count: 14, unit: 'day' } as const;
const siti = { customer: createInput('siti').customer };

describe('the trial of a subscription', () => {
  test.each([
    ["is its plan's", 'trial', null, 'trialing', '2026-02-14T02:00:00Z'],
    ['is none where none was asked for', 'trial', 'none', 'active', START],
    ['is longer where that was asked for', 'trial', { count: 1, unit: 'month' }, 'trialing', '2026-02-28T02:00:00Z'],
    ['is there where the plan has none', 'monthly', fortnight, 'trialing', '2026-02-14T02:00:00Z'],
  ] as const)('%s', async (_, plan, trial, status, firstDue) => {
    const id = await world.onboard('order-1', plan, { trial });
    expect(await world.subscription(id)).toMatchObject({ status });
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect((await world.charge(id)).due_at).toBe(firstDue);
  });

  test('goes on through a pause, whoever asked for it', async () => {
    const id = await world.onboard('order-1', 'monthly', { trial: fortnight });
    await pauseSubscription(world.ctx, id, { actor: 'product' });
    await resumeSubscription(world.ctx, id, { actor: 'product' });
    expect(await world.subscription(id)).toMatchObject({ status: 'trialing' });
  });
});

describe('a plan that gives its trial once', () => {
  test('charges a customer who had it at once', async () => {
    const first = await world.onboard('order-1', 'once', siti);
    expect(await world.subscription(first)).toMatchObject({ status: 'trialing' });
    const second = await world.onboard('order-2', 'once', siti);
    expect(await world.subscription(second)).toMatchObject({ status: 'active' });
    await world.work();
    expect(await world.charge(second)).toMatchObject({ due_at: START, status: 'paid' });
    expect(await world.charges(first)).toEqual([]);
  });

  test('also where the product gave the trial, and not the plan', async () => {
    await world.onboard('order-1', 'once', siti);
    const id = await world.create('order-2', 'once', { ...siti, trial: fortnight });
    await world.saveMethod(id);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('also with two links that were open at the same time', async () => {
    const [first, second] = [await world.create('order-1', 'once', siti), await world.create('order-2', 'once', siti)];
    await Promise.all([world.saveMethod(first), world.saveMethod(second)]);
    const statuses = [await world.subscription(first), await world.subscription(second)].map(({ status }) => status);
    expect(statuses.toSorted()).toEqual(['active', 'trialing']);
  });

  test('knows a card by its fingerprint, whoever comes with it', async () => {
    const card = { fingerprint: 'f-1' };
    await world.onboard('order-1', 'once', {}, card);
    const second = await world.onboard('order-2', 'once', {}, card);
    expect(await world.subscription(second)).toMatchObject({ status: 'active' });
    const told = await world.ask(
      sql`select why from ledger where subscription_id = ${second} and kind = 'subscription.active'`,
    );
    expect(told).toEqual([{ why: 'the card had its trial of once already' }]);
    const other = await world.onboard('order-3', 'once', {}, { fingerprint: 'f-2' });
    expect(await world.subscription(other)).toMatchObject({ status: 'trialing' });
  });

  test('leaves the trial of a customer whose card was refused it, for another card', async () => {
    const card = { fingerprint: 'f-1' };
    await world.onboard('order-1', 'once', {}, card);
    await world.onboard('order-2', 'once', siti, card);
    const later = await world.onboard('order-3', 'once', siti, { fingerprint: 'f-2' });
    expect(await world.subscription(later)).toMatchObject({ status: 'trialing' });
  });

  test('asks for nothing of a plan without', async () => {
    await world.onboard('order-1', 'trial', siti);
    const second = await world.onboard('order-2', 'trial', siti);
    expect(await world.subscription(second)).toMatchObject({ status: 'trialing' });
  });
});
