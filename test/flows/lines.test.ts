import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { addItem, withdrawItem } from '../../src/flows/subscriptions/change-items.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const catalog = plainCatalog.replace(
  'plans:\n',
  `taxes:
  ppn: { name: PPN, included: true, rates: [{ from: 2022-04-01, rate: "11%" }, { from: 2027-01-01, rate: "12%", of: 11/12 }] }
  vat: { name: VAT, included: false, rates: [{ from: 2020-01-01, rate: "7%" }] }
plans:
  taxed:
    name: Pro
    price: { amount: 150000, currency: IDR }
    interval: 1 day
    taxes: [ppn]
  added:
    name: Added
    price: { amount: 100000, currency: IDR }
    interval: 1 month
    taxes: [vat]
  fee:
    name: With a fee
    price: { amount: 100000, currency: IDR }
    setup_fee: { amount: 50000, currency: IDR }
    interval: 1 month
    taxes: [vat]
  fee-trial:
    name: With a fee before a trial
    price: { amount: 100000, currency: IDR }
    setup_fee: { amount: 50000, currency: IDR }
    interval: 1 month
    trial: 14 days
    taxes: [vat]
    dunning: pausing
  keeping-weekly:
    name: Kept when given up
    price: { amount: 25000, currency: IDR }
    interval: 1 week
    dunning: keeping
  small:
    name: Small
    price: { amount: 3000, currency: IDR }
    interval: 1 month
    ends_after: 3 cycles
`,
);
const world = await testWorld({ at: '2026-12-31T02:00:00Z', catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-12-31T02:00:00Z'));

/** As if it had been agreed, and given to its credit. */
async function agree(id: string, values: { readonly quantity?: number; readonly credit?: number }): Promise<void> {
  const { quantity = 1, credit = 0 } = values;
  await world.ask(
    sql`update subscriptions set quantity = ${quantity}, amount = amount * ${quantity}, credit = ${credit} where id = ${id}::uuid`,
  );
}

const creditOf = async (id: string) =>
  Number(
    (await world.ask<{ credit: string }>(sql`select credit from subscriptions where id = ${id}::uuid`))[0]?.credit,
  );

describe('a charge that is made of more than its plan', () => {
  test('says quantity and tax of each line, and asks for the sum', async () => {
    const id = await world.onboard('order-1', 'added');
    await agree(id, { quantity: 3 });
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      kind: 'cycle',
      amount: 321_000,
      subtotal: 300_000,
      tax_added: 21_000,
      tax_included: 0,
      lines: [
        {
          kind: 'plan',
          text: 'Added',
          quantity: 3,
          unit_amount: 100_000,
          amount: 300_000,
          tax: { name: 'VAT', rate: '7%', base: 300_000, amount: 21_000, included: false },
        },
      ],
    });
    expect(gateway.payments.map(({ amount }) => amount)).toEqual(['321000']);
  });

  test('is taxed as on the day on which it falls due: 31 December and 1 January differ', async () => {
    const id = await world.onboard('order-1', 'taxed');
    await world.liveUntil('2027-01-01T02:00:00Z');
    expect((await world.charges(id)).map(({ due_at, amount, lines }) => [due_at, amount, lines[0]?.tax])).toEqual([
      ['2026-12-31T02:00:00Z', 150_000, { name: 'PPN', rate: '11%', base: 135_135, amount: 14_865, included: true }],
      [
        '2027-01-01T02:00:00Z',
        150_000,
        { name: 'PPN', rate: '12%', of: '11/12', base: 135_135, part: 123_874, amount: 14_865, included: true },
      ],
    ]);
  });

  test('tells its lines to the ledger, in one spelling', async () => {
    const id = await world.onboard('order-1', 'added');
    await world.work();
    const [opened] = await world.ask<{ detail: string }>(
      sql`select detail from ledger where kind = 'charge.opened' and subscription_id = ${id}::uuid`,
    );
    expect(opened?.detail).toBe(
      '{"lines":[{"amount":100000,"kind":"plan","period":{"end":"2027-01-30","start":"2026-12-31"},"quantity":1,' +
        '"tax":{"amount":7000,"base":100000,"included":false,"name":"VAT","rate":"7%"},"text":"Added","unit_amount":100000}]}',
    );
  });
});

