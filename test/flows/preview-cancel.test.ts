import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { apiOver } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

async function preview(id: string, at: 'now' | 'period_end') {
  return await api.post(`/v1/subscriptions/${id}/cancel?preview=true`, { at });
}

/** Every table, by what it holds. */
async function everything(): Promise<unknown> {
  return await world.ask(sql`select (select jsonb_agg(s) from subscriptions s) as s, (select jsonb_agg(c) from charges c) as c,
    (select jsonb_agg(l order by l.seq) from ledger l) as l, (select jsonb_agg(a) from attempts a) as a`);
}

describe('the preview of a cancellation', () => {
  test('says what of the last payment is unused, by the day, of all days of its period', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const charge = await world.charge(id);
    await world.liveUntil('2026-02-14T17:00:00Z');
    // 15 February in Jakarta; the period has 28 days, 31 January to 27 February.
    expect(await preview(id, 'now')).toMatchObject({
      status: 200,
      body: {
        at: 'now',
        cancel_at: '2026-02-14T17:00:00Z',
        currency: 'IDR',
        unused: { amount: 69_643, days: 13, of_days: 28 },
        last: { amount: 150_000, charge_id: charge.id },
        void: [],
      },
    });
    expect((await preview(id, 'period_end')).body).toMatchObject({
      cancel_at: '2026-02-28T02:00:00Z',
      unused: { amount: 0, days: 0, of_days: 28 },
    });
  });

  test('names what would be void, and that nothing was paid', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const { id: charge_id } = await world.charge(id);
    expect((await preview(id, 'now')).body).toMatchObject({
      unused: { amount: 0, days: 0, of_days: 0 },
      last: { amount: 0, charge_id: null },
      void: [{ charge_id, amount: 150_000 }],
    });
    expect((await preview(id, 'period_end')).body.void).toEqual([]);
  });

  test('changes nothing, not even what has fallen due, and calls nobody', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    world.moveTo('2026-03-05T02:00:00Z');
    const before = await everything();
    await preview(id, 'now');
    await preview(id, 'period_end');
    expect(await everything()).toEqual(before);
    expect(gateway.sent).toHaveLength(1);
  });

  test('of one that is canceled is refused, as the cancellation would be', async () => {
    const id = await world.onboard('order-1');
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'siti' });
    expect(await preview(id, 'now')).toMatchObject({ status: 409 });
  });
});
