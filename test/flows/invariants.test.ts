import { sql } from 'drizzle-orm';
import { beforeAll, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { invariants } from '../../src/infra/tables/books/invariants.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const coupons = 'coupons:\n  HALF: { percent: 50, cycles: 2 }\n';
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog: plainCatalog + coupons });
let id = '';

beforeAll(async () => {
  id = await world.onboard('order-0', 'monthly', { coupon: 'HALF' });
  const paused = await world.onboard('order-1');
  const canceled = await world.onboard('order-2');
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.liveUntil('2026-03-05T02:00:00Z');
  await pauseSubscription(world.ctx, paused, { until: Temporal.PlainDate.from('2026-05-10'), actor: 'product' });
  await cancelSubscription(world.ctx, canceled, { at: 'now', reason: null, actor: 'product' });
  await world.liveUntil('2026-06-01T02:00:00Z');
});

const broken = async () =>
  (await checkInvariants(world.ctx)).filter((one) => one.broken > 0).map(({ invariant }) => invariant);

test('books that only dueday wrote keep all promises', async () => {
  expect(await checkInvariants(world.ctx)).toEqual(
    Object.keys(invariants).map((invariant) => ({ invariant, broken: 0, first: [] })),
  );
});

/** What somebody with every right writes over our rows, and how it is taken back. */
const harms: readonly (readonly [string, string, string, string])[] = [
  [
    'credit',
    'a subscription has credit that nothing gave it',
    'update subscriptions set credit = 1 where',
    'update subscriptions set credit = 0 where',
  ],
  [
    'money',
    'a charge says that it collected more',
    'update charges set overpaid = 7 where cycle = 0 and',
    'update charges set overpaid = 0 where cycle = 0 and',
  ],
  [
    'lines',
    'a line of a charge is edited',
    `update charges set lines = jsonb_set(lines, '{0,amount}', '1') where cycle = 0 and`,
    `update charges set lines = jsonb_set(lines, '{0,amount}', '150000') where cycle = 0 and`,
  ],
  [
    'days',
    'a day lies in no period',
    'update charges set period_start = period_start + 1 where cycle = 1 and',
    'update charges set period_start = period_start - 1 where cycle = 1 and',
  ],
  [
    'days',
    'a cycle is missing',
    'update charges set cycle = 99 where cycle = 2 and',
    'update charges set cycle = 2 where cycle = 99 and',
  ],
  [
    'terms',
    'two cycles fall due at once',
    `update charges set due_at = due_at + interval '1 month' where cycle = 0 and`,
    `update charges set due_at = due_at - interval '1 month' where cycle = 0 and`,
  ],
  [
    'waiting',
    'a line is counted that is not there',
    'update subscriptions set items = 1, waiting_items = 1 where',
    'update subscriptions set items = 0, waiting_items = 0 where',
  ],
];

test.each([
  ['what a bank took is in no charge', 'update disputes set held = 1', 'update disputes set held = 0'],
  [
    'a method was asked while a dispute had stopped its subscription',
    `update ledger l set kind = 'subscription.stopped' where DISPUTED`,
    `update ledger l set kind = 'charge.opened' where DISPUTED`,
  ],
])('disputes: %s', async (_, harm, mend) => {
  const [row] = await world.ask<{ seq: number }>(sql`select min(seq)::int as seq from ledger
    where subscription_id = ${id} and kind = 'charge.opened'`);
  const place = `l.subscription_id = '${id}' and l.seq = ${row?.seq}`;
  await world.above(`insert into disputes (bucket, dispute_id, customer_id, subscription_id, charge_id, attempt_id, amount, currency, state, opened_at)
    select bucket, 'mi-dspt-1', customer_id, subscription_id, id, id, 1, 'IDR', 'under_review', now() from charges where cycle = 0 and subscription_id = '${id}'`);
  await world.above(harm.replace('DISPUTED', place));
  expect(await broken()).toEqual(['disputes']);
  await world.above(mend.replace('DISPUTED', place));
  await world.above('delete from disputes');
  expect(await broken()).toEqual([]);
});

test.each(harms)('%s: %s', async (invariant, _, harm, mend) => {
  const whose = harm.includes(' charges ') ? `subscription_id = '${id}'` : `id = '${id}'`;
  await world.above(`${harm} ${whose}`);
  expect(await broken()).toEqual([invariant]);
  await world.above(`${mend} ${whose}`);
  expect(await broken()).toEqual([]);
});

test('the first of those who break a promise are named', async () => {
  await world.above(`update subscriptions set items = 3, waiting_items = 3 where id = '${id}'`);
  const [found] = (await checkInvariants(world.ctx)).filter((one) => one.broken > 0);
  const reference = 'order-0';
  expect(found?.first).toEqual([
    { subscription_id: id, subscription_reference: reference, what: '3 counted, 0 there' },
  ]);
  await world.above(`update subscriptions set items = 0, waiting_items = 0 where id = '${id}'`);
});