describe('credit', () => {
  test('is used first, and never more of it than there is', async () => {
    const id = await world.onboard('order-1', 'monthly');
    await agree(id, { credit: 200_000 });
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      amount: 0,
      credit_used: 150_000,
      note: 'nothing_due',
    });
    expect(await creditOf(id)).toBe(50_000);
    await world.liveUntil('2027-01-31T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid', amount: 100_000, credit_used: 50_000 });
    expect(await creditOf(id)).toBe(0);
    const moved = await world.ask(sql`select kind, credit::int from ledger where credit is not null order by seq`);
    expect(moved).toEqual([
      { kind: 'credit.used', credit: -150_000 },
      { kind: 'credit.used', credit: -50_000 },
    ]);
    expect(gateway.payments).toHaveLength(1);
  });

  test('comes back from a charge that is void, once', async () => {
    const id = await world.onboard('order-1', 'monthly');
    await agree(id, { credit: 20_000 });
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const { id: charge } = await world.charge(id);
    expect(await creditOf(id)).toBe(0);
    await voidCharge(ctx, charge, { actor: 'siti', reason: 'a mistake of ours' });
    await voidCharge(ctx, charge, { actor: 'siti', reason: 'a mistake of ours' });
    expect(await creditOf(id)).toBe(20_000);
    expect((await world.told(id)).filter((kind) => kind.startsWith('credit.'))).toEqual([
      'credit.used',
      'credit.returned',
    ]);
  });

  test('is left alone by what falls due in a pause', async () => {
    const id = await world.onboard('order-1', 'monthly');
    await world.work();
    await agree(id, { credit: 20_000 });
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2027-01-31T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'void', credit_used: 0 });
    expect(await creditOf(id)).toBe(20_000);
  });
});

describe('a charge of 0', () => {
  test('is paid without a call, and moves the period and the status on', async () => {
    const id = await world.onboard('order-1', 'trial');
    await agree(id, { credit: 99_000 });
    await world.liveUntil('2027-01-14T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', current_cycle: { number: 0 } });
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 0, attempts: [] });
    expect(gateway.payments).toEqual([]);
    expect(await world.told(id)).toEqual(expect.arrayContaining(['charge.opened', 'credit.used', 'charge.paid']));
  });

  test('makes a subscription active again that is past due for an older period', async () => {
    const id = await world.onboard('order-1', 'keeping-weekly');
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2027-01-06T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await agree(id, { credit: 25_000 });
    await world.liveUntil('2027-01-07T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect((await world.told(id)).at(-1)).toBe('subscription.active');
  });
});

describe('a sum below the least that its channel takes', () => {
  test('is carried from charge to charge with its why, until it can be paid', async () => {
    const id = await world.onboard('order-1', 'small');
    await world.liveUntil('2027-02-28T02:00:00Z');
    const [first, second, third] = await world.charges(id);
    expect(first).toMatchObject({ status: 'paid', amount: 0, note: 'nothing_due' });
    expect(first?.lines.at(-1)).toMatchObject({
      amount: -3_000,
      text: 'carried to the next charge: CARDS takes IDR 5,000 at least',
    });
    expect(second).toMatchObject({ status: 'paid', amount: 6_000, collected: 6_000 });
    expect(second?.lines.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['plan', 3_000],
      ['item', 3_000],
    ]);
    expect(third).toMatchObject({ status: 'paid', amount: 0 });
    expect(third?.lines.at(-1)?.text).toBe('not asked for: CARDS takes IDR 5,000 at least, and no charge follows');
    expect(await world.ask(sql`select number, why, charge_id = ${second?.id ?? ''}::uuid as taken from items`)).toEqual(
      [{ number: 1, why: 'CARDS takes IDR 5,000 at least', taken: true }],
    );
  });
});

test('a charge of its plan alone has one line, which its row need not have', async () => {
  const id = await world.onboard('order-1', 'monthly');
  await world.work();
  expect(await world.charge(id)).toMatchObject({
    subtotal: 150_000,
    discount: 0,
    tax_included: 0,
    tax_added: 0,
    credit_used: 0,
    charged_back: 0,
    lines: [
      {
        kind: 'plan',
        text: 'Monthly',
        quantity: 1,
        unit_amount: 150_000,
        amount: 150_000,
        period: { start: '2026-12-31', end: '2027-01-30' },
      },
    ],
  });
  expect(await world.ask(sql`select lines, subtotal from charges`)).toEqual([{ lines: null, subtotal: null }]);
});

