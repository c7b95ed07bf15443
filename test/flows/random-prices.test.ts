import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { owedBy } from '../../src/flows/edits/owed-notices.ts';
import { draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { workRepricings } from '../../src/flows/edits/repricing/work-repricings.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { applied } from '../support/applied-catalog.ts';
import { between, type Chance, chance, oneOf } from '../support/chance.ts';
import { subscribeMany } from '../support/many.ts';
import { runs } from '../support/runs.ts';
import { testWorld } from '../support/world.ts';

/*
 * Catalogs, applies, repricings, notices, consents and prices of a person's own, drawn by chance. What was shown of a charge one second before it
 * fell due is what is charged; a higher price is charged to nobody who was not told of it in time, or did not agree where they are asked; and
 * whoever was told of the price of a plan that they follow is charged it. BOOKS_SEED lives other books than those of every day.
 */

const START = '2026-10-31T00:00:00Z';
const MONTHS = 6;
const NOTICE_DAYS = 14;
const OWN = 123_457;
const PRICES = [100_000, 120_000, 150_000, 150_000, 180_000, 200_000] as const;
/** `follows` and `agrees` follow their plan; `keeps` is moved by repricings alone, and `plain` asks for no notice. */
const PLANS = ['follows', 'agrees', 'keeps', 'plain'] as const;
type PlanId = (typeof PLANS)[number];
type Prices = Readonly<Record<PlanId, number>>;

const RULES: Readonly<Record<PlanId, string>> = {
  follows: 'price_change: next_cycle, notice: { before: 14 days, consent: notice }',
  agrees: 'price_change: next_cycle, notice: { before: 14 days, consent: opt_in, silence: old_price }',
  keeps: 'price_change: new_only, notice: { before: 14 days, consent: notice }',
  plain: 'price_change: next_cycle',
};
const catalogOf = (prices: Prices) => `defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:
${PLANS.map((id) => `  ${id}: { name: ${id}, price: { amount: ${prices[id]}, currency: IDR }, interval: 1 month, ${RULES[id]} }`).join('\n')}
`;

const world = await testWorld({ at: START, catalog: catalogOf(evenly(150_000)) });
const { ctx } = world;
/** What each version sells the plans for. */
const sold = new Map<number, Prices>();
const seed = Number(process.env.BOOKS_SEED ?? 9);

function evenly(price: number): Prices {
  return { follows: price, agrees: price, keeps: price, plain: price };
}

type Book = { readonly id: string; readonly plan: PlanId; readonly quantity: number; readonly isOwn: boolean };

/** Subscriptions that begin on four days of a month, each with what was drawn for it. */
async function begun(random: Chance, count: number): Promise<readonly Book[]> {
  await world.startOver(START);
  const version = await put(evenly(150_000));
  await subscribeMany(ctx, count);
  const rows = await world.ask<{ id: string }>(sql`select id from subscriptions order by id`);
  const books = rows.map(({ id }, index) => ({
    id,
    plan: PLANS[index % PLANS.length] ?? 'plain',
    quantity: between(random, 1, 3),
    isOwn: random() < 0.15,
    day: oneOf(random, ['2026-10-31', '2026-11-05', '2026-11-12', '2026-11-20']),
  }));
  const drawn = books.map((book) => ({ ...book, amount: (book.isOwn ? OWN : 150_000) * book.quantity }));
  await world.ask(sql`update subscriptions s set plan = d.plan, quantity = d.quantity, amount = d.amount, anchor = d.day, catalog_version = ${version},
      next_cycle_at = (d.day || ' 09:00')::timestamp at time zone 'Asia/Jakarta'
    from jsonb_to_recordset(${JSON.stringify(drawn)}::jsonb) as d(id uuid, plan text, quantity int, amount bigint, day date) where s.id = d.id`);
  return books;
}

async function put(prices: Prices): Promise<number> {
  const version = await applied(world, catalogOf(prices));
  sold.set(version, prices);
  return version;
}

/** What the house does on a day: another catalog, a repricing, and what each customer is told and answers. */
async function deeds(random: Chance, books: readonly Book[]): Promise<void> {
  if (random() < 0.25) await put(Object.fromEntries(PLANS.map((id) => [id, oneOf(random, PRICES)])) as Prices);
  if (random() < 0.2) {
    const toVersion = oneOf(random, [...sold.keys()]);
    const most = random() < 0.5 ? null : between(random, 1, books.length);
    await draftRepricing(ctx, {
      plan: 'keeps',
      toVersion,
      filter: [],
      most,
      isDryRun: false,
      actor: 'siti',
      reason: null,
    });
    await workRepricings(ctx);
  }
  for (const { id } of books) {
    if (random() < 0.5) await told(random, id);
    const answer = random() < 0.5 ? 'given' : 'refused';
    if (random() < 0.15) await recordConsent(ctx, id, { what: 'price', answer, evidence: 'mail 1', actor: 'siti' });
  }
}

/** A notice that is sent today, or was a second too late for the next cycle, or just in time for it. */
async function told(random: Chance, id: string): Promise<void> {
  const owed = await owedBy(ctx, id);
  if (owed === null) return;
  const { subscription } = owed.dossier;
  const last = (subscription.nextCycleAt ?? world.now()).subtract({ hours: 24 * NOTICE_DAYS });
  const drawn = oneOf(random, [world.now(), last, last.add({ seconds: 1 })]);
  const sentAt = Temporal.Instant.compare(drawn, world.now()) > 0 ? world.now() : drawn;
  const subject = String(owed.asked.version);
  await recordNotice(ctx, id, {
    kind: 'price_change',
    subject,
    sentAt,
    channel: 'email',
    evidence: null,
    actor: 'siti',
  });
}

type Row = { id: string; next_cycle_at: string };

/** Lives until a moment, due instant by due instant: what was shown a second before each, by subscription and cycle. */
async function live(until: string, shown: Map<string, number>): Promise<void> {
  for (;;) {
    const due = await world.ask<Row>(sql`select id, next_cycle_at from subscriptions
      where next_cycle_at = (select min(next_cycle_at) from subscriptions where next_cycle_at <= ${until}::timestamptz)`);
    const [first] = due;
    if (first === undefined) break;
    const at = Temporal.Instant.from(first.next_cycle_at);
    world.moveTo(at.subtract({ seconds: 1 }).toString());
    for (const { id } of due) {
      const [next] = (await listUpcoming(ctx, id, 1)) ?? [];
      if (next !== undefined) shown.set(`${id} ${next.cycle}`, next.amount);
    }
    world.moveTo(at.toString());
    await world.work();
  }
  world.moveTo(until);
}

type Charged = { id: string; cycle: number; amount: number; due_at: string };
type Notice = { id: string; subject: string; sent_at: string; recorded_at: string };
type Consent = { id: string; subject: string; answer: string; answered_at: string };

/** Whether a customer was told of this price, under whichever version, so many days before. */
const inTime = (notices: readonly Notice[], plan: PlanId, price: number, dueAt: Temporal.Instant) =>
  notices.some(
    ({ subject, sent_at, recorded_at }) =>
      sold.get(Number(subject))?.[plan] === price &&
      Temporal.Instant.compare(Temporal.Instant.from(sent_at).add({ hours: 24 * NOTICE_DAYS }), dueAt) <= 0 &&
      Temporal.Instant.compare(Temporal.Instant.from(recorded_at), dueAt) < 0,
  );
const agreed = (consents: readonly Consent[], plan: PlanId, price: number, dueAt: Temporal.Instant) =>
  consents.some(
    ({ subject, answer, answered_at }) =>
      answer === 'given' &&
      sold.get(Number(subject))?.[plan] === price &&
      Temporal.Instant.compare(Temporal.Instant.from(answered_at), dueAt) < 0,
  );

test('the price that was shown is the price that is charged, and no higher one than was told in time', async () => {
  const random = chance(seed);
  const books = await begun(random, runs(120, 20));
  const shown = new Map<string, number>();
  for (let day = 3; day <= 31 * MONTHS; day += 3) {
    await live(
      Temporal.Instant.from(START)
        .add({ hours: 24 * day })
        .toString(),
      shown,
    );
    await deeds(random, books);
  }
  const charged = await world.ask<Charged>(
    sql`select subscription_id as id, cycle, amount::int as amount, due_at from charges order by subscription_id, cycle`,
  );
  const notices = await world.ask<Notice>(
    sql`select subscription_id as id, subject, sent_at, recorded_at from notices`,
  );
  const consents = await world.ask<Consent>(
    sql`select subscription_id as id, subject, answer, answered_at from consents where what = 'price'`,
  );
  const applies = await world.ask<{ version: number; at: string }>(
    sql`select to_version as version, applied_at as at from catalog_applies order by number`,
  );
  const wrong: object[] = [];
  const seen = new Set<string>();
  for (const { id, plan, quantity, isOwn } of books) {
    const mine = <T extends { readonly id: string }>(rows: readonly T[]) => rows.filter((row) => row.id === id);
    let before = isOwn ? OWN : 150_000;
    for (const { cycle, amount, due_at } of mine(charged)) {
      const price = amount / quantity;
      const dueAt = Temporal.Instant.from(due_at);
      const inForce = applies.findLast(({ at }) => Temporal.Instant.compare(Temporal.Instant.from(at), dueAt) < 0);
      const sells = sold.get(inForce?.version ?? 0)?.[plan] ?? Number.NaN;
      const wasTold = (of: number) =>
        plan === 'plain' ||
        (inTime(mine(notices), plan, of, dueAt) && (plan !== 'agrees' || agreed(mine(consents), plan, of, dueAt)));
      const fits =
        shown.get(`${id} ${cycle}`) === amount &&
        (price <= before || wasTold(price)) &&
        (!isOwn || price === OWN) &&
        (isOwn ||
          cycle === 0 ||
          (plan !== 'follows' && plan !== 'plain') ||
          price === (sells <= before || wasTold(sells) ? sells : before));
      if (!fits) wrong.push({ id, plan, cycle, before, price, sells, shown: shown.get(`${id} ${cycle}`), due_at });
      if (price > before) seen.add(`${plan} rises`);
      if (sells > before && price === before) seen.add(`${plan} waits`);
      if (sells > before && inTime(mine(notices), plan, sells, dueAt) && !wasTold(sells))
        seen.add('told, and not agreed');
      before = price;
    }
  }
  expect(wrong).toEqual([]);
  // All of it is drawn in the books of every day: prices that rise once they were told, and those that wait for it, or for consent.
  const all = [
    'follows rises',
    'follows waits',
    'agrees rises',
    'agrees waits',
    'told, and not agreed',
    'keeps rises',
    'plain rises',
  ];
  expect(all.filter((one) => process.env.BOOKS_SEED === undefined && !seen.has(one))).toEqual([]);
  expect(charged.length).toBeGreaterThanOrEqual(books.length * (MONTHS - 1));
  expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
}, 300_000);