test.each([
  ['canceled', 'order-2'],
  ['paused', 'order-1'],
])('after_the_end: something was asked for after a subscription was %s', async (kind, reference) => {
  const [last] = await world.ask<{ id: string; seq: number }>(sql`select subscription_id as id, seq from ledger
    where kind = ${`subscription.${kind}`} and subscription_reference = ${reference}`);
  if (last === undefined) throw new Error(`Nothing ${kind} ${reference}.`);
  const next = `subscription_id = '${last.id}' and seq = ${last.seq + 1}`;
  const [entry] = await world.ask<{ kind: string }>(
    sql`select kind from ledger where subscription_id = ${last.id} and seq = ${last.seq + 1}`,
  );
  const copied = entry === undefined;
  if (copied)
    await world.above(`insert into ledger select (jsonb_populate_record(l, jsonb_build_object('seq', ${last.seq + 1}, 'kind', 'attempt.sent'))).*
      from ledger l where subscription_id = '${last.id}' and seq = ${last.seq}`);
  else await world.above(`update ledger set kind = 'attempt.sent' where ${next}`);
  expect(await broken()).toEqual(['after_the_end']);
  await world.above(
    copied ? `delete from ledger where ${next}` : `update ledger set kind = '${entry.kind}' where ${next}`,
  );
  expect(await broken()).toEqual([]);
});

test('credit: it was less than nothing once, whatever it is now', async () => {
  const moved = (seq: number, credit: string) =>
    `update ledger set credit = ${credit} where subscription_id = '${id}' and seq = ${seq}`;
  await world.above(moved(3, '-5'));
  await world.above(moved(4, '5'));
  expect(await broken()).toEqual(['credit']);
  await world.above(moved(3, 'null'));
  await world.above(moved(4, 'null'));
});

test('terms: a charge is of another plan than was agreed for its cycle', async () => {
  await world.above(`insert into terms (bucket, subscription_id, number, origin, from_cycle, anchor, anchor_cycle, interval_count, interval_unit,
      time_zone, charge_at, plan, catalog_version, unit_amount, quantity, amount, currency, actor, agreed_at)
    select bucket, id, 1, 'changed', 3, anchor, 0, interval_count, interval_unit, time_zone, charge_at, 'weekly', catalog_version, amount, 1, amount,
      currency, 'product', created_at from subscriptions where id = '${id}'`);
  expect(await broken()).toEqual(['terms']);
  await world.above(`delete from terms where subscription_id = '${id}'`);
});

test.each([
  ['waits for a charge that nobody can pay any more', 'awaiting_payment', 'uncollectible'],
  ['applied although nobody paid for it', 'applied', 'due'],
  ['came to nothing, and was paid for', 'lapsed', 'paid'],
])('paid_first: a change %s', async (_, state, status) => {
  await world.above(`insert into changes (bucket, subscription_id, number, what, effective, state, asked, charge_id, actor, asked_at, closed_at)
    select bucket, subscription_id, 1, 'quantity', 'now', '${state}', '{}', id, 'product', created_at,
      case when '${state}' = 'awaiting_payment' then null else created_at end
    from charges where subscription_id = '${id}' and cycle = 3`);
  const were = await world.ask<{ status: string; collected: number }>(
    sql`select status, collected::int as collected from charges where subscription_id = ${id} and cycle = 3`,
  );
  const [was] = were;
  const to = (now: string, collected: number) =>
    `update charges set status = '${now}', collected = ${collected} where subscription_id = '${id}' and cycle = 3`;
  if (status !== 'paid') await world.above(to(status, 0));
  expect(await broken()).toContain('paid_first');
  await world.above(to(was?.status ?? '', was?.collected ?? 0));
  await world.above(`delete from changes where subscription_id = '${id}'`);
  expect(await broken()).toEqual([]);
});

test('one_open: two changes of one subscription wait for their payment', async () => {
  await world.above(`insert into changes (bucket, subscription_id, number, what, effective, state, asked, actor, asked_at)
    select bucket, id, n, 'quantity', 'now', 'awaiting_payment', '{}', 'product', created_at from subscriptions, generate_series(1, 2) n
    where id = '${id}'`);
  expect(await broken()).toEqual(['one_open']);
  await world.above(`delete from changes where subscription_id = '${id}'`);
});

test('one_open: two attempts of a charge are under way, where the index that keeps them apart is gone', async () => {
  await world.above('drop index attempts_one_open_per_charge');
  const [one] = await world.ask<{ id: string }>(
    sql`select charge_id as id from attempts group by charge_id having count(*) > 1`,
  );
  await world.above(
    `update attempts set outcome = 'unknown' where charge_id = '${one?.id ?? ''}' and outcome <> 'succeeded'`,
  );
  await world.above(`insert into attempts select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'number', 99, 'reference_id', 'due_x'))).*
    from attempts a where charge_id = '${one?.id ?? ''}' and outcome = 'unknown'`);
  expect(await broken()).toEqual(['one_open']);
});
