import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { adminKey, apiOver, fieldsOf } from '../support/api.ts';
import { readCsv } from '../support/csv.ts';
import { subscribeMany } from '../support/many.ts';
import { declined } from '../support/scripted-gateway.ts';
import { partsOf, rowsOf } from '../support/workbook.ts';
import { testWorld } from '../support/world.ts';

/*
 * The lists of charges and of subscriptions: what they are narrowed by, and their files. A file is the whole of a list, in the order
 * of its pages (WooPayments #8183, #3657), and rows that come while somebody pages shift none (WooPayments #1484).
 */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);

type Row = Readonly<Record<string, unknown>>;
const MANY = 12;

beforeAll(async () => {
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.onboard('declines');
  await world.liveUntil('2026-01-31T02:00:00Z');
  for (let n = 0; n < MANY; n += 1) await world.onboard(`many-${n}`, n % 2 === 0 ? 'weekly' : 'three');
  await world.liveUntil('2026-01-31T02:30:00Z');
});

async function pages(path: string, limit: number, between = async () => {}): Promise<readonly Row[]> {
  const seen: Row[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await api.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${next && `&cursor=${next}`}`,
    );
    seen.push(...body.data);
    next = body.next_cursor;
    await between();
  }
  return seen;
}

async function csv(path: string): Promise<readonly Row[]> {
  const [head = [], ...rows] = readCsv((await api.get(`${path}${path.includes('?') ? '&' : '?'}format=csv`)).text);
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index]])));
}

async function sheet(path: string) {
  const headers = { authorization: `Bearer ${adminKey}` };
  const answer = await api.app.inject({ url: `${path}${path.includes('?') ? '&' : '?'}format=xlsx`, headers });
  const [head, ...rows] = rowsOf(partsOf(answer.rawPayload).get('xl/worksheets/sheet1.xml') ?? '');
  return rows.map((row) => Object.fromEntries([...(head ?? [])].map(([letter, { text }]) => [text, row.get(letter)])));
}

const zoned = (at: string) =>
  Temporal.Instant.from(at)
    .toZonedDateTimeISO('Asia/Jakarta')
    .toString({ smallestUnit: 'second', timeZoneName: 'never' });

describe('the file of charges', () => {
  test('has every row of the list in its order, its instants in the zone that its head says, and no total below', async () => {
    const list = await pages('/v1/charges?sort=-due_at', 5);
    const rows = await csv('/v1/charges?sort=-due_at');
    expect(list).toHaveLength(MANY + 1);
    expect(rows.map((row) => row.charge_id)).toEqual(list.map(({ id }) => id));
    for (const [index, row] of rows.entries()) {
      const charge = list[index] as Record<string, string>;
      expect(row).toMatchObject({
        subscription_reference: charge.subscription_reference,
        amount: String(charge.amount),
        status: charge.status,
        'due_at (Asia/Jakarta)': zoned(charge.due_at ?? ''),
      });
    }
    const declines = rows.find((row) => row.subscription_reference === 'declines');
    expect(declines).toMatchObject({ failure_code: 'INSUFFICIENT_BALANCE', class: 'funds', channel: 'CARDS' });
    expect(declines?.['last_attempt_at (Asia/Jakarta)']).toBe('2026-01-31T09:00:00+07:00');
  });

  test('is the same as a workbook, in which amounts are numbers, times are times, and references are text', async () => {
    const [rows, cells] = [await csv('/v1/charges'), await sheet('/v1/charges')];
    expect(cells.map((row) => row.charge_id?.text)).toEqual(rows.map((row) => row.charge_id));
    expect(cells.map((row) => row.amount)).toEqual(
      rows.map(({ amount }) => ({ kind: 'number', form: 4, text: amount })),
    );
    expect(cells.map((row) => row.subscription_reference?.kind)).toEqual(rows.map(() => 'text'));
    expect(cells.map((row) => row['due_at (Asia/Jakarta)'])).toEqual(
      rows.map(() => ({ kind: 'number', form: 7, text: '46053.375' })),
    );
  });

  test('of a filter has what the list of that filter has', async () => {
    for (const filter of ['plan=weekly', 'status=paid&plan=three', 'find=many-3', 'class=funds']) {
      const ids = (await pages(`/v1/charges?${filter}`, 30)).map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(0);
      expect([filter, (await csv(`/v1/charges?${filter}`)).map((row) => row.charge_id)]).toEqual([filter, ids]);
    }
    expect(await csv('/v1/charges?customer=nobody')).toEqual([]);
  });
});

describe('charges are narrowed', () => {
  test.each([
    ['plan=weekly', (one: Row) => one.plan === 'weekly'],
    ['amount_from=50000&amount_to=150000', (one: Row) => Number(one.amount) >= 50_000],
    ['amount_to=25000', (one: Row) => one.amount === 25_000],
    ['class=funds', (one: Row) => one.subscription_reference === 'declines'],
    ['channel=CARDS', () => true],
    ['currency=IDR', () => true],
    ['attempts_from=1&missed=false', () => true],
    ['result=first_try&first_channel=CARDS', (one: Row) => one.status === 'paid'],
    ['result=open', (one: Row) => one.status === 'due'],
    ['planned_from=2026-02-01&planned_to=2026-02-28', (one: Row) => one.next_attempt_at !== null],
    ['catalog_version=1', () => true],
    ['account=', () => true],
  ])('%s', async (query, isOne) => {
    const all = (await pages('/v1/charges', 30)).filter(isOne);
    expect(all.length).toBeGreaterThan(0);
    const { data, totals } = (await api.get(`/v1/charges?limit=30&${query}`)).body;
    expect(data).toEqual(all);
    expect(totals.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(all.length);
  });

  test.each([
    'channel=OVO',
    'first_channel=OVO',
    'result=lost',
    'planned_to=2026-01-01',
    'currency=PHP',
    'attempts_from=9',
    'missed=true',
    'overpaid=true',
    'refunded=true',
    'class=soft',
    'catalog_version=2',
    'account=x',
  ])('%s: to nothing', async (query) => {
    expect((await api.get(`/v1/charges?limit=20&${query}`)).body).toEqual({ data: [], next_cursor: null, totals: [] });
  });

  test.each(['missed=1', 'amount_from=2&amount_to=1', 'attempts_from=x', 'class=odd', 'format=pdf'])(
    '%s is refused',
    async (query) => {
      const answer = await api.get(`/v1/charges?limit=20&${query}`);
      expect([answer.status, fieldsOf(answer).length]).toEqual([400, 1]);
    },
  );
});

test('whatever somebody holds finds its charge and its subscription, and nothing else', async () => {
  const [charge] = await world.ask<{
    id: string;
    subscription: string;
    customer: string;
    reference: string;
    payment: string;
    request: string;
  }>(sql`
    select c.id::text as id, s.id::text as subscription, c.customer_id::text as customer, a.reference_id as reference,
      a.payment_id as payment, a.payment_request_id as request
    from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
      join attempts a on a.bucket = c.bucket and a.charge_id = c.id where s.reference_id = 'many-3'`);
  if (charge === undefined) throw new Error('many-3 has no charge');
  const { id, subscription, customer, reference, payment, request } = charge;
  for (const held of [
    'many-3',
    'customer-many-3',
    id,
    id.toUpperCase(),
    subscription,
    customer,
    reference,
    payment,
    request,
    ` ${payment} `,
  ]) {
    const found = (await api.get(`/v1/charges?limit=5&find=${encodeURIComponent(held)}`)).body;
    expect([held, found.data.map((one: Row) => one.id)]).toEqual([held, [id]]);
    expect([held, found.totals.length]).toEqual([held, 1]);
    const owners = (await api.get(`/v1/subscriptions?limit=5&find=${encodeURIComponent(held)}`)).body;
    expect([held, owners.data.map((one: Row) => one.id)]).toEqual([held, [subscription]]);
  }
  for (const held of [
    'nobody',
    'py-1402feb0-bb79-47ae-9d1e-e69394d3949c',
    '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17',
    'due_x',
    '%',
  ]) {
    expect([held, (await api.get(`/v1/charges?limit=5&find=${encodeURIComponent(held)}`)).body.data]).toEqual([
      held,
      [],
    ]);
    expect([held, (await api.get(`/v1/subscriptions?limit=5&find=${encodeURIComponent(held)}`)).body.data]).toEqual([
      held,
      [],
    ]);
  }
  expect((await api.get(`/v1/charges?find=many-3&plan=weekly`)).body.data).toEqual([]);
});

describe('the file of subscriptions', () => {
  test('has every row of the list in its order, in CSV and as a workbook', async () => {
    const list = await pages('/v1/subscriptions', 4);
    const rows = await csv('/v1/subscriptions');
    expect(rows.map((row) => row.subscription_id)).toEqual(list.map(({ id }) => id));
    expect(rows.map(({ price }) => Number(price))).toEqual(
      list.map(({ price }) => (price as { amount: number }).amount),
    );
    expect((await sheet('/v1/subscriptions')).map((row) => row.reference_id?.text)).toEqual(
      rows.map((row) => row.reference_id),
    );
    const next = list.map((one) => (one.next_charge_at === null ? '' : zoned(one.next_charge_at as string)));
    expect(rows.map((row) => row['next_charge_at (Asia/Jakarta)'])).toEqual(next);
  });

  test.each([
    ['plan=three', 6],
    ['channel=CARDS', MANY + 1],
    ['channel=OVO', 0],
    ['currency=PHP', 0],
    ['next_from=2026-02-07&next_to=2026-02-07', 6],
    ['account=other', 0],
  ])('%s leaves %d of them, in list and file alike', async (query, count) => {
    expect((await api.get(`/v1/subscriptions?limit=20&${query}`)).body.data).toHaveLength(count);
    expect(await csv(`/v1/subscriptions?${query}`)).toHaveLength(count);
  });

  test('a range of days that is none is refused by its own names', async () => {
    expect(fieldsOf(await api.get('/v1/subscriptions?next_from=x&next_to=2026-13-01'))).toEqual([
      'next_from',
      'next_to',
    ]);
  });
});

test('rows that come while somebody pages shift none: each is seen once', async () => {
  const before = (await pages('/v1/charges?sort=-due_at', 30)).map(({ id }) => id);
  let more = 0;
  const seen = await pages('/v1/charges?sort=-due_at', 3, async () => {
    more += 1;
    if (more > 3) return;
    // The newest stands first: with an offset each of them would push the rest one place on.
    world.moveTo(`2026-02-01T0${more}:00:00Z`);
    await world.onboard(`late-${more}`);
    await world.work();
  });
  expect((await pages('/v1/charges?sort=-due_at', 30)).length).toBe(before.length + 3);
  expect(seen.map(({ id }) => id)).toEqual(before);
});

test('a payment is found among many, and charges go on over the index that finds it', async () => {
  await world.ask(sql`insert into ledger (bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan, charge_id,
      amount, currency, money, payment_request_id, payment_id, why, actor, prev_hash, hash)
    select l.bucket, l.subscription_id, 1000 + n, gen_random_uuid(), l.at, 'charge.paid', l.subscription_reference, l.plan, l.charge_id,
      150000, 'IDR', 0, 'pr-' || gen_random_uuid(), 'py-' || n, repeat('why ', 20), 'test', l.hash, l.hash
    from ledger l, generate_series(1, 15000) n where l.kind = 'charge.opened' and l.subscription_reference = 'many-5'`);
  const [summary] = await world.ask<{ ranges: number }>(
    sql`select brin_summarize_new_values('ledger_by_payment')::int as ranges`,
  );
  expect(summary?.ranges).toBeGreaterThan(1);
  const found = async (held: string) => (await api.get(`/v1/charges?limit=5&find=${held}`)).body.data;
  expect((await found('py-7')).map((one: Row) => one.subscription_reference)).toEqual(['many-5']);
  const id = await world.onboard('after-it');
  await world.work();
  const { status, attempts } = await world.charge(id);
  expect(status).toBe('paid');
  expect((await found(attempts[0]?.payment_id ?? '')).map((one: Row) => one.subscription_reference)).toEqual([
    'after-it',
  ]);
});

test('a file of more rows than are read at once has all of them', async () => {
  await subscribeMany(world.ctx, 300, 'weekly');
  await world.work();
  for (const list of ['subscriptions', 'charges']) {
    const [row] = await world.ask<{ count: number }>(sql`select count(*)::int as count from ${sql.raw(list)}`);
    expect(row?.count).toBeGreaterThan(300);
    const ids = (await csv(`/v1/${list}`)).map((line) => line[list === 'charges' ? 'charge_id' : 'subscription_id']);
    expect([list, ids.length, new Set(ids).size]).toEqual([list, row?.count, row?.count]);
    expect([list, (await sheet(`/v1/${list}`)).length]).toEqual([list, row?.count]);
  }
});