describe('a set-up fee', () => {
  test('is a line of cycle 0, and of no other', async () => {
    const id = await world.onboard('order-1', 'fee');
    await world.liveUntil('2027-01-31T02:00:00Z');
    const [first, second] = await world.charges(id);
    expect(first).toMatchObject({ cycle: 0, amount: 160_500, tax_added: 10_500, status: 'paid' });
    expect(first?.lines.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['plan', 100_000],
      ['setup', 50_000],
    ]);
    expect(second).toMatchObject({ cycle: 1, amount: 107_000 });
  });

  test('is asked for at once where a trial comes before cycle 0: an extra charge, which uses no number of a cycle', async () => {
    const id = await world.onboard('order-1', 'fee-trial');
    await world.work();
    expect(await world.charges(id)).toMatchObject([
      {
        kind: 'extra',
        cycle: null,
        amount: 53_500,
        status: 'paid',
        lines: [{ kind: 'setup' }],
        attempts: [{ reference_id: `due_${id}_x1_1`, outcome: 'succeeded' }],
      },
    ]);
    expect(await world.subscription(id)).toMatchObject({ status: 'trialing' });
    await world.liveUntil('2027-01-14T02:00:00Z');
    expect(await world.charge(id, 0)).toMatchObject({ kind: 'cycle', amount: 107_000, status: 'paid' });
    expect((await world.told(id)).filter((kind) => kind === 'charge.opened')).toHaveLength(2);
  });

  test('that is declined makes a trial past due, and paid later it goes on', async () => {
    const id = await world.create('order-1', 'fee-trial');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.saveMethod(id);
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await world.liveUntil('2027-01-02T02:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ kind: 'extra', status: 'paid' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'trialing' });
  });
});

describe('what is asked for at creation', () => {
  test('quantity and items are lines of the first charge, and the items of no other', async () => {
    const items = [{ text: 'Router', amount: 25_000, quantity: 2 }];
    const id = await world.onboard('order-1', 'monthly', { quantity: 2, items });
    expect(await world.subscription(id)).toMatchObject({
      quantity: 2,
      unit_amount: 150_000,
      price: { amount: 300_000 },
    });
    await world.liveUntil('2027-01-31T02:00:00Z');
    const [first, second] = await world.charges(id);
    expect(first?.lines.map(({ text, quantity, unit_amount }) => [text, quantity, unit_amount])).toEqual([
      ['Monthly', 2, 150_000],
      ['Router', 2, 25_000],
    ]);
    expect([first?.amount, second?.amount]).toEqual([350_000, 300_000]);
  });
});

describe('an item', () => {
  test('waits for the next charge, and can be taken back until that has opened', async () => {
    const id = await world.onboard('order-1', 'monthly');
    await world.work();
    const kept = await addItem(ctx, id, { text: 'Seat', amount: 10_000 }, 'siti');
    const other = await addItem(ctx, id, { text: 'Mistake', amount: 99_000 }, 'siti');
    if (kept.kind !== 'changed' || other.kind !== 'changed') throw new Error('not added');
    expect(await withdrawItem(ctx, id, other.item.id, 'siti')).toMatchObject({ kind: 'changed' });
    await world.liveUntil('2027-02-28T02:00:00Z');
    expect((await world.charges(id)).map(({ amount }) => amount)).toEqual([150_000, 160_000, 150_000]);
    const { id: charge } = await world.charge(id, 1);
    expect(await withdrawItem(ctx, id, kept.item.id, 'siti')).toEqual({
      kind: 'refused',
      detail: `The item is a line of charge ${charge}, which has opened.`,
    });
    expect((await world.told(id)).filter((kind) => kind.includes('item'))).toEqual([
      'subscription.item_added',
      'subscription.item_added',
      'subscription.item_withdrawn',
    ]);
  });

  test('is not taken by what falls due in a pause', async () => {
    const id = await world.onboard('order-1', 'monthly');
    await world.work();
    await addItem(ctx, id, { text: 'Seat', amount: 10_000 }, 'siti');
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2027-02-01T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'void', amount: 150_000 });
    expect(await world.ask(sql`select charge_id from items`)).toEqual([{ charge_id: null }]);
  });

  test('is refused where no charge is to come', async () => {
    const id = await world.onboard('order-1', 'small');
    await world.liveUntil('2027-03-02T02:00:00Z');
    expect(await addItem(ctx, id, { text: 'Seat', amount: 10_000 }, 'siti')).toMatchObject({ kind: 'refused' });
  });
});

test('what is to come says what each charge will be made of: what waits and the credit are used once', async () => {
  const id = await world.onboard('order-1', 'added');
  await world.work();
  await agree(id, { credit: 150_000 });
  await addItem(ctx, id, { text: 'Seat', amount: 10_000 }, 'siti');
  const said = await listUpcoming(ctx, id, 3);
  expect(said?.map((one) => [one.subtotal, one.tax_added, one.credit_used, one.amount])).toEqual([
    [110_000, 7_700, 117_700, 0],
    [100_000, 7_000, 32_300, 74_700],
    [100_000, 7_000, 0, 107_000],
  ]);
  await world.liveUntil('2027-03-31T02:00:00Z');
  expect((await world.charges(id)).slice(1).map(({ lines }) => lines)).toEqual(said?.map(({ lines }) => lines));
});
