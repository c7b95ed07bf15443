import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { diffCatalog } from '../../src/flows/edits/diff-catalog.ts';
import { type Forecast, type ForecastInput, forecast } from '../../src/flows/forecast/forecast.ts';
import { ForecastRows } from '../../src/flows/forecast/forecast-rows.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { applied } from '../support/applied-catalog.ts';
import { chargedSince } from '../support/lived-books.ts';
import { subscribeMany } from '../support/many.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-11-30T02:00:00Z';
const ofPh = 'country: PH, time_zone: Asia/Manila, price: { amount: 499.50, currency: PHP }';
const base = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
taxes:
  vat: { name: VAT, included: false, rates: [{ from: 2020-01-01, rate: "10%" }, { from: 2027-01-01, rate: "12%" }] }
dunning:
  never: { retry_after: [], window: 1 day, then: keep }
coupons:
  TENTH: { percent: 10, cycles: for_ever }
plans:
  m: { name: Month, price: { amount: 150000, currency: IDR }, interval: 1 month, dunning: never, price_change: next_cycle }
  taxed: { name: Taxed, price: { amount: 100000, currency: IDR }, interval: 1 month, dunning: never, taxes: [vat] }
  year: { name: Year, price: { amount: 1200000, currency: IDR }, interval: 1 year, dunning: never, price_change: next_cycle }
  told: { name: Told, price: { amount: 80000, currency: IDR }, interval: 1 month, dunning: never, price_change: next_cycle, notice: { before: 14 days, consent: notice } }
  first: { name: First, price: { amount: 90000, currency: IDR }, interval: 1 month, dunning: never, changes: pay_link }
  three: { name: Three, price: { amount: 50000, currency: IDR }, interval: 1 month, dunning: never, ends_after: 3 cycles }
  small: { name: Small, price: { amount: 5100, currency: IDR }, interval: 1 month, dunning: never }
  rest: { name: Rest, price: { amount: 60000, currency: IDR }, interval: 1 month, dunning: never, ends_after: 3 cycles, unpaid_cycles: not }
  ph: { name: Manila, ${ofPh}, interval: 1 month, dunning: never }
