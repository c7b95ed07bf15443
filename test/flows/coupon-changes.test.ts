import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { readPreviewToken } from '../../src/flows/subscriptions/changing/preview-token.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { changePreviewView } from '../../src/flows/views/change-view.ts';
import { applyChanges } from '../../src/infra/tables/change/changes.ts';
import { subscriptionDossier } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { createInput } from '../support/create-input.ts';
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

describe('a coupon that comes with a change', () => {
  const uses = async (code: string) =>
    await world.ask(sql`select count(*)::int as uses, (select used from coupon_counts where code = ${code}) as counted
      from coupon_uses where code = ${code}`);
  const none = [{ uses: 0, counted: null }];
  const one = [{ uses: 1, counted: 1 }];

  test('takes something off the next charges, as often as it promises, and is used once', async () => {
    const id = await paying(null, 'pro');
    world.moveTo('2026-09-11T03:00:00Z');
    expect(await change(id, { coupon: 'HALF' })).toMatchObject({ kind: 'changed' });
    expect(await world.subscription(id)).toMatchObject({ coupon: { code: 'HALF', ends_after: 2 }, credit: 0 });
    expect(await uses('HALF')).toEqual(one);
    await world.liveUntil('2026-12-02T00:00:00Z');
    expect(await amounts(id)).toEqual([150_000, 75_000, 75_000, 150_000]);
    expect(await uses('HALF')).toEqual(one);
    expect(await broken()).toEqual([]);
  });

  test.each([{}, { when: 'period_end' }, { when: '2026-09-16' }])(
    'is shown before, and comes to what was shown: %j',
    async (when) => {
      const id = await paying(null, 'pro');
      world.moveTo('2026-09-11T03:00:00Z');
      const body = { plan: 'max', coupon: 'HALF', ...when };
      const previewed = await previewChange(ctx, id, { body, actor: 'siti' });
      if (previewed.kind !== 'shown') throw new Error(JSON.stringify(previewed));
      const shown = changePreviewView(previewed.shown);
      expect(shown.after.map(({ discount }) => discount)).toEqual([150_000, 150_000, 0]);
      expect(await uses('HALF')).toEqual(none);
      const token = readPreviewToken(ctx, id, shown.preview_token);
      const made = await changeTerms(ctx, id, { body, previewed: token, reason: null, actor: 'siti' });
      expect(made).toMatchObject({ kind: 'changed' });
      await world.liveUntil('2026-12-02T00:00:00Z');
      expect((await amounts(id)).slice(1)).toEqual(shown.after.map(({ amount }) => amount));
      expect(await uses('HALF')).toEqual(one);
    },
  );

  test('of a planned change is used when that applies, and not by one that is withdrawn or replaced', async () => {
    const id = await paying(null, 'pro');
    const planned = { coupon: 'FEW', when: 'period_end' };
    await change(id, planned);
    expect(await world.subscription(id)).toMatchObject({
      coupon: null,
      planned_change: { terms: { coupon: 'FEW', plan: 'pro' } },
    });
    await withdrawChange(ctx, id, 'siti');
    await change(id, planned);
    await change(id, { quantity: 2, when: 'period_end' });
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await uses('FEW')).toEqual(none);
    await change(id, planned);
    await world.liveUntil('2026-11-02T00:00:00Z');
    expect(await uses('FEW')).toEqual(one);
    expect(await amounts(id)).toEqual([150_000, 300_000, 240_000]);
  });

  test('whose last use went to another meanwhile makes the planned change lapse, and gives nothing away', async () => {
    const id = await paying(null, 'pro');
    await change(id, { plan: 'max', coupon: 'FEW', when: 'period_end' });
    await world.onboard('order-2', 'pro', { coupon: 'FEW' });
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', coupon: null, planned_change: null });
    expect(await world.ask(sql`select state, why from changes where subscription_id = ${id}`)).toEqual([
      { state: 'lapsed', why: 'no use of the coupon FEW is left' },
    ]);
    expect(await amounts(id)).toEqual([150_000, 150_000]);
    expect(await uses('FEW')).toEqual(one);
  });

  test('is given to one of two who come for its last use at once', async () => {
    const ids = await Promise.all(['order-1', 'order-2', 'order-3'].map((name) => world.onboard(name, 'pro')));
    await world.work();
    const answers = await Promise.all(ids.map((id) => change(id, { coupon: 'FEW' })));
    expect(answers.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(2);
    expect(await uses('FEW')).toEqual(one);
  });

  test('of which many fall due in one look are all counted', async () => {
    const ids = await Promise.all(['order-1', 'order-2', 'order-3'].map((name) => world.onboard(name, 'pro')));
    await world.work();
    for (const id of ids) await change(id, { coupon: 'HALF', when: 'period_end' });
    world.moveTo('2026-10-01T02:00:00Z');
    await world.work();
    expect(await uses('HALF')).toEqual([{ uses: 3, counted: 3 }]);
    for (const id of ids) expect(await amounts(id)).toEqual([150_000, 75_000]);
  });

  test('is counted for each of several that are applied together', async () => {
    const ids = await Promise.all(['order-1', 'order-2', 'order-3'].map((name) => world.onboard(name, 'pro')));
    const books = await Promise.all(ids.map((id) => subscriptionDossier(world.db, bucketOf(id), id)));
    const coupon = { code: 'HALF', maxUses: null, perCustomer: null };
    const changes = books.flatMap((book, index) => {
      if (book === null) return [];
      const { subscription: seen } = book;
      const { bucket, id: subscriptionId, customerId } = seen;
      const couponTaken = { coupon, bucket, subscriptionId, customerId, at: world.now() };
      return [{ seen, entries: [], ...(index < 2 && { couponTaken }) }];
    });
    expect((await applyChanges(world.db, ctx.buckets, changes)).size).toBe(3);
    expect(await uses('HALF')).toEqual([{ uses: 2, counted: 2 }]);
  });

  test.each([
    ['NONE', 'is no coupon of the catalog'],
    ['TEAM', 'is for team and not for pro'],
    ['FLAT', 'was taken by this subscription before'],
  ])('that cannot be taken is told by its field: %s', async (coupon, message) => {
    const id = await paying('FLAT', 'pro');
    await change(id, { coupon: 'HALF' });
    const before = await world.told(id);
    expect(await change(id, { coupon })).toEqual({ kind: 'invalid', faults: [{ field: 'coupon', message }] });
    expect(await world.told(id)).toEqual(before);
    expect(await change(id, { coupon: 'TEAM', plan: 'team' })).toMatchObject({ kind: 'changed' });
  });

  test('holds its day and its most for a customer too', async () => {
    const id = await paying('OWN', 'pro');
    const second = await world.onboard('order-2', 'pro', { customer: createInput('order-1', 'pro').customer });
    expect(await change(second, { coupon: 'OWN' })).toMatchObject({ kind: 'refused' });
    world.moveTo('2026-09-16T03:00:00Z');
    expect(await change(id, { coupon: 'SOON' })).toMatchObject({ kind: 'invalid' });
  });

  test('asked for on a good day is taken on the day on which its change applies', async () => {
    const id = await paying(null, 'pro');
    await change(id, { coupon: 'SOON', when: 'period_end' });
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await amounts(id)).toEqual([150_000, 120_000]);
  });

  test('leaves the running period with the discount that it was paid with', async () => {
    const id = await paying('HALF', 'team');
    world.moveTo('2026-09-11T03:00:00Z');
    await change(id, { coupon: 'OWN' });
    await change(id, { plan: 'pro' });
    // As without the second coupon: half of 20 days of 600,000, less half of 20 days of 150,000.
    expect(await world.subscription(id)).toMatchObject({ credit: 150_000, coupon: { code: 'OWN' } });
  });

  test('stays with what was agreed when a pause moves it', async () => {
    const id = await paying(null, 'pro');
    await change(id, { coupon: 'HALF', when: 'period_end' });
    await pauseSubscription(ctx, id, { actor: 'siti', cycles: 'shift', until: Temporal.PlainDate.from('2026-09-11') });
    await world.liveUntil('2026-10-12T00:00:00Z');
    expect(await amounts(id)).toEqual([150_000, 75_000]);
    expect(await uses('HALF')).toEqual(one);
  });
});
