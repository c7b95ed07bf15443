import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { expectNothingToTell } from './oracle.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const now = { at: 'now', reason: 'moved away', actor: 'product' } as const;
const later = { ...now, at: 'period_end' } as const;

/** A daemon in which this happens after it has read the due charges, and before it writes its claim. */
function interrupted(happens: () => Promise<unknown>): Context {
  const { db } = ctx;
  let isClaiming = false;
  return {
    ...ctx,
    gateway: {
      ...gateway,
      describe(request) {
        isClaiming = true;
        return gateway.describe(request);
      },
    },
    db: {
      ...db,
      get drizzle() {
        return db.drizzle;
      },
      async run(query) {
        if (isClaiming) {
          isClaiming = false;
          await happens();
        }
        return await db.run(query);
      },
    },
  };
}

describe('who cancels twice', () => {
  const why = async (id: string) => (await world.subscription(id)).reason;

  test("and says why the second time is heard: the reason and its entry stay, and the period's end too", async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await cancelSubscription(ctx, id, { ...later, reason: null });
    const end = (await world.subscription(id)).cancel_at;
    await cancelSubscription(ctx, id, later);
    expect(await world.subscription(id)).toMatchObject({ reason: 'moved away', cancel_at: end });
    await cancelSubscription(ctx, id, { ...later, reason: 'moved far away', actor: 'api:admin' });
    expect(await why(id)).toBe('moved far away');
    const asked = (await world.told(id)).filter((kind) => kind === 'subscription.cancel_requested');
    expect(asked).toHaveLength(3);
  });

  test('and says nothing new changes nothing, and takes away no reason', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await cancelSubscription(ctx, id, later);
    const before = await world.told(id);
    await cancelSubscription(ctx, id, later);
    await cancelSubscription(ctx, id, { ...later, reason: null });
    expect([await why(id), await world.told(id)]).toEqual(['moved away', before]);
    await cancelSubscription(ctx, id, { ...now, reason: null });
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', reason: 'moved away' });
  });
});

describe('a cycle that fell due before anybody had opened it', () => {
  test('is void with its row when its customer leaves now', async () => {
    const id = await world.onboard('order-1');
    await cancelSubscription(ctx, id, now);
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'void', note: expect.stringContaining('moved') },
    ]);
    await world.liveUntil('2026-04-01T00:00:00Z');
    expect(gateway.sent).toEqual([]);
  });

  test('is owed by who leaves at the end of the period that began with it', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    world.moveTo('2026-02-28T02:00:01Z');
    await cancelSubscription(ctx, id, later);
    await world.liveUntil('2026-05-01T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { cycle: 1, status: 'paid' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });

  test('is void when the charge before it is given up, and the subscription with it', async () => {
    const id = await world.onboard('order-1', 'weekly');
    gateway.script(() => {
      world.moveTo('2026-02-07T02:00:00Z');
      return declined('STOLEN_CARD');
    });
    await world.work();
    expect(await world.charges(id)).toMatchObject([{ status: 'uncollectible' }, { cycle: 1, status: 'void' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });
});

describe('canceling now', () => {
  let idNow = '';
  test('ends the subscription: no cycle and no attempt follows', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    expect(await cancelSubscription(ctx, id, now)).toMatchObject({ kind: 'changed' });
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({
      status: 'canceled',
      reason: 'moved away',
      next_charge_at: null,
    });
    expect(await world.charges(id)).toHaveLength(1);
    expect(gateway.sent).toHaveLength(1);
  });

  test('closes the link that is still open, here as at Xendit', async () => {
    const id = await world.create('order-1');
    await cancelSubscription(ctx, id, now);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', onboarding: { status: 'canceled' } });
  });

  test('in dunning voids what is due, with its reason', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await cancelSubscription(ctx, id, now);
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'void', note: expect.stringContaining('moved away') });
    expect((await world.told(id)).slice(-2)).toEqual(['subscription.canceled', 'charge.voided']);
    expect(gateway.sent).toHaveLength(1);
  });

  test.each([
    ['canceled', () => cancelSubscription(world.another(), idNow, now), 'void'],
    ['paused', () => pauseSubscription(world.another(), idNow, { actor: 'product' }), 'due'],
  ])(
    'wins when it commits before the attempt does: one that was just %s is not charged',
    async (status, happens, charge) => {
      idNow = await world.onboard('order-1');
      await world.workAs(interrupted(happens));
      await world.work();
      expect(gateway.sent).toEqual([]);
      expect(await world.subscription(idNow)).toMatchObject({ status });
      expect(await world.charge(idNow)).toMatchObject({ status: charge, attempts: [], next_attempt_at: null });
      expectNothingToTell(world);
    },
  );

  test.each([
    ['declined', declined('INSUFFICIENT_BALANCE'), { status: 'void', collected: 0 }],
    ['refused by the bank for good', declined('STOLEN_CARD'), { status: 'void', collected: 0 }],
    ['successful', succeeded(), { status: 'paid', collected: 150_000 }],
  ])('while an attempt is on its way that turns out %s is followed by nothing', async (_, outcome, expected) => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      await cancelSubscription(world.another(), id, now);
      return outcome;
    });
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([expected]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
    expect(gateway.sent).toHaveLength(1);
  });

  test('while an attempt is unknown leaves it to be looked up, never sent again, and held in the end', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await cancelSubscription(ctx, id, now);
    await world.liveUntil('2026-02-03T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(gateway.sent).toHaveLength(1);
  });

  test('twice is refused the second time; nobody cancels what nobody has', async () => {
    const id = await world.onboard('order-1');
    await cancelSubscription(ctx, id, now);
    expect(await cancelSubscription(ctx, id, now)).toMatchObject({ kind: 'refused' });
    const nobody = ctx.newId(7);
    expect(await cancelSubscription(ctx, nobody, now)).toEqual({ kind: 'not_found' });
  });

  test('by five at once is one cancellation', async () => {
    const id = await world.onboard('order-1');
    const other = world.another();
    const results = await Promise.all(
      [ctx, other, ctx, other, ctx].map((daemon) => cancelSubscription(daemon, id, now)),
    );
    expect(results.filter((result) => result.kind === 'changed')).toHaveLength(1);
    expect((await world.told(id)).filter((kind) => kind === 'subscription.canceled')).toHaveLength(1);
  });
});

describe('canceling at the end of the period', () => {
  test('bills no further, and ends when the next cycle would have begun', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await cancelSubscription(ctx, id, later);
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      cancel_at: '2026-02-28T02:00:00Z',
      next_charge_at: null,
    });
    await world.liveUntil('2026-02-28T01:59:59Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', ended_at: '2026-02-28T02:00:00Z' });
    expect(await world.charges(id)).toHaveLength(1);
  });

  test('shows the period that was bought until its last instant, and none that never will be', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await cancelSubscription(ctx, id, later);
    // 00:30 on the day of the renewal, in Jakarta; the charge hour is 09:00.
    world.moveTo('2026-02-27T17:30:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', current_cycle: { number: 0 } });
    world.moveTo('2026-02-28T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ current_cycle: null });
  });

  test('retries what is in dunning until then, and voids it then', async () => {
    const id = await world.onboard('order-1', 'patient');
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await cancelSubscription(ctx, id, later);
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'void', attempts: [{}, {}, {}] }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', ended_at: '2026-02-07T02:00:00Z' });
  });

  test('in the trial never charges', async () => {
    const id = await world.onboard('order-1', 'trial');
    await cancelSubscription(ctx, id, later);
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', ended_at: '2026-02-14T02:00:00Z' });
    expect(gateway.sent).toEqual([]);
  });
});
