import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const catalog = readFileSync(new URL('../fixtures/changed-plans.yaml', import.meta.url), 'utf8');
const world = await testWorld({ at: START, catalog });
const { ctx } = world;
beforeEach(() => world.startOver(START));

async function change(id: string, body: ChangeBody) {
  const changed = await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
  if (changed.kind !== 'changed') throw new Error(JSON.stringify(changed));
  return changed;
}

const due = async (id: string) =>
  (await world.charges(id))
    .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
    .map(({ cycle, period, amount, plan }) => `${cycle} ${period.start}..${period.end} ${plan} ${amount}`);

const upcoming = async (id: string) =>
  ((await listUpcoming(ctx, id, 3)) ?? []).map(({ cycle, due_at, amount }) => `${cycle} ${due_at} ${amount}`);

const changes = async (id: string) =>
  (
    await world.ask<{ number: number; state: string; why: string | null }>(
      sql`select number, state, why from changes where subscription_id = ${id} order by number`,
    )
  ).map(({ number, state, why }) => [number, state, why] as const);

describe('a change of the plan', () => {
  test('with the next period leaves the running one, and charges the new price from then on', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-09-11T02:00:00Z');
    await change(id, { plan: 'max', when: 'period_end' });
    expect(await world.subscription(id)).toMatchObject({
      plan: 'pro',
      planned_change: {
        number: 1,
        state: 'planned',
        when: 'period_end',
        at: '2026-10-01T02:00:00Z',
        terms: { plan: 'max', amount: 300_000 },
      },
    });
    expect(await upcoming(id)).toEqual([
      '1 2026-10-01T02:00:00Z 300000',
      '2 2026-11-01T02:00:00Z 300000',
      '3 2026-12-01T02:00:00Z 300000',
    ]);
    await world.liveUntil('2026-11-15T00:00:00Z');
    expect(await due(id)).toEqual([
      '0 2026-09-01..2026-09-30 pro 150000',
      '1 2026-10-01..2026-10-31 max 300000',
      '2 2026-11-01..2026-11-30 max 300000',
    ]);
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', planned_change: null });
  });

  test('to a week counts weeks from the end of the month that runs, and no number is used twice', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-09-11T02:00:00Z');
    await change(id, { plan: 'yearly', when: 'period_end' });
    await world.liveUntil('2027-11-01T00:00:00Z');
    expect(await due(id)).toEqual([
      '0 2026-09-01..2026-09-30 pro 150000',
      '1 2026-10-01..2027-09-30 yearly 1200000',
      '2 2027-10-01..2028-09-30 yearly 1200000',
    ]);
  });

  test('on a day in the middle of a period is worked out on that day, after an outage too', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await change(id, { plan: 'max', when: '2026-10-12' });
    expect((await world.subscription(id)).planned_change).toMatchObject({ when: 'date', at: '2026-10-12T02:00:00Z' });
    // Nothing runs for two months and a half.
    world.moveTo('2026-12-20T00:00:00Z');
    await world.work();
    expect((await due(id)).map((one) => one.split(' ').slice(0, 3).join(' '))).toEqual([
      '0 2026-09-01..2026-09-30 pro',
      '1 2026-10-01..2026-10-31 pro',
      '2 2026-11-01..2026-11-30 max',
      '3 2026-12-01..2026-12-31 max',
    ]);
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
  });
});

describe('a planned change', () => {
  test('is replaced by another, and can be withdrawn: the next charge is as if nobody had asked', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await change(id, { charge_at: '18:00', when: 'period_end' });
    expect((await upcoming(id))[0]).toBe('1 2026-10-01T11:00:00Z 150000');
    const second = await change(id, { plan: 'team', when: '2026-12-01' });
    expect(second.replaced).toMatchObject({ what: 'change' });
    expect(await upcoming(id)).toEqual([
      '1 2026-10-01T02:00:00Z 150000',
      '2 2026-11-01T02:00:00Z 150000',
      '3 2026-12-01T02:00:00Z 600000',
    ]);
    expect(await withdrawChange(ctx, id, 'siti')).toMatchObject({ kind: 'changed' });
    expect((await upcoming(id))[2]).toBe('3 2026-12-01T02:00:00Z 150000');
    expect(await changes(id)).toEqual([
      [1, 'withdrawn', 'change 2 replaced it'],
      [2, 'withdrawn', 'it was withdrawn'],
    ]);
    expect(await withdrawChange(ctx, id, 'siti')).toMatchObject({ kind: 'refused' });
  });

  // The old plan kept running after a downgrade that had been asked for: wp-calypso#6497.
  test('lapses with its why when its plan is gone, and what was agreed goes on', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await change(id, { plan: 'max', charge_at: '18:00', when: 'period_end' });
    const plans = new Map(ctx.catalog.current.plans);
    plans.delete('max');
    const without = world.another({ catalog: { ...ctx.catalog, current: { ...ctx.catalog.current, plans } } });
    world.moveTo('2026-10-01T12:00:00Z');
    await world.workAs(without);
    expect((await due(id)).at(-1)).toBe('1 2026-10-01..2026-10-31 pro 150000');
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('"max"')]]);
    expect(await world.told(id)).toContain('subscription.change_lapsed');
  });

  test.each(['period_end', '2026-11-20'])(
    'lapses with its why where dunning cancels its subscription before: %s',
    async (when) => {
      const id = await world.onboard('order-1', 'pro');
      await world.work();
      world.gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
      await world.liveUntil('2026-10-02T00:00:00Z');
      await change(id, { plan: 'max', when });
      await world.liveUntil('2026-10-20T00:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'canceled', planned_change: null });
      const why = 'the subscription was canceled with an uncollectible charge';
      expect(await changes(id)).toEqual([[1, 'lapsed', why]]);
      expect(await world.told(id)).toContain('subscription.change_lapsed');
    },
  );

  test('and a cancellation: the later of the two wins, and the answer names the earlier', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await change(id, { plan: 'max', when: 'period_end' });
    const cancel = { at: 'period_end', reason: null, actor: 'siti' } as const;
    expect(await cancelSubscription(ctx, id, cancel)).toMatchObject({ replaced: { what: 'change' } });
    expect((await world.subscription(id)).planned_change).toBeNull();
    expect(await change(id, { plan: 'team', when: 'period_end' })).toMatchObject({ replaced: { what: 'cancel' } });
    expect(await world.subscription(id)).toMatchObject({ cancel_at: null, planned_change: { number: 2 } });
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', plan: 'team' });
  });
});