`;
const raised = base
  .replace('amount: 150000', 'amount: 175000')
  .replace('amount: 1200000', 'amount: 1500000')
  .replace('amount: 80000', 'amount: 95000');

const world = await testWorld({ at: START, catalog: base });
const { ctx } = world;

beforeEach(async () => {
  await world.startOver(START);
  await applied(world, base);
});

async function made(more: Partial<ForecastInput> = {}): Promise<Forecast> {
  const answer = await forecast(ctx, { months: 3, by: 'month', whatIf: null, told: () => undefined, ...more });
  if (answer.kind === 'faults') throw new Error(answer.faults.join('\n'));
  return answer.forecast;
}

const by = (text: string) => ({ whatIf: { name: 'catalog.yaml', text } });
const rowsOf = ({ rows }: Forecast) =>
  rows.map(({ day, currency, expected, charges }) => `${day} ${currency} ${expected} ${charges}`);
const whys = ({ not_forecast }: Forecast) =>
  Object.fromEntries(not_forecast.map(({ subscription, why }) => [subscription, why]));

describe('a forecast', () => {
  test('has the rest of the month and whole months after it, each currency by itself, in its minor units', async () => {
    await world.onboard('order-1', 'm');
    await world.onboard('order-2', 'ph', {}, { currency: 'PHP', country: 'PH' });
    await world.work();
    const shown = await made();
    expect(rowsOf(shown)).toEqual([
      '2026-12-01 IDR 150000 1',
      '2026-12-01 PHP 499.5 1',
      '2027-01-01 IDR 150000 1',
      '2027-01-01 PHP 499.5 1',
      '2027-02-01 IDR 150000 1',
      '2027-02-01 PHP 499.5 1',
    ]);
    expect(shown.assumptions).toMatchObject({
      from: '2026-11-30',
      to: '2027-02-28',
      time_zone: 'Asia/Jakarta',
      what_if: false,
    });
    expect(shown.run).toMatchObject({ at: START, subscriptions: 2, charges: 6 });
    expect(rowsOf(await made({ months: 1 }))).toEqual(['2026-12-01 IDR 150000 1', '2026-12-01 PHP 499.5 1']);
  });

  test('by day has each on the day that the house counts it on, with the tax of that day and the end of its month', async () => {
    await world.onboard('order-1', 'taxed', { timeZone: 'America/New_York' });
    await world.work();
    // 09:00 in New York is the evening of the same day in Jakarta.
    expect(rowsOf(await made({ by: 'day' }))).toEqual([
      '2026-12-29 IDR 110000 1',
      '2027-01-29 IDR 112000 1',
      '2027-02-28 IDR 112000 1',
    ]);
  });

  test('ends with a plan that ends, and has nothing of what is canceled', async () => {
    await world.onboard('order-1', 'three');
    const canceled = await world.onboard('order-2', 'm');
    await world.work();
    await cancelSubscription(ctx, canceled, { at: 'period_end', reason: null, actor: 'siti' });
    const shown = await made({ months: 12 });
    expect(rowsOf(shown)).toEqual(['2026-12-01 IDR 50000 1', '2027-01-01 IDR 50000 1']);
    expect(shown.not_forecast).toEqual([]);
  });

  test('writes nothing', async () => {
    await world.onboard('order-1', 'told');
    await world.work();
    await applied(world, raised);
    const books = async () =>
      await world.ask(sql`select (select count(*) from ledger) as entries, (select count(*) from charges) as charges,
        (select count(*) from terms) as terms, (select count(*) from notices) as notices, (select json_agg(s) from subscriptions s) as rows`);
    const before = await books();
    await made(by(raised.replace('95000', '99000')));
    expect(await books()).toEqual(before);
  });
});

describe('what happens is what was forecast', () => {
  const day = (text: string) => Temporal.PlainDate.from(text);
  const pause =
    (until: string, more: object = {}) =>
    (id: string) =>
      pauseSubscription(ctx, id, { until: day(until), actor: 'siti', ...more });

  test.each<
    [
      what: string,
      plan: string,
      coupon: string | null,
      happens: (id: string) => Promise<unknown>,
      rows: readonly string[],
    ]
  >([
    [
      'a cycle whose period runs when a pause ends is charged then, whole and without a discount',
      'm',
      'TENTH',
      pause('2027-01-10'),
      ['2027-01-10 IDR 150000 1', '2027-01-30 IDR 135000 1', '2027-02-28 IDR 135000 1', '2027-03-30 IDR 135000 1'],
    ],
    [
      'a cycle that is charged when a pause ends has the tax of the day on which it fell due',
      'taxed',
      null,
      pause('2027-01-10'),
      ['2027-01-10 IDR 110000 1', '2027-01-30 IDR 112000 1', '2027-02-28 IDR 112000 1', '2027-03-30 IDR 112000 1'],
    ],
    [
      'a plan whose unpaid cycles do not count goes on by those that pass in a pause',
      'rest',
      null,
      pause('2027-02-10', { onResume: 'void' }),
      ['2027-02-28 IDR 60000 1', '2027-03-30 IDR 60000 1'],
    ],
    [
      'a cycle that falls due at the moment at which a pause ends is void with what was due',
      'm',
      null,
      pause('2026-12-30', { onResume: 'void' }),
      ['2027-01-30 IDR 150000 1', '2027-02-28 IDR 150000 1', '2027-03-30 IDR 150000 1'],
    ],
    [
      'a pause that shifts has all cycles that much later',
      'm',
      null,
      pause('2027-01-04', { cycles: 'shift', at: 'period_end' }),
      ['2027-01-04 IDR 150000 1', '2027-02-04 IDR 150000 1', '2027-03-04 IDR 150000 1'],
    ],
    [
      'what a charge is too little to ask for is asked for after a change of a day, too',
      'small',
      'TENTH',
      (id) =>
        changeTerms(ctx, id, {
          body: { quantity: 10, when: '2027-02-10' },
          previewed: null,
          reason: null,
          actor: 'siti',
        }),
      ['2026-12-30 IDR 9180 1', '2027-01-30 IDR 0 1', '2027-02-28 IDR 76131 1', '2027-03-30 IDR 45900 1'],
    ],
    [
      'a change of a day divides the period that it lies in',
      'm',
      null,
      (id) =>
        changeTerms(ctx, id, {
          body: { quantity: 2, when: '2027-01-15' },
          previewed: null,
          reason: null,
          actor: 'siti',
        }),
      ['2026-12-30 IDR 150000 1', '2027-01-30 IDR 372580 1', '2027-02-28 IDR 300000 1', '2027-03-30 IDR 300000 1'],
    ],
  ])('%s', async (_what, plan, coupon, happens, rows) => {
    const id = await world.onboard('order-1', plan, { coupon });
    await world.work();
    await happens(id);
    const shown = await made({ months: 4, by: 'day' });
    expect(rowsOf(shown)).toEqual(rows);
    await world.liveUntil('2027-03-31T16:00:00Z');
    expect(await chargedSince(world, shown, START)).toEqual(shown.rows);
  });

  test('a change of a day is reckoned from the price that its plan has by then', async () => {
    const id = await world.onboard('order-1', 'm');
    await world.work();
    const body = { quantity: 2, when: '2027-01-15' };
    await changeTerms(ctx, id, { body, previewed: null, reason: null, actor: 'siti' });
    const shown = await made({ months: 4, by: 'day', ...by(raised) });
    await applied(world, raised);
    await world.liveUntil('2027-03-31T16:00:00Z');
    expect(await chargedSince(world, shown, START)).toEqual(shown.rows);
    expect(rowsOf(shown)[0]).toBe('2026-12-30 IDR 175000 1');
  });
});

describe('who cannot be forecast is named with why, and is in no row', () => {
  test.each<[why: string, of: (id: string) => Promise<unknown>, plan?: string]>([
    ['it is paused until somebody resumes it', (id) => pauseSubscription(ctx, id, { actor: 'siti' })],
    [
      'it will be paused at the end of its period, until somebody resumes it',
      (id) => pauseSubscription(ctx, id, { at: 'period_end', actor: 'siti' }),
    ],
    [
      'its payment method has ended, and its customer has to save another one',
      () => world.ask(sql`update tokens set status = 'expired', ended_at = now(), ended_reason = 'it expired'`),
    ],
    [
      'change 1 waits for its payment',
      (id) => changeTerms(ctx, id, { body: { quantity: 2 }, previewed: null, reason: null, actor: 'siti' }),
      'first',
    ],
    [
      'cycle 1 fell due at 2026-12-30T02:00:00Z and is not opened: no daemon has run since, or it cannot be',
      async () => world.moveTo('2027-01-05T00:00:00Z'),
    ],
    [
      'no catalog has its plan gone any more',
      () => world.ask(sql`update subscriptions set plan = 'gone' where plan = 'm'`),
    ],
    [
      'change 1 is planned for a day that a pause may move',
      async (id) => {
        await changeTerms(ctx, id, {
          body: { plan: 'taxed', when: '2027-01-10' },
          previewed: null,
          reason: null,
          actor: 'siti',
        });
        await pauseSubscription(ctx, id, { until: Temporal.PlainDate.from('2027-01-05'), actor: 'siti' });
      },
    ],
  ])('%s', async (why, happens, plan = 'm') => {
    const id = await world.onboard('order-1', plan);
    const other = await world.onboard('order-2', 'year');
    await world.work();
    await world.ask(sql`update subscriptions set next_cycle_at = '2027-02-10T02:00:00Z' where id = ${other}::uuid`);
    const held = await world.ask(sql`select token_id from subscriptions where id = ${other}::uuid`);
    await happens(id);
    await world.ask(
      sql`update tokens set status = 'active', ended_at = null, ended_reason = null where id = ${held[0]?.token_id as string}::uuid`,
    );
    const shown = await made();
    expect(whys(shown)).toEqual({ [id]: why });
    expect(rowsOf(shown)).toEqual(['2027-02-01 IDR 1200000 1']);
  });

  test('past due: whether it goes on is decided by its open charge', async () => {
    const id = await world.onboard('order-1', 'm');
    world.gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(whys(await made())).toEqual({
      [id]: 'it is past due: what becomes of its open charge decides whether it goes on',
    });
    // Nothing of it falls due any more, whatever becomes of that charge.
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor: 'siti' });
    expect(await made()).toMatchObject({ rows: [], not_forecast: [] });
  });

  test('without a method yet: nobody knows when it begins', async () => {
    const id = await world.create('order-1', 'm');
    expect(whys(await made())).toEqual({ [id]: 'no payment method is saved yet, so nobody knows when it begins' });
  });
});

describe('how much of it comes in', () => {
  test('is weighed by what the charge log has of first attempts, which it shows', async () => {
    await subscribeMany(ctx, 200);
    await world.ask(sql`update subscriptions set amount = 10001`);
    let asked = 0;
    world.gateway.otherwise(() =>
      asked++ % 10 === 0
        ? declined('INSUFFICIENT_BALANCE')
        : { kind: 'succeeded', paymentRequestId: `pr-${asked}`, paymentId: `py-${asked}` },
    );
    await world.work();
    await world.liveUntil('2026-12-05T02:00:00Z');
    await world.ask(sql`update subscriptions set status = 'active', past_due_since = null, in_dunning = 0`);
    const { rows, assumptions } = await made({ months: 1 });
    expect(assumptions).toMatchObject({
      success_rates_from: '2026-09-05',
      success_rates_to: '2026-12-05',
      success_rates: [
        { channel_code: 'CARDS', class: null, attempts: 200, succeeded: 180, rate: 0.9, basis: 'recorded' },
        { channel_code: 'CARDS', class: 'funds', attempts: 20, succeeded: 0, rate: 0, basis: 'recorded' },
      ],
    });
    const month = { currency: 'IDR', expected: 2_000_200, weighted: 1_800_180, charges: 200 };
    expect(rows).toEqual([
      { day: '2026-12-01', ...month },
      { day: '2027-01-01', ...month },
    ]);
  });

  test('is rounded half up once a row, not once a charge', () => {
    const rows = new ForecastRows('Asia/Jakarta', 'day');
    const dueAt = Temporal.Instant.from(START);
    for (const amount of [1n, 1n, 1n]) rows.add({ dueAt, amount, currency: 'PHP', millionths: 500_000 });
    expect(rows.rows()).toEqual([{ day: '2026-11-30', currency: 'PHP', expected: 0.03, weighted: 0.02, charges: 3 }]);
  });

  test('is all of it where there are too few attempts, and says that it rests on nothing', async () => {
    await world.onboard('order-1', 'm');
    await world.work();
    const { rows, assumptions } = await made({ months: 1 });
    expect(assumptions.success_rates).toEqual([
      { channel_code: 'CARDS', class: null, attempts: 1, succeeded: 1, rate: 1, basis: 'default' },
    ]);
    expect(rows).toEqual([{ day: '2026-12-01', currency: 'IDR', expected: 150_000, weighted: 150_000, charges: 1 }]);
  });
});

describe('with another catalog', () => {
  test('a month of it is what the diff of the same file says, before and after', async () => {
    const own = await world.onboard('order-1', 'm');
    await world.ask(sql`update subscriptions set amount = 120000`);
    for (const [index, plan] of ['m', 'm', 'year', 'told', 'taxed'].entries())
      await world.onboard(`order-${index + 2}`, plan, { quantity: index + 1 });
    await world.work();
    await changeTerms(ctx, own, { body: { quantity: 3 }, previewed: null, reason: null, actor: 'siti' });
    const untaxed = (text: string) => text.replace(', taxes: [vat]', '');
    await applied(world, untaxed(base));
    const diffed = await diffCatalog(ctx, { name: 'catalog.yaml', text: untaxed(raised) });
    if (diffed.kind !== 'shown') throw new Error(JSON.stringify(diffed));
    const inAYear = async (more: Partial<ForecastInput>) => {
      // From the third month on no line of a change and no notice is in it: a year of whole months.
      const { rows } = await made({ months: 14, ...more });
      return rows.slice(2).reduce((sum, { expected }) => sum + expected, 0);
    };
    const [totals] = diffed.diff.totals;
    expect({ before: await inAYear({}), after: await inAYear(by(untaxed(raised))) }).toEqual({
      before: 12 * (totals?.monthly_before ?? 0),
      after: 12 * (totals?.monthly_after ?? 0),
    });
    expect(totals?.monthly_after).toBeGreaterThan(totals?.monthly_before ?? 0);
  });

  test('a higher price is charged once its notice, sent now, is over, and not before', async () => {
    await world.onboard('order-1', 'told', { anchorDate: Temporal.PlainDate.from('2026-12-10') });
    expect(rowsOf(await made({ by: 'day', ...by(raised) }))).toEqual([
      '2026-12-10 IDR 80000 1',
      '2027-01-10 IDR 95000 1',
      '2027-02-10 IDR 95000 1',
    ]);
    expect((await made(by(raised))).assumptions).toMatchObject({
      what_if: true,
      notes: expect.arrayContaining([expect.stringContaining('every notice of a higher price is sent now')]),
    });
  });

  test('whoever it cannot be made for is named with the reason that the diff has', async () => {
    const removed = await world.onboard('order-1', 'm');
    const other = await world.onboard('order-2', 'year');
    await world.work();
    const shown = await made({
      months: 12,
      ...by(base.replace('  m:', '  n:').replace('amount: 1200000, currency: IDR', 'amount: 90, currency: USD')),
    });
    expect(whys(shown)).toEqual({
      [removed]: 'the edit cannot be made for it: the plan m is removed',
      [other]: 'the edit cannot be made for it: they pay IDR, and the plan would cost USD',
    });
    expect(shown.rows).toEqual([]);
  });

  test('another interval of its plan waits for a change of a day, whose period it would move', async () => {
    const id = await world.onboard('order-1', 'm');
    await world.work();
    const body = { plan: 'year', when: '2027-02-10' };
    await changeTerms(ctx, id, { body, previewed: null, reason: null, actor: 'siti' });
    const other = base.replace(
      'amount: 150000, currency: IDR }, interval: 1 month',
      'amount: 150000, currency: IDR }, interval: 5 weeks',
    );
    const shown = await made({ months: 12, ...by(other) });
    expect(whys(shown)).toEqual({});
    expect(rowsOf(shown)).toEqual(rowsOf(await made({ months: 12 })));
    await withdrawChange(ctx, id, 'siti');
    expect(rowsOf(await made({ months: 12, ...by(other) }))).not.toEqual(rowsOf(await made({ months: 12 })));
  });

  test('every fault of a broken file is told, and nothing is forecast', async () => {
    const text = base.replace('interval: 1 year', 'interval: 1 moon').replace('amount: 80000', 'amount: -1');
    expect(await forecast(ctx, { months: 1, by: 'day', told: () => undefined, ...by(text) })).toEqual({
      kind: 'faults',
      faults: [
        expect.stringMatching(/^catalog.yaml:\d+:\d+ plans.year.interval: /),
        expect.stringMatching(/^catalog.yaml:\d+:\d+ plans.told.price.amount/),
      ],
    });
  });
});
