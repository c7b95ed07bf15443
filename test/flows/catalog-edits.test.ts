import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { applyCatalog } from '../../src/flows/edits/apply-catalog.ts';
import { type CatalogDiff, diffCatalog, type PlanDiff } from '../../src/flows/edits/diff-catalog.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { catalogInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { applied } from '../support/applied-catalog.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const follows = 'price_change: next_cycle';
const plan = (id: string, price: number, more = '', interval = '1 month', currency = 'IDR') => `
  ${id}:
    name: ${id}
    price: { amount: ${price}, currency: ${currency} }
    interval: ${interval}
    ${more}`;
const head = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
dunning:
  never: { retry_after: [], window: 1 day, then: keep }
plans:`;
const pro = (price: number, more = follows, interval = '1 month', currency = 'IDR') =>
  plan('pro', price, `dunning: never\n    ${more}`, interval, currency);
const catalog = (...plans: readonly string[]) => `${head}${plans.join('')}\n`;
const kept = plan('kept', 100_000);
const base = catalog(pro(150_000), kept, plan('yearly', 1_200_000, '', '1 year'));
const raised = base.replaceAll('amount: 150000', 'amount: 175000').replaceAll('amount: 100000', 'amount: 120000');

const world = await testWorld({ at: START, catalog: base });
const { ctx } = world;
beforeEach(async () => {
  await world.startOver(START);
  await applied(world, base);
});

async function diff(text: string): Promise<CatalogDiff> {
  const diffed = await diffCatalog(ctx, { name: 'catalog.yaml', text });
  if (diffed.kind !== 'shown') throw new Error(JSON.stringify(diffed));
  return diffed.diff;
}

const planOf = ({ plans }: CatalogDiff, id: string): PlanDiff => {
  const found = plans.find((one) => one.plan === id);
  if (found === undefined) throw new Error(`The diff has no plan ${id}.`);
  return found;
};

const apply = async (text: string, digest: string, daemon = ctx) =>
  await applyCatalog(daemon, {
    source: { name: 'catalog.yaml', text },
    digest,
    actor: 'siti',
    reason: 'the rent went up',
  });

const inForce = async () => (await catalogInForce(world.db))?.source;
const applies = async () => await world.ask(sql`select number from catalog_applies`);

describe('a diff of the catalog', () => {
  test.each([
    { notice: 'notice: { before: 14 days }', owed: [2, 0] },
    { notice: 'notice: { before: 14 days, consent: opt_in, silence: cancel }', owed: [2, 2] },
    { notice: '', owed: [0, 0] },
  ])('counts whom the plan has told, and asked, of those who pay more: $notice', async ({ notice, owed }) => {
    await applied(world, catalog(pro(150_000), plan('low', 300_000, 'price_change: next_cycle')));
    for (const name of ['a', 'b']) await world.onboard(name, 'pro');
    await world.onboard('c', 'low');
    const asking = (text: string) =>
      text.replace('price_change: next_cycle', `price_change: next_cycle\n    ${notice}`);
    const cheaper = asking(plan('low', 200_000, 'price_change: next_cycle'));
    const shown = await diff(catalog(asking(pro(175_000)), cheaper));
    expect(planOf(shown, 'pro')).toMatchObject({ notices_owed: owed[0], consents_owed: owed[1] });
    expect(planOf(shown, 'low')).toMatchObject({ subscriptions: 1, notices_owed: 0, consents_owed: 0 });
  });

  test('says whom an edit touches and whom it leaves, what they pay next, and what that comes to in a month', async () => {
    for (const name of ['a', 'b', 'c']) await world.onboard(name, 'pro');
    await world.onboard('many', 'pro', { quantity: 4 });
    await world.onboard('k', 'kept');
    await world.onboard('y', 'yearly');
    await world.work();
    const shown = await diff(raised);
    expect(planOf(shown, 'pro')).toMatchObject({
      change: 'changed',
      fields: [{ field: 'price', before: 'IDR 150,000', after: 'IDR 175,000' }],
      subscriptions: 4,
      kept: 0,
      refused: 0,
      notices_owed: 0,
      consents_owed: 0,
      monthly_before: 1_050_000,
      monthly_after: 1_225_000,
      currency: 'IDR',
    });
    expect(planOf(shown, 'kept')).toMatchObject({
      subscriptions: 0,
      kept: 1,
      kept_why: { 'price_change: new_only': 1 },
      monthly_before: 100_000,
      monthly_after: 100_000,
    });
    expect(shown.totals).toEqual([
      { currency: 'IDR', subscriptions: 6, touched: 4, monthly_before: 1_250_000, monthly_after: 1_425_000 },
    ]);
    expect(shown.faults).toEqual([]);
    expect(planOf(shown, 'pro').examples).toMatchObject([
      { like: 3, effect: 'touched', ...charges(150_000, 175_000) },
      { like: 1, effect: 'touched', reference: 'many', ...charges(600_000, 700_000) },
    ]);
    expect(planOf(shown, 'kept').examples).toMatchObject([
      { effect: 'kept', why: 'price_change: new_only', ...charges(100_000, 100_000) },
    ]);
  });

  const charges = (before: number, after: number) => ({
    before: [1, 2, 3].map((cycle) => ({ cycle, amount: before })),
    after: [1, 2, 3].map((cycle) => ({ cycle, amount: after })),
  });

  test('writes nothing, also of an edit with faults, and tells all of these', async () => {
    await world.onboard('a', 'pro');
    const before = await world.ask(
      sql`select (select count(*) from catalog_versions) v, (select max(seq) from ledger) l`,
    );
    await diff(raised);
    const broken = await diffCatalog(ctx, {
      name: 'catalog.yaml',
      text: raised.replace('1 month', '1 moon').replace('IDR', 'IDX'),
    });
    expect(broken).toEqual({
      kind: 'faults',
      faults: [
        expect.stringMatching(/^catalog.yaml:\d+:\d+ plans.pro.price.currency: /),
        expect.stringMatching(/^catalog.yaml:\d+:\d+ plans.pro.interval: /),
      ],
    });
    expect(
      await world.ask(sql`select (select count(*) from catalog_versions) v, (select max(seq) from ledger) l`),
    ).toEqual(before);
    expect(await inForce()).toBe(base);
  });

  test('of what is in force already has nothing to do', async () => {
    expect(await diff(base)).toMatchObject({ nothing_to_do: true, plans: [], others: [] });
  });

  test("autumn#3192: counts a person's own price among those that are kept, with why", async () => {
    const id = await world.onboard('a', 'pro');
    await world.above(`update subscriptions set amount = 99000 where id = '${id}'`);
    expect(planOf(await diff(raised), 'pro')).toMatchObject({
      subscriptions: 0,
      kept: 1,
      kept_why: { 'their price is their own': 1 },
      monthly_after: 99_000,
    });
  });

  test('names the rules that an edit changes beside prices', async () => {
    const shown = await diff(
      `${base.replace('window: 1 day', 'window: 2 days').replace('country: ID', 'country: ID\n  missed_after: 12 hours')}coupons:\n  HEMAT: { percent: 10, cycles: 1 }\n`,
    );
    expect(planOf(shown, 'pro')).toMatchObject({ subscriptions: 0, fields: [{ field: 'dunning' }] });
    expect(shown.others).toEqual(['defaults: missed_after', 'coupon HEMAT: added']);
  });

  test('says that a tax which comes on top of a price touches those who subscribe already', async () => {
    await world.onboard('a', 'kept');
    await world.work();
    const tax = 'taxes:\n  vat: { name: VAT, included: false, rates: [{ from: 2025-01-01, rate: "10%" }] }\n';
    const shown = await diff(`${tax}${base.replace(kept, plan('kept', 100_000, 'taxes: [vat]'))}`);
    expect(planOf(shown, 'kept')).toMatchObject({ subscriptions: 1, examples: [charges(100_000, 110_000)] });
  });

  test('counts what was agreed for later by the plan that it is of, and who ends before another charge not at all', async () => {
    const moving = await world.onboard('a', 'kept');
    const leaving = await world.onboard('b', 'pro');
    await world.work();
    await changeTerms(ctx, moving, { body: { plan: 'pro', when: 'period_end' }, reason: null, actor: 'siti' });
    await cancelSubscription(ctx, leaving, { at: 'period_end', reason: null, actor: 'siti' });
    const shown = planOf(await diff(raised), 'pro');
    expect(shown).toMatchObject({ subscriptions: 1, kept: 1, kept_why: { 'it ends before another charge': 1 } });
    expect(shown.examples[0]).toMatchObject({ subscription: moving, ...charges(150_000, 175_000) });
  });
});

describe('what cannot be applied is refused by its name', () => {
  const refused: readonly (readonly [string, string, string])[] = [
    [
      'openmeter#5102: a plan that is removed while it has subscriptions is replaced by nothing in silence',
      catalog(kept, plan('yearly', 1_200_000, '', '1 year')),
      'plans.pro: the plan pro is removed (2 live)',
    ],
    [
      'a currency that they do not pay',
      base.replace(pro(150_000), pro(10, follows, '1 month', 'USD')),
      'plans.pro: they pay IDR, and the plan would cost USD (2 live)',
    ],
    [
      'an interval beyond the mandate of their methods',
      base.replace(pro(150_000), pro(40_000, follows, '1 week')),
      'plans.pro: the method was saved for charges that lie 28 days apart at least, and the new ones lie 7 apart (2 live)',
    ],
  ];

  test.each(refused)('%s', async (_what, text, fault) => {
    for (const name of ['a', 'b']) await world.onboard(name, 'pro');
    await world.work();
    const shown = await diff(text);
    expect(shown.faults).toEqual([fault]);
    expect(planOf(shown, 'pro')).toMatchObject({ subscriptions: 0, refused: 2 });
    expect(await apply(text, shown.digest)).toMatchObject({ kind: 'refused', detail: expect.stringContaining(fault) });
    expect(await inForce()).toBe(base);
  });

  test('a price that the channel of their method does not take', async () => {
    await world.onboard('a', 'pro', {}, { channelCode: 'OVO', network: null });
    await world.onboard('b', 'pro');
    const text = base.replace(pro(150_000), pro(25_000_000));
    const shown = planOf(await diff(text), 'pro');
    expect(shown).toMatchObject({ subscriptions: 1, refused: 1 });
    expect(Object.keys(shown.refused_why)).toEqual([
      expect.stringContaining('the new price can be charged by no channel: OVO'),
    ]);
  });

  test('and may be applied where nobody is left who has it', async () => {
    const text = catalog(kept, plan('yearly', 1_200_000, '', '1 year'));
    const shown = await diff(text);
    expect(planOf(shown, 'pro')).toMatchObject({ change: 'removed', refused: 0 });
    expect(await apply(text, shown.digest)).toMatchObject({ kind: 'applied' });
  });

  test('a longer interval is within the mandate, and moves with the next period', async () => {
    const id = await world.onboard('a', 'pro');
    await world.work();
    const text = base.replace(pro(150_000), pro(1_500_000, follows, '1 year'));
    const shown = planOf(await diff(text), 'pro');
    expect(shown).toMatchObject({ subscriptions: 1, monthly_before: 150_000, monthly_after: 125_000 });
    expect(shown.examples[0]?.after.map(({ due_at }) => due_at.slice(0, 10))).toEqual([
      '2026-10-01',
      '2027-10-01',
      '2028-10-01',
    ]);
    expect(shown.examples[0]?.subscription).toBe(id);
  });
});

describe('an apply', () => {
  test('does what was shown: who was told a price is charged that price', async () => {
    const id = await world.onboard('a', 'pro');
    await world.work();
    const shown = await diff(raised);
    expect(await apply(raised, shown.digest)).toMatchObject({ kind: 'applied', digest: shown.digest });
    expect(await inForce()).toBe(raised);
    const [row] = await world.ask(
      sql`select actor, reason, digest, shown from catalog_applies order by number desc limit 1`,
    );
    expect(row).toMatchObject({ actor: 'siti', reason: 'the rent went up', digest: shown.digest, shown });
    const coming = (await listUpcoming(ctx, id, 3)) ?? [];
    expect(coming.map(({ cycle, amount }) => ({ cycle, amount }))).toMatchObject(
      planOf(shown, 'pro').examples[0]?.after.map(({ cycle, amount }) => ({ cycle, amount })) ?? [],
    );
    await world.liveUntil('2026-12-15T02:00:00Z');
    const paid = (await world.charges(id)).map(({ cycle, amount }) => `${cycle} ${amount}`).toSorted();
    expect(paid).toEqual(['0 150000', '1 175000', '2 175000', '3 175000']);
  });

  test('terraform-provider-stripe#12 and #86: twice in a row has nothing to do, whatever digest is sent', async () => {
    const { digest } = await diff(raised);
    expect(await apply(raised, digest)).toMatchObject({ kind: 'applied' });
    expect(await apply(raised, digest)).toMatchObject({ kind: 'nothing_to_do' });
    expect(await diff(raised)).toMatchObject({ nothing_to_do: true, plans: [] });
    expect(await applies()).toHaveLength(2);
  });

  test('is refused once somebody else has what it touches, or has it otherwise', async () => {
    const id = await world.onboard('a', 'pro');
    await world.work();
    const { digest } = await diff(raised);
    await world.onboard('b', 'pro');
    expect(await apply(raised, digest)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('it touches other subscriptions'),
    });
    const again = await diff(raised);
    await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'siti' });
    expect(await apply(raised, again.digest)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('the terms of subscriptions that it touches have changed'),
    });
    const third = await diff(raised);
    await changeTerms(ctx, id, { body: { charge_at: '11:00' }, reason: null, actor: 'siti' });
    expect(await apply(raised, third.digest)).toMatchObject({ kind: 'refused' });
    expect(await inForce()).toBe(base);
  });

  test('is refused for another text, another version in force, or a digest that nobody was shown', async () => {
    const { digest } = await diff(raised);
    expect(await apply(`${raised}# another word\n`, digest)).toMatchObject({
      detail: expect.stringContaining('the text of the catalog is another one'),
    });
    const other = await applied(world, `${base}# another version\n`);
    expect(await apply(raised, digest)).toMatchObject({
      detail: expect.stringContaining(`version ${other} is in force`),
    });
    for (const nonsense of ['', 'abc', `${digest}-1`])
      expect(await apply(raised, nonsense)).toMatchObject({
        detail: expect.stringContaining('none that a diff has shown'),
      });
  });

  test('goes on where a charge was collected meanwhile, or somebody has come who is not touched', async () => {
    await world.onboard('a', 'pro');
    const { digest } = await diff(raised);
    await world.work();
    await world.onboard('k', 'kept');
    expect(await apply(raised, digest)).toMatchObject({ kind: 'applied' });
  });

  test('goes on where an older price reached somebody meanwhile with a charge, which was planned when it was shown', async () => {
    await world.onboard('a', 'pro');
    await world.work();
    await applied(world, raised);
    const higher = raised.replaceAll('amount: 175000', 'amount: 190000');
    const shown = await diff(higher);
    expect(planOf(shown, 'pro')).toMatchObject({ subscriptions: 1, monthly_before: 175_000, monthly_after: 190_000 });
    await world.liveUntil('2026-10-05T02:00:00Z');
    expect(await apply(higher, shown.digest)).toMatchObject({ kind: 'applied' });
  });

  test('looks again in the statement that does it: what moves between the look and the statement is not applied unseen', async () => {
    const id = await world.onboard('a', 'pro');
    await world.work();
    const { digest } = await diff(raised);
    const point = async () => await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'siti' });
    let moved: Promise<unknown> | null = null;
    const run: typeof ctx.db.run = async (query) => {
      await moved;
      return await world.db.run(query);
    };
    const failpoint = (name: string) => {
      if (name === 'before-putting-in-force') moved ??= point();
    };
    const slow = { ...ctx, db: { ...world.db, run }, failpoint };
    expect(await apply(raised, digest, slow)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('the terms of subscriptions'),
    });
    expect(await inForce()).toBe(base);
  });

  test('of two at once one is done, and the other says what is in force', async () => {
    const other = base.replaceAll('amount: 150000', 'amount: 180000');
    const [one, two] = [await diff(raised), await diff(other)];
    const done = await Promise.all([apply(raised, one.digest), apply(other, two.digest, world.another())]);
    expect(done.map(({ kind }) => kind).toSorted()).toEqual(['applied', 'refused']);
    expect(await applies()).toHaveLength(2);
  });
});

test('a diff counts a subscription whose rows cannot be worked with, and has no example of it', async () => {
  const broken = await world.onboard('order-1', 'pro');
  await world.onboard('order-2', 'pro', { quantity: 2 });
  await world.work();
  await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
  const { subscriptions, examples } = planOf(await diff(raised), 'pro');
  expect(subscriptions).toBe(2);
  expect(examples.map(({ reference }) => reference)).toEqual(['order-2']);
});
