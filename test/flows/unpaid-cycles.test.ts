import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { forgiveCharge, retryCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { applied } from '../support/applied-catalog.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const plan = (unpaid: string) => `
    name: Three payments
    price: { amount: 90000, currency: IDR }
    interval: 1 month
    ends_after: 3 cycles
    dunning: kept
    missed_cycles: latest
    unpaid_cycles: ${unpaid}`;
const catalog = `
defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:
  paid:${plan('not')}
  counted:${plan('count')}
  other:${plan('not').replace('90000', '60000')}
dunning:
  kept: { retry_after: [1 day, 3 days], window: 7 days, then: keep }
`;
const START = '2026-02-01T02:00:00Z';
const world = await testWorld({ at: START, catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const actor = 'siti';
const by = { actor, reason: 'the bank was closed that day' };

async function subscribed(id: string): Promise<string> {
  const made = await world.onboard('order-1', id);
  await world.work();
  return made;
}

/** The next cycle is never paid, and given up. */
async function givenUp(until: string): Promise<void> {
  gateway.script(...[1, 2, 3].map(() => declined('INSUFFICIENT_BALANCE')));
  await world.liveUntil(until);
}

const charged = async (id: string) =>
  (await world.charges(id))
    .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
    .map(({ cycle, status, period }) => `${cycle} ${status} ${period.start}`);
const upcoming = async (id: string) => ((await listUpcoming(ctx, id, 5)) ?? []).map(({ cycle }) => cycle);
const broken = async () => (await checkInvariants(ctx)).filter(({ broken: found }) => found > 0);

describe('a plan of three payments whose unpaid cycles do not count', () => {
  test('is paid three times by who left one out', async () => {
    const id = await subscribed('paid');
    expect(await upcoming(id)).toEqual([1, 2]);
    await givenUp('2026-03-20T00:00:00Z');
    expect(await upcoming(id)).toEqual([2, 3]);
    await world.liveUntil('2026-04-20T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      next_charge_at: '2026-05-01T02:00:00Z',
      access: { allowed: true, until: null },
    });
    await world.liveUntil('2026-06-20T00:00:00Z');
    expect(await charged(id)).toEqual([
      '0 paid 2026-02-01',
      '1 uncollectible 2026-03-01',
      '2 paid 2026-04-01',
      '3 paid 2026-05-01',
    ]);
    expect(await world.subscription(id)).toMatchObject({ status: 'ended', ended_at: '2026-06-01T02:00:00Z' });
    expect(await broken()).toEqual([]);
  });

  test('is paid three times and no more by who paid one of them late', async () => {
    const id = await subscribed('paid');
    gateway.script(...[1, 2].map(() => declined('INSUFFICIENT_BALANCE')));
    // The ladder is longer than what is refused: its third try is paid.
    await world.liveUntil('2026-03-06T00:00:00Z');
    expect(await charged(id)).toEqual(['0 paid 2026-02-01', '1 paid 2026-03-01']);
    await world.liveUntil('2026-06-20T00:00:00Z');
    expect((await charged(id)).map((text) => text.slice(0, 6))).toEqual(['0 paid', '1 paid', '2 paid']);
    expect(await world.subscription(id)).toMatchObject({ ended_at: '2026-05-01T02:00:00Z' });
  });

  test('asks for no further one once what was given up is paid after all', async () => {
    const id = await subscribed('paid');
    await givenUp('2026-03-20T00:00:00Z');
    await retryCharge(ctx, (await world.charge(id, 1)).id, by);
    await world.work();
    expect(await upcoming(id)).toEqual([2]);
    await world.liveUntil('2026-06-20T00:00:00Z');
    expect((await charged(id)).map((text) => text.slice(0, 6))).toEqual(['0 paid', '1 paid', '2 paid']);
  });

  test.each([
    ['void', voidCharge, [2, 3]],
    ['forgiven, which counts as paid', forgiveCharge, [2]],
  ] as const)('looks at what a person did: %s', async (_what, act, coming) => {
    const id = await subscribed('paid');
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-03-02T00:00:00Z');
    await act(ctx, (await world.charge(id, 1)).id, by);
    expect(await upcoming(id)).toEqual(coming);
  });

  test('is not over when an outage was missed at its very end', async () => {
    const id = await subscribed('paid');
    world.moveTo('2026-05-10T02:00:00Z');
    await world.work();
    expect((await charged(id)).slice(0, 2)).toEqual(['0 paid 2026-02-01', '1 void 2026-03-01']);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-09-20T00:00:00Z');
    const all = await charged(id);
    expect(all.filter((text) => text.includes('paid'))).toHaveLength(3);
    expect(await world.subscription(id)).toMatchObject({ status: 'ended', ended_at: '2026-06-01T02:00:00Z' });
  });

  test('goes on after a pause by the cycles that passed in it', async () => {
    const id = await subscribed('paid');
    await pauseSubscription(ctx, id, { actor, onResume: 'void' });
    await world.liveUntil('2026-05-15T00:00:00Z');
    await resumeSubscription(ctx, id, { actor });
    await world.liveUntil('2026-09-20T00:00:00Z');
    const all = await charged(id);
    expect(all.filter((text) => text.includes('paid'))).toEqual([
      '0 paid 2026-02-01',
      '4 paid 2026-06-01',
      '5 paid 2026-07-01',
    ]);
  });

  test('counts anew with another plan: what was left unpaid of the one before is not owed by it', async () => {
    const id = await subscribed('paid');
    await givenUp('2026-03-20T00:00:00Z');
    await changeTerms(ctx, id, { body: { plan: 'other', when: 'period_end' }, reason: null, actor });
    expect(await upcoming(id)).toEqual([2, 3, 4]);
    await world.liveUntil('2026-04-02T00:00:00Z');
    expect(await upcoming(id)).toEqual([3, 4]);
    await world.liveUntil('2026-08-20T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ ended_at: '2026-07-01T02:00:00Z' });
  });

  test('may be changed in what follows in the place of a cycle, when the last one by number runs', async () => {
    const id = await subscribed('paid');
    await givenUp('2026-03-20T00:00:00Z');
    await world.liveUntil('2026-04-20T00:00:00Z');
    const doubled = { body: { quantity: 2, when: 'period_end' }, reason: null, actor };
    expect(await changeTerms(ctx, id, doubled)).toMatchObject({ kind: 'changed' });
    await world.liveUntil('2026-06-20T00:00:00Z');
    expect(await world.charge(id, 3)).toMatchObject({ amount: 180_000, status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'ended', planned_change: null });
    expect(await broken()).toEqual([]);
  });

  test.each([
    ['that counts them', ['unpaid_cycles: not', 'unpaid_cycles: count']],
    ['that is over sooner', ['ends_after: 3', 'ends_after: 1']],
  ] as const)('asks for as many, though a dearer plan %s brings its price to it', async (_what, [then, now]) => {
    const follows = catalog.replace('unpaid_cycles: not', 'unpaid_cycles: not\n    price_change: next_cycle');
    await applied(world, follows);
    const id = await subscribed('paid');
    await givenUp('2026-03-20T00:00:00Z');
    await applied(world, follows.replace('amount: 90000', 'amount: 95000').replace(then, now));
    expect(await upcoming(id)).toEqual([2, 3]);
    await world.liveUntil('2026-07-20T00:00:00Z');
    expect((await charged(id)).slice(2)).toEqual(['2 paid 2026-04-01', '3 paid 2026-05-01']);
    expect(await broken()).toEqual([]);
    await applied(world, catalog);
  });

  test('asks for a mandate that reaches further than its number of payments', async () => {
    const id = await subscribed('paid');
    expect((await world.subscription(id)).mandate?.recurring_expiry).toBe('2036-02-01');
  });
});

test('a plan whose unpaid cycles count ends after its number of cycles, paid or not', async () => {
  const id = await subscribed('counted');
  await givenUp('2026-03-20T00:00:00Z');
  expect(await upcoming(id)).toEqual([2]);
  await world.liveUntil('2026-06-20T00:00:00Z');
  expect(await charged(id)).toEqual(['0 paid 2026-02-01', '1 uncollectible 2026-03-01', '2 paid 2026-04-01']);
  expect((await world.subscription(id)).mandate?.recurring_expiry).toBe('2026-05-08');
});
