import { sql } from 'drizzle-orm';
import pMap from 'p-map';
import { dueInstant } from '../../src/domain/calendar/cycle.ts';
import { type Coupon, takenCoupon } from '../../src/domain/catalog/coupon.ts';
import { owedBy } from '../../src/flows/edits/owed-notices.ts';
import { type Forecast, forecast } from '../../src/flows/forecast/forecast.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { addItem } from '../../src/flows/subscriptions/change-items.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { applied } from './applied-catalog.ts';
import { between, type Chance, chance, drawn, oneOf } from './chance.ts';
import { subscribeMany } from './many.ts';
import { asked, catalog as plain } from './random-books.ts';
import type { World } from './world.ts';

/** Before a New Year's Day on which taxes change, and a 29 February. */
export const START = '2027-10-26T00:00:00Z';
/** Until then subscriptions begin, and people change, pause and cancel them; then somebody forecasts. */
const LOOK = '2027-12-08T05:00:00Z';
/** The rest of December and three months. */
const MONTHS = 3;
const END = '2028-03-31T17:00:00Z';
const ZONES = ['Asia/Jakarta', 'Asia/Jayapura', 'Australia/Sydney', 'America/New_York'];
const PLANS = ['m', 'max', 'added', 'bare', 'small', 'week', 'year', 'told', 'three', 'four', 'days'] as const;
const AT_ONCE = 8;

/** The random books' plans, and some that end, are followed, or tell before they cost more. */
export const catalog = plain.replaceAll('2027-01-01', '2028-01-01').replace(
  'plans:\n',
  `plans:
  told: { name: Told, price: { amount: 80000, currency: IDR }, interval: 1 month, dunning: once, price_change: next_cycle, notice: { before: 20 days, consent: notice } }
  three: { name: Three, price: { amount: 70000, currency: IDR }, interval: 1 month, dunning: once, ends_after: 3 cycles }
  four: { name: Four, price: { amount: 30000, currency: IDR }, interval: 2 weeks, dunning: once, ends_after: 4 cycles, unpaid_cycles: not }
  days: { name: Days, price: { amount: 20000, currency: IDR }, interval: 10 days, dunning: once, price_change: next_cycle, taxes: [ppn] }
`,
);

/** Other prices: with a notice and without one, lower, at another interval, and of a plan whose subscribers keep theirs. */
export const edited = catalog
  .replace('amount: 80000, currency: IDR }', 'amount: 95000, currency: IDR }')
  .replace('amount: 20000, currency: IDR }, interval: 10 days', 'amount: 26000, currency: IDR }, interval: 12 days')
  .replace(
    'amount: 60000, currency: IDR }, interval: 1 month,',
    'amount: 55500, currency: IDR }, interval: 1 month, price_change: next_cycle,',
  )
  .replace('amount: 150000', 'amount: 170000');

/** Subscriptions that begin within six weeks, with anchors at the ends of months more often than not. */
async function begun(world: World, random: Chance, count: number): Promise<readonly string[]> {
  const { ctx } = world;
  await subscribeMany(ctx, count);
  const rows = await world.ask<{ id: string }>(sql`select id from subscriptions order by id`);
  const days = ['2027-10-29', '2027-10-30', '2027-10-31', '2027-11-28', '2027-11-29', '2027-11-30'];
  const drawnRows = rows.map(({ id }) => {
    const plan = ctx.catalog.current.plans.get(oneOf(random, PLANS));
    if (plan === undefined) throw new Error('There is no such plan.');
    const coupon = drawn<Coupon | null>(random, [
      [4, null],
      ...[...ctx.catalog.current.coupons.values()].map((one) => [1, one] as const),
    ]);
    const quantity = random() < 0.7 ? 1 : between(random, 2, 9);
    const anyDay = Temporal.PlainDate.from(START.slice(0, 10)).add({ days: between(random, 1, 65) });
    const anchor = random() < 0.5 ? Temporal.PlainDate.from(oneOf(random, days)) : anyDay;
    const zone = oneOf(random, ZONES);
    const at = dueInstant(anchor, '09:00', zone).toString();
    return {
      id,
      plan: plan.id,
      status: random() < 0.2 ? 'trialing' : 'active',
      ends: plan.endsAfter,
      count: plan.interval.count,
      unit: plan.interval.unit,
      quantity,
      amount: Number(plan.price.minor) * quantity,
      coupon: coupon === null ? null : takenCoupon(coupon, 'IDR'),
      credit: random() < 0.75 ? 0 : between(random, 1, 400_000),
      anchor: anchor.toString(),
      at,
      zone,
    };
  });
  await world.ask(sql`update subscriptions s set plan = d.plan, status = d.status, ends_after = d.ends, interval_count = d.count, interval_unit = d.unit,
      quantity = d.quantity, amount = d.amount, coupon = d.coupon, credit = d.credit, anchor = d.anchor, next_cycle_at = d.at, time_zone = d.zone,
      catalog_version = ${ctx.catalog.current.version}
    from jsonb_to_recordset(${JSON.stringify(drawnRows)}::jsonb) as d(id uuid, plan text, status text, ends int, count int, unit text, quantity int,
      amount bigint, coupon jsonb, credit bigint, anchor date, at timestamptz, zone text) where s.id = d.id`);
  return rows.map(({ id }) => id);
}

