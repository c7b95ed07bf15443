import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { refundingIn } from '../support/refunding.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { paid, all, ends, whole } = refundingIn(world);

beforeEach(() => world.startOver(start));

const by = { reason: 'moved abroad', actor: 'api:product:shop' };

describe('a cancellation that gives money back', () => {
  test.each([
    ['unused', 16, 75_000],
    ['last', 16, 150_000],
  ] as const)('%s: is one change with its refund, which is sent and settled', async (refund, day, amount) => {
    const { subscription } = await paid();
    // The period is of 31 days; the day of the cancellation counts as unused.
    world.moveTo(`2026-03-${day}T02:00:00Z`);
    expect(await cancelSubscription(ctx, subscription, { at: 'now', refund, ...by })).toMatchObject({
      kind: 'changed',
    });
    const given = refund === 'last' ? amount : Math.round((150_000 * (31 - (day - 2))) / 31);
    expect(await all()).toMatchObject([{ state: 'approved', amount: given }]);
    await world.work();
    expect(gateway.refundsAsked).toMatchObject([{ reason: 'CANCELLATION' }]);
    await ends('succeeded');
    expect(await world.charge(subscription)).toMatchObject({ refunded: given });
    await whole();
  });

  test('of a payment that cannot be given back cancels nothing', async () => {
    const { subscription } = await paid('sub-1', { channelCode: 'OVO', network: null });
    world.moveTo('2026-03-20T02:00:00Z');
    const answer = await cancelSubscription(ctx, subscription, { at: 'now', refund: 'last', ...by });
    expect(answer).toMatchObject({ kind: 'refused', detail: expect.stringContaining('Nothing was canceled') });
    expect(await world.subscription(subscription)).toMatchObject({ status: 'active' });
    expect(await all()).toEqual([]);
  });

  test('at the end of the period gives the last payment back once, however often it is asked', async () => {
    const { subscription } = await paid();
    const asked = { at: 'period_end', refund: 'last', ...by } as const;
    expect(await cancelSubscription(ctx, subscription, { ...asked, refund: 'none' })).toMatchObject({
      kind: 'changed',
    });
    expect(await cancelSubscription(ctx, subscription, asked)).toMatchObject({ kind: 'changed' });
    expect(await cancelSubscription(ctx, subscription, asked)).toMatchObject({ kind: 'changed' });
    await world.work();
    await ends('succeeded');
    expect(await cancelSubscription(ctx, subscription, asked)).toMatchObject({ kind: 'changed' });
    expect(await all()).toMatchObject([{ amount: 150_000 }]);
  });
});
