import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const plan = (name: string, amount: number) => `
  ${name}: { name: ${name}, price: { amount: ${amount}, currency: IDR }, interval: 1 month }`;
const catalog = `
defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:${plan('pro', 150_000)}${plan('max', 300_000)}${plan('team', 600_000)}
coupons:
  HALF: { percent: 50, cycles: 2 }
  FLAT: { amount: { IDR: 90000 }, cycles: for_ever }
  FEW: { percent: 20, cycles: for_ever, max_uses: 1 }
  OWN: { percent: 20, cycles: 1, per_customer: 1 }
  TEAM: { percent: 20, cycles: 1, plans: [team] }
  SOON: { percent: 20, cycles: 1, until: 2026-09-15 }
`;
const world = await testWorld({ at: START, catalog });
const { ctx } = world;
beforeEach(() => world.startOver(START));

const change = async (id: string, body: ChangeBody) =>
  await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
const amounts = async (id: string) =>
  (await world.charges(id)).toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0)).map(({ amount }) => amount);
const broken = async () => (await checkInvariants(ctx)).filter(({ broken: found }) => found > 0);

async function paying(coupon: string | null, name = 'team'): Promise<string> {
  const id = await world.onboard('order-1', name, { coupon });
  await world.work();
  return id;
}

describe('a change in a period that was paid with a coupon', () => {
  test('gives back what was paid, and no more: half of the price was, and half of the days are', async () => {
    const id = await paying('HALF');
    world.moveTo('2026-09-11T03:00:00Z');
    await change(id, { plan: 'pro' });
    // 20 of 30 days of 300,000 that were paid, less 20 days of Pro at half its price.
    expect(await world.subscription(id)).toMatchObject({ credit: 150_000 });
    expect(await amounts(id)).toEqual([300_000]);
    expect(await broken()).toEqual([]);
  });

  test.each(['HALF', 'FLAT'])('is nothing when it goes up and down again: %s', async (coupon) => {
    const id = await paying(coupon);
    world.moveTo('2026-09-11T03:00:00Z');
    await change(id, { plan: 'pro' });
    await change(id, { plan: 'team' });
    await world.liveUntil('2026-10-02T00:00:00Z');
    const each = coupon === 'HALF' ? 300_000 : 510_000;
    // What is given back becomes credit, which the next charge uses before it asks for the days of the way up.
    expect((await amounts(id)).reduce((sum, one) => sum + one, 0) - (await world.subscription(id)).credit).toBe(
      2 * each,
    );
  });

  test('asks for the days of a dearer plan with the same discount', async () => {
    const id = await paying('HALF', 'pro');
    world.moveTo('2026-09-11T03:00:00Z');
    await change(id, { plan: 'max' });
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await amounts(id)).toEqual([75_000, 50_000 + 150_000]);
  });
});
