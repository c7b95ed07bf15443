import { isDeepStrictEqual } from 'node:util';
import { asc, sql } from 'drizzle-orm';
import pMap from 'p-map';
import { expect } from 'vitest';
import { dueInstant } from '../../src/domain/calendar/cycle.ts';
import type { Coupon } from '../../src/domain/catalog/coupon.ts';
import { takenCoupon } from '../../src/domain/catalog/coupon.ts';
import { addItem } from '../../src/flows/subscriptions/change-items.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { readPreviewToken } from '../../src/flows/subscriptions/changing/preview-token.ts';
import { changePreviewView } from '../../src/flows/views/change-view.ts';
import { partsView } from '../../src/flows/views/lines-view.ts';
import { listUpcoming, type UpcomingView } from '../../src/flows/views/upcoming.ts';
import type { ChargeRow } from '../../src/infra/tables/schema/change-columns.ts';
import { charges } from '../../src/infra/tables/schema/charges.ts';
import { between, type Chance, chance, drawn, oneOf } from './chance.ts';
import { subscribeMany } from './many.ts';
import type { World } from './world.ts';

export const START = '2026-11-20T00:00:00Z';
const DAYS = 60;
/** So often a day somebody changes one: of what is changed seldom, a change that is planned lives to see its day. */
const CHANGES_A_DAY = [0.36, 0.05] as const;
const ZONES = ['Asia/Jakarta', 'Asia/Makassar', 'Australia/Sydney', 'America/New_York'];

/** Plans of many intervals, with taxes within and beside their prices, and a rate that changes on New Year's Day; coupons of each kind. */
export const catalog = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
taxes:
  ppn: { name: PPN, included: true, rates: [{ from: 2022-04-01, rate: "11%" }, { from: 2027-01-01, rate: "12%", of: 11/12 }] }
  vat: { name: VAT, included: false, rates: [{ from: 2020-01-01, rate: "7%" }, { from: 2027-01-01, rate: "9%" }] }
coupons:
  THIRD: { percent: 33, cycles: 3 }
  TENTH: { percent: 10, cycles: for_ever }
  FIXED: { amount: { IDR: 20001 }, cycles: 2 }
  WHOLE: { percent: 100, cycles: 1 }
plans:
  m: { name: Month, price: { amount: 150000, currency: IDR }, interval: 1 month, dunning: once, taxes: [ppn] }
  max: { name: Max, price: { amount: 299999, currency: IDR }, interval: 1 month, dunning: once, taxes: [ppn] }
  added: { name: Added, price: { amount: 100001, currency: IDR }, interval: 1 month, dunning: once, taxes: [vat] }
  bare: { name: Bare, price: { amount: 60000, currency: IDR }, interval: 1 month, dunning: once }
  small: { name: Small, price: { amount: 5100, currency: IDR }, interval: 2 weeks, dunning: once }
  week: { name: Week, price: { amount: 25000, currency: IDR }, interval: 1 week, dunning: once, taxes: [ppn] }
  year: { name: Year, price: { amount: 1200000, currency: IDR }, interval: 1 year, dunning: once, taxes: [vat] }
dunning:
  once: { retry_after: [], window: 1 day, then: cancel }
