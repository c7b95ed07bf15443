import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/cancel-subscription.ts';
import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';
import { type Created, createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { createInput } from '../support/create-input.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const coupons = `coupons:
  HEMAT20: { percent: 20, cycles: 3, plans: [monthly], until: 2026-02-01 }
  FEW: { percent: 50, cycles: for_ever, max_uses: 100 }
  ONCE: { amount: { IDR: 10000 }, cycles: 1, per_customer: 1 }
  PESO: { amount: { PHP: 100 }, cycles: 1 }
  FRIENDS: { percent: 10, cycles: 1, customers: [customer-friend] }
`;
const world = await testWorld({ at: START, catalog: plainCatalog + coupons });
const { ctx } = world;
beforeEach(() => world.startOver(START));

const taking = (reference: string, coupon: string, more: Partial<CreateInput> = {}): Promise<Created> =>
  createSubscription(ctx, createInput(reference, 'monthly', { coupon, canonical: `${reference} ${coupon}`, ...more }));

async function count(code: string): Promise<unknown> {
  const [row] = await world.ask(sql`select (select used from coupon_counts where code = ${code}) as counted,
    (select count(*)::int from coupon_uses where code = ${code} and given_back_at is null) as standing,
    (select count(*)::int from subscriptions where coupon ->> 'code' = ${code}) as subscriptions`);
  return row;
}

function idOf(created: Created): string {
  if (created.kind !== 'created') throw new Error(`It was not created but ${created.kind}.`);
  return created.dossier.subscription.id;
}

describe('a coupon is taken when a subscription is created', () => {
  test('and what it promised then stands with the subscription', async () => {
    const id = idOf(await taking('order-1', 'HEMAT20'));
    expect(await world.subscription(id)).toMatchObject({ coupon: { code: 'HEMAT20', ends_after: 3 } });
    const lasting = idOf(await taking('order-2', 'FEW'));
    expect((await world.subscription(lasting)).coupon).toEqual({ code: 'FEW' });
    expect(await world.subscription(await world.create('order-3'))).toMatchObject({ coupon: null });
  });

  test.each<[string, string, Partial<CreateInput>, string]>([
    ['there is none of this code', 'HEMAT2O', {}, 'is no coupon of the catalog'],
    ['it is for other plans', 'HEMAT20', { plan: 'weekly' }, 'is for monthly and not for weekly'],
    ['it takes off another currency', 'PESO', {}, 'takes off PHP, and monthly costs IDR'],
    ['it is for other customers', 'FRIENDS', {}, 'is not for this customer'],
    [
      'it is for customers of ours, and this one has no reference',
      'FRIENDS',
      { customer: { id: 'cust-friend' } },
      'is not for this customer',
    ],
  ])('unless %s', async (_, coupon, more, message) => {
    expect(await taking('order-1', coupon, more)).toEqual({ kind: 'invalid', faults: [{ field: 'coupon', message }] });
  });

  test('until the end of its last day where the subscription lives', async () => {
    world.moveTo('2026-02-01T16:59:59Z');
    expect(await taking('order-1', 'HEMAT20')).toMatchObject({ kind: 'created' });
    world.moveTo('2026-02-01T17:00:00Z');
    const faults = [{ field: 'coupon', message: 'could be taken until 2026-02-01' }];
    expect(await taking('order-2', 'HEMAT20')).toEqual({ kind: 'invalid', faults });
    expect(await taking('order-3', 'HEMAT20', { timeZone: 'Asia/Riyadh' })).toMatchObject({ kind: 'created' });
  });

  test('once for a request, however often it is sent', async () => {
    await taking('order-1', 'FEW');
    expect(await taking('order-1', 'FEW')).toMatchObject({ kind: 'known' });
    expect(await count('FEW')).toEqual({ counted: 1, standing: 1, subscriptions: 1 });
  });
});

describe('its most holds', () => {
  test('whoever comes at once: 500 for a hundred uses', async () => {
    const all = await Promise.all(Array.from({ length: 500 }, (_, n) => taking(`order-${n}`, 'FEW')));
    expect(all.filter(({ kind }) => kind === 'created')).toHaveLength(100);
    expect(all.filter(({ kind }) => kind === 'spent')).toHaveLength(400);
    expect(await count('FEW')).toEqual({ counted: 100, standing: 100, subscriptions: 100 });
    const open = [...world.gateway.sessions.values()].filter(({ status }) => status === 'active');
    expect(open).toHaveLength(100);
  });

  test('for each customer too, who may come with twenty at once', async () => {
    const customer = createInput('siti').customer;
    await createSubscription(ctx, createInput('siti', 'monthly', { customer }));
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => taking(`order-${n}`, 'ONCE', { customer })));
    expect(all.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(all.find(({ kind }) => kind === 'spent')).toMatchObject({
      detail: expect.stringContaining('The customer took the coupon ONCE 1 times'),
    });
    expect(await taking('order-of-another', 'ONCE')).toMatchObject({ kind: 'created' });
    expect(await count('ONCE')).toEqual({ counted: 2, standing: 2, subscriptions: 2 });
  });

  test('and is looked at again when another takes the last one while Xendit opens the session', async () => {
    const customer = createInput('siti').customer;
    await createSubscription(ctx, createInput('order-0', 'monthly', { customer }));
    let other: Created | null = null;
    const slow = {
      ...ctx.gateway,
      openSession: async (...asked: Parameters<typeof ctx.gateway.openSession>) => {
        other ??= await taking('order-1', 'ONCE', { customer });
        return await ctx.gateway.openSession(...asked);
      },
    };
    const input = createInput('order-2', 'monthly', { coupon: 'ONCE', canonical: 'order-2', customer });
    expect(await createSubscription({ ...ctx, gateway: slow }, input)).toMatchObject({ kind: 'spent' });
    expect(other).toMatchObject({ kind: 'created' });
    expect(await count('ONCE')).toEqual({ counted: 1, standing: 1, subscriptions: 1 });
  });

  test('and a subscription that is canceled before it began gives its use back', async () => {
    const customer = createInput('siti').customer;
    const id = idOf(await taking('order-1', 'ONCE', { customer }));
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    expect(await count('ONCE')).toMatchObject({ counted: 0, standing: 0 });
    const second = idOf(await taking('order-2', 'ONCE', { customer }));
    await world.saveMethod(second);
    await cancelSubscription(ctx, second, { at: 'now', reason: null, actor: 'product' });
    expect(await count('ONCE')).toMatchObject({ counted: 1, standing: 1 });
    expect(await taking('order-3', 'ONCE', { customer })).toMatchObject({ kind: 'spent' });
  });
});
