import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';
import { type Created, createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { catalogsOf } from '../../src/infra/catalog-file/catalogs.ts';
import { storeCatalog } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { createInput } from '../support/create-input.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const coupons = `coupons:
  HEMAT20: { percent: 20, cycles: 3, plans: [monthly], until: 2026-02-01 }
  FEW: { percent: 50, cycles: for_ever, max_uses: 100 }
  ONCE: { amount: { IDR: 10000 }, cycles: 1, per_customer: 1 }
  PESO: { amount: { PHP: 100 }, cycles: 1 }
  ALL: { amount: { IDR: 999999 }, cycles: for_ever }
  TWICE: { percent: 20, cycles: 2 }
  FRIENDS: { percent: 10, cycles: 1, customers: [customer-friend] }
`;
const plain = plainCatalog
  .replace('\ndunning:\n', '\ndunning:\n  kept: { retry_after: [1 day], window: 3 days, then: keep }\n')
  .replace(
    'plans:\n',
    'plans:\n  kept: { name: Kept, price: { amount: 25000, currency: IDR }, interval: 1 week, dunning: kept, missed_cycles: all }\n',
  );
const world = await testWorld({ at: START, catalog: plain + coupons });
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

describe('its discount', () => {
  const amounts = async (id: string) => (await world.charges(id)).map(({ amount, status }) => `${amount} ${status}`);
  const month = (n: number) => `2026-0${n}-01T00:00:00Z`;

  test('is taken off so many paid cycles, each with its line, and then no more', async () => {
    const id = await world.onboard('order-1', 'monthly', { coupon: 'HEMAT20' });
    await world.liveUntil(month(6));
    expect(await amounts(id)).toEqual(['120000 paid', '120000 paid', '120000 paid', '150000 paid', '150000 paid']);
    expect(await world.charge(id, 1)).toMatchObject({
      subtotal: 150_000,
      discount: 30_000,
      lines: [
        { kind: 'plan', amount: 150_000 },
        { kind: 'discount', text: 'HEMAT20, 20% off', amount: -30_000 },
      ],
    });
    expect(await world.charge(id, 3)).toMatchObject({ discount: 0 });
    expect(world.gateway.payments.map(({ amount }) => amount)).toEqual([
      '120000',
      '120000',
      '120000',
      '150000',
      '150000',
    ]);
  });

  test('is the amount that was promised, whatever the charge, and never more than it', async () => {
    const ten = await world.onboard('order-1', 'monthly', { coupon: 'ONCE' });
    const all = await world.onboard('order-2', 'monthly', { coupon: 'ALL' });
    await world.liveUntil(month(3));
    expect(await amounts(ten)).toEqual(['140000 paid', '150000 paid']);
    expect(await amounts(all)).toEqual(['0 paid', '0 paid']);
    expect(world.gateway.payments).toHaveLength(2);
  });

  test('counts a cycle that is retried once', async () => {
    const id = await world.onboard('order-1', 'monthly', { coupon: 'HEMAT20' });
    world.gateway.script(declined('INSUFFICIENT_BALANCE'), declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil(month(6));
    expect(await amounts(id)).toEqual(['120000 paid', '120000 paid', '120000 paid', '150000 paid', '150000 paid']);
  });

  test('counts no cycle that was missed', async () => {
    const missed = await world.onboard('order-1', 'monthly', { coupon: 'HEMAT20' });
    await world.work();
    world.moveTo('2026-04-02T02:00:00Z');
    await world.work();
    await world.liveUntil(month(6));
    expect(await amounts(missed)).toEqual(['120000 paid', '150000 void', '120000 paid', '120000 paid', '150000 paid']);
  });

  test('counts no cycle that was given up', async () => {
    const lost = await world.onboard('order-2', 'kept', { coupon: 'TWICE' });
    world.gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-02-06T00:00:00Z');
    world.gateway.otherwise(succeeded());
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect((await amounts(lost)).slice(0, 4)).toEqual([
      '20000 uncollectible',
      '20000 paid',
      '20000 paid',
      '25000 paid',
    ]);
  });

  test('is taken off as often as promised of cycles that are opened together', async () => {
    const id = await world.onboard('order-1', 'kept', { coupon: 'TWICE' });
    world.moveTo('2026-02-22T02:00:00Z');
    await world.work();
    expect((await amounts(id)).map((one) => one.split(' ')[0])).toEqual(['20000', '20000', '25000', '25000']);
  });

  test('of another coupon is counted anew', async () => {
    const id = await world.onboard('order-1', 'kept', { coupon: 'TWICE' });
    await world.liveUntil('2026-02-15T00:00:00Z');
    await world.above(
      `update subscriptions set coupon = '{"code": "OTHER", "percent": 40, "amount": null, "cycles": 2}'`,
    );
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await amounts(id)).toEqual(['20000 paid', '20000 paid', '25000 paid', '15000 paid', '15000 paid']);
  });

  test('stays as it was promised, whatever the catalog says later', async () => {
    const id = await world.onboard('order-1', 'monthly', { coupon: 'HEMAT20' });
    const read = readCatalog(plain, 'catalog.yaml');
    if (!read.ok) throw new Error('The catalog cannot be read.');
    const version = await storeCatalog(world.db, read.catalog.digest, plain, world.now());
    const later = { ...ctx, catalog: catalogsOf(world.db, { ...read.catalog, version }) };
    await world.liveUntil(month(3), later);
    expect(await amounts(id)).toEqual(['120000 paid', '120000 paid']);
  });
});