`;
const PLANS = ['m', 'max', 'added', 'bare', 'small', 'week', 'year'] as const;

/** A change that somebody might ask for, on some day. */
export function asked(random: Chance, now: Temporal.Instant): ChangeBody {
  const inDays = (least: number, most: number) =>
    now
      .add({ hours: 24 * between(random, least, most) })
      .toString()
      .slice(0, 10);
  const when = drawn<ChangeBody>(random, [
    [6, {}],
    [2, { when: 'period_end' }],
    [1, { when: inDays(1, 40) }],
  ]);
  const plan = oneOf(random, PLANS);
  const quantity = between(random, 1, 6);
  return drawn<ChangeBody>(random, [
    [5, { plan, ...when }],
    [4, { quantity, ...when }],
    [2, { plan, quantity, ...when }],
    [1, { charge_at: oneOf(random, ['07:00', '09:00', '18:30']), ...when }],
    [1, { time_zone: oneOf(random, ZONES), ...when }],
    [1, { plan, anchor: 'reset' as const }],
    [1, { anchor_date: inDays(2, 25) }],
  ]);
}

/** Subscriptions that begin within a fortnight, each with what was drawn for it. */
async function begun(world: World, random: Chance, count: number): Promise<readonly string[]> {
  const { ctx } = world;
  await subscribeMany(ctx, count);
  const rows = await world.ask<{ id: string }>(sql`select id from subscriptions order by id`);
  const from = Temporal.PlainDate.from(START.slice(0, 10));
  const drawnRows = rows.map(({ id }) => {
    const plan = ctx.catalog.current.plans.get(oneOf(random, PLANS.slice(0, 6)));
    if (plan === undefined) throw new Error('There is no such plan.');
    const coupon = drawn<Coupon | null>(random, [
      [3, null],
      ...[...ctx.catalog.current.coupons.values()].map((one) => [1, one] as const),
    ]);
    const quantity = drawn(random, [
      [3, 1],
      [1, between(random, 2, 9)],
    ]);
    const anchor = from.add({ days: between(random, 1, 13) });
    const zone = oneOf(random, ZONES);
    return {
      id,
      plan: plan.id,
      count: plan.interval.count,
      unit: plan.interval.unit,
      quantity,
      amount: Number(plan.price.minor) * quantity,
      coupon: coupon === null ? null : takenCoupon(coupon, 'IDR'),
      credit: drawn(random, [
        [3, 0],
        [1, between(random, 1, 400_000)],
      ]),
      anchor: anchor.toString(),
      at: dueInstant(anchor, '09:00', zone).toString(),
      zone,
    };
  });
  await world.ask(sql`update subscriptions s set plan = d.plan, interval_count = d.count, interval_unit = d.unit, quantity = d.quantity,
      amount = d.amount, coupon = d.coupon, credit = d.credit, anchor = d.anchor, next_cycle_at = d.at, time_zone = d.zone
    from jsonb_to_recordset(${JSON.stringify(drawnRows)}::jsonb) as d(id uuid, plan text, count int, unit text, quantity int, amount bigint,
      coupon jsonb, credit bigint, anchor date, at timestamptz, zone text) where s.id = d.id`);
  return rows.map(({ id }) => id);
}

type Shown = Omit<UpcomingView, 'cycle'> & { readonly cycle: number | null };

/** A charge as it was opened, in the form in which it was shown before. */
function opened(world: World, row: ChargeRow): Shown {
  const planName = world.ctx.catalog.current.plans.get(row.plan)?.name ?? row.plan;
  return {
    cycle: row.cycle,
    period: { start: row.periodStart.toString(), end: row.periodEnd.toString() },
    due_at: row.dueAt.toString(),
    amount: Number(row.amount),
    currency: row.currency,
    ...partsView(row, planName),
  };
}

/** What was lived: how many changes were made as they were previewed, how many charges were opened, and those that are not as they were shown last. */
export type Lived = {
  readonly changes: number;
  readonly charges: number;
  readonly differences: readonly { readonly shown: Shown | undefined; readonly opened: Shown }[];
};

/**
 * Lives so many random books for two months, with the same database and the same clock. Each day somebody adds an item to some of them, and
 * somebody makes a change of some as it was previewed; each charge that is opened is held against what was shown of it last.
 */
export async function liveBooks(world: World, seed: number, count: number): Promise<Lived> {
  const random = chance(seed);
  const ids = await begun(world, random, count);
  const shown = new Map<string, readonly UpcomingView[]>();
  const look = async (id: string) => void shown.set(id, (await listUpcoming(world.ctx, id, 3)) ?? []);
  await pMap(ids, look, { concurrency: AT_ONCE });
  const eager = new Map(ids.map((id) => [id, oneOf(random, CHANGES_A_DAY)]));
  const known = new Set<string>();
  const differences: Lived['differences'][number][] = [];
  let changes = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const now = world.now();
    const today = ids
      .filter((id) => random() < (eager.get(id) ?? 0))
      .map((id) => ({ id, body: asked(random, now), hasItem: random() < 0.1 }));
    await pMap(
      today,
      async ({ id, body, hasItem }) => {
        if (hasItem) await addItem(world.ctx, id, { text: 'A box', amount: 12_345, quantity: 2 }, 'siti');
        const after = await previewedAndMade(world, id, body);
        if (after === null) return hasItem ? await look(id) : undefined;
        shown.set(id, after);
        changes += 1;
      },
      { concurrency: AT_ONCE },
    );
    world.moveTo(now.add({ hours: 24 }).toString());
    await world.work();
    for (const row of await openedSince(world, known)) {
      const [next, ...rest] = shown.get(row.subscriptionId) ?? [];
      const one = opened(world, row);
      if (!isDeepStrictEqual(one, next)) differences.push({ shown: next, opened: one });
      shown.set(row.subscriptionId, rest);
    }
    await pMap(
      [...shown].flatMap(([id, coming]) => (coming.length === 0 ? [id] : [])),
      look,
      { concurrency: AT_ONCE },
    );
  }
  return { changes, charges: known.size, differences };
}

const AT_ONCE = 8;

/** The charges as they are shown with the change that was made; null: it was not to be made. */
async function previewedAndMade({ ctx }: World, id: string, body: ChangeBody): Promise<readonly UpcomingView[] | null> {
  const preview = await previewChange(ctx, id, { body, actor: 'siti' });
  if (preview.kind !== 'shown') return null;
  const { preview_token: token, after } = changePreviewView(preview.shown);
  const previewed = readPreviewToken(ctx, id, token);
  expect(await changeTerms(ctx, id, { body, previewed, reason: null, actor: 'siti' })).toMatchObject({
    kind: 'changed',
  });
  return after;
}

/** Charges that nobody has looked at, in their order, which are known from then on. */
async function openedSince({ ctx }: World, known: Set<string>): Promise<readonly ChargeRow[]> {
  const rows = await ctx.db.drizzle.select().from(charges).orderBy(asc(charges.dueAt), asc(charges.cycle));
  const fresh = rows.filter(({ id }) => !known.has(id));
  for (const { id } of fresh) known.add(id);
  return fresh;
}