/** What somebody does with a subscription; whatever is not possible then is refused, and nothing happens. */
async function touched({ ctx, now }: World, random: Chance, id: string): Promise<void> {
  const actor = 'siti';
  const inDays = (least: number, most: number) =>
    now()
      .toZonedDateTimeISO('UTC')
      .toPlainDate()
      .add({ days: between(random, least, most) });
  const until = inDays(5, 100);
  const at = oneOf(random, ['now', 'period_end'] as const);
  const cycles = oneOf(random, ['skip', 'shift'] as const);
  const onResume = oneOf(random, ['charge', 'void'] as const);
  const deed = drawn<() => Promise<unknown>>(random, [
    [6, () => changeTerms(ctx, id, { body: asked(random, now()), previewed: null, reason: null, actor })],
    [
      2,
      () =>
        changeTerms(ctx, id, {
          body: { plan: oneOf(random, PLANS), when: inDays(1, 60).toString() },
          previewed: null,
          reason: null,
          actor,
        }),
    ],
    [2, () => addItem(ctx, id, { text: 'A box', amount: 12_345, quantity: 2 }, actor)],
    [2, () => pauseSubscription(ctx, id, { at, until, cycles, onResume, actor })],
    [0.3, () => pauseSubscription(ctx, id, { at, actor })],
    [0.5, () => cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor })],
  ]);
  await deed();
}

/** What was forecast and what happened, day by day, of the subscriptions that could be forecast. */
export type Held = {
  readonly forecast: Forecast;
  readonly happened: Forecast['rows'];
};

/** Lives random books for six weeks, forecasts the next months, lives those too, and says what was charged in them. */
export async function liveForecast(world: World, seed: number, count: number, whatIf: string | null): Promise<Held> {
  const random = chance(seed);
  await world.startOver(START);
  await applied(world, catalog);
  const ids = await begun(world, random, count);
  while (Temporal.Instant.compare(world.now(), LOOK) < 0) {
    const next = world.now().add({ hours: 24 * 3 });
    await world.liveUntil(Temporal.Instant.compare(next, LOOK) < 0 ? next.toString() : LOOK);
    const some = ids.filter(() => random() < 0.08);
    await pMap(some, (id) => touched(world, random, id), { concurrency: AT_ONCE });
    await world.work();
  }
  const shown = await forecast(world.ctx, {
    months: MONTHS,
    by: 'day',
    whatIf: whatIf === null ? null : { name: 'edited.yaml', text: whatIf },
    told: () => undefined,
  });
  if (shown.kind === 'faults') throw new Error(shown.faults.join('\n'));
  if (whatIf !== null) await appliedAndTold(world, whatIf, ids);
  await world.liveUntil(END);
  return { forecast: shown.forecast, happened: await chargedSince(world, shown.forecast, LOOK) };
}

/** The edit comes in force, and each customer whose price rises is told of it at once, also of the price of a plan that they change to later. */
async function appliedAndTold(world: World, source: string, ids: readonly string[]): Promise<void> {
  const { ctx } = world;
  const subject = String(await applied(world, source));
  const notice = {
    kind: 'price_change',
    subject,
    sentAt: world.now(),
    channel: 'email',
    evidence: null,
    actor: 'siti',
  } as const;
  await pMap(
    ids,
    async (id) => {
      if ((await owedBy(ctx, id)) !== null) await recordNotice(ctx, id, notice);
    },
    { concurrency: AT_ONCE },
  );
}

/** A cycle whose period still ran when its pause was over is charged on that day, and no other charge on another day than its own. */
export async function chargedSince(
  world: World,
  { not_forecast }: Pick<Forecast, 'not_forecast'>,
  since: string,
): Promise<Forecast['rows']> {
  const others = JSON.stringify(not_forecast);
  const rows = await world.ask<{ day: string; expected: number; charges: number }>(sql`
    select to_char(coalesce(c.first_attempt_at, c.due_at) at time zone 'Asia/Jakarta', 'YYYY-MM-DD') as day,
      sum(c.amount)::float8 as expected, count(*)::int as charges
    from charges c
    where c.status <> 'void' and c.cycle is not null and coalesce(c.first_attempt_at, c.due_at) > ${since}::timestamptz
      and not exists (select from jsonb_to_recordset(${others}::jsonb) as o(subscription uuid) where o.subscription = c.subscription_id)
    group by 1 order by 1`);
  return rows.map(({ day, expected, charges }) => ({ day, currency: 'IDR', expected, weighted: expected, charges }));
}
