import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { answering } from '../support/answering.ts';
import { applied } from '../support/applied-catalog.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const plan = (id: string, price: number, more = '', interval = '1 month') => `
  ${id}:
    name: ${id}
    price: { amount: ${price}, currency: IDR }
    interval: ${interval}
    ${more}`;
const head = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:`;
const follows = 'price_change: next_cycle';
const base = `${head}${plan('pro', 150_000, follows)}${plan('kept', 150_000)}${plan('tried', 150_000, `trial: 14 days\n    ${follows}`)}${plan('max', 300_000, follows)}\n`;
const raised = base.replaceAll('amount: 150000', 'amount: 175000');

const world = await testWorld({ at: START, catalog: base });
const { ctx } = world;
beforeEach(async () => {
  await world.startOver(START);
  await applied(world, base);
});

const upcoming = async (id: string) =>
  ((await listUpcoming(ctx, id, 3)) ?? []).map(({ cycle, amount }) => `${cycle} ${amount}`);
const charged = async (id: string) =>
  (await world.charges(id))
    .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
    .map(({ cycle, amount }) => `${cycle} ${amount}`);
const broken = async () => (await checkInvariants(ctx)).filter((one) => one.broken > 0);

describe('price_change: next_cycle', () => {
  test('reaches those who subscribe already with their next period: shown as soon as it is in force, and charged as shown', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    world.moveTo('2026-09-10T02:00:00Z');
    const version = await applied(world, raised);
    expect(await world.subscription(id)).toMatchObject({ price: { amount: 150_000 } });
    expect(await upcoming(id)).toEqual(['1 175000', '2 175000', '3 175000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 175000', '2 175000']);
    expect(await world.subscription(id)).toMatchObject({ price: { amount: 175_000 } });
    expect(await world.charge(id, 1)).toMatchObject({ catalog_version: version, status: 'paid' });
    expect(await broken()).toEqual([]);
  });

  test('is told of once, with what was agreed before and after, and stands among the terms', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await applied(world, raised);
    await world.liveUntil('2026-11-15T02:00:00Z');
    const told = (await chainOf(world.db, Number.parseInt(id.slice(-2), 16), id)).filter(
      ({ kind }) => kind === 'subscription.changed',
    );
    expect(told).toMatchObject([{ why: expect.stringContaining('price_change is next_cycle'), actor: 'schedule' }]);
    expect(JSON.parse(String(told[0]?.detail))).toMatchObject({
      what: 'price',
      before: { amount: 150_000 },
      after: { amount: 175_000 },
    });
    const terms = await world.ask(
      sql`select number, origin, from_cycle, amount::int as amount from terms where subscription_id = ${id} order by number`,
    );
    expect(terms).toEqual([
      { number: 1, origin: 'created', from_cycle: 0, amount: 150_000 },
      { number: 2, origin: 'repriced', from_cycle: 1, amount: 175_000 },
    ]);
  });

  test('killbill#2291: counts from when it came in force: what had fallen due before is charged as it was, though nobody had opened it', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-10-01T02:30:00Z');
    await applied(world, raised);
    expect(await upcoming(id)).toEqual(['1 150000', '2 175000', '3 175000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000', '2 175000']);
  });

  test('never changes the price that a customer agreed to on the page on which they save their method', async () => {
    const tried = await world.onboard('order-1', 'tried');
    const pending = await world.create('order-2', 'pro');
    await applied(world, raised);
    await world.saveMethod(pending);
    expect(await upcoming(tried)).toEqual(['0 150000', '1 175000', '2 175000']);
    await world.liveUntil('2026-10-20T02:00:00Z');
    expect(await charged(tried)).toEqual(['0 150000', '1 175000']);
    expect(await charged(pending)).toEqual(['0 150000', '1 175000']);
  });

  test('asks so many times the price of those who have so many', async () => {
    const id = await world.onboard('order-1', 'pro', { quantity: 3 });
    await world.work();
    await applied(world, raised);
    expect(await upcoming(id)).toEqual(['1 525000', '2 525000', '3 525000']);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 450000', '1 525000']);
    expect(await broken()).toEqual([]);
  });

  test('one price after the other is agreed to, each with a number of its own', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await applied(world, raised);
    await world.liveUntil('2026-10-15T02:00:00Z');
    await applied(world, base.replaceAll('amount: 150000', 'amount: 190000'));
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 175000', '2 190000']);
    const numbers = await world.ask(sql`select number from terms where subscription_id = ${id} order by number`);
    expect(numbers).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
  });

  test('an edit that is taken back before it reached anybody changes nothing', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await applied(world, raised);
    await applied(world, base);
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000']);
    expect(await world.told(id)).not.toContain('subscription.changed');
  });

  test('moves the interval too, from the day on which the next period begins', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await applied(world, base.replace(plan('pro', 150_000, follows), plan('pro', 1_500_000, follows, '1 year')));
    const coming = (await listUpcoming(ctx, id, 2)) ?? [];
    expect(coming.map(({ due_at, amount }) => [due_at, amount])).toEqual([
      ['2026-10-01T02:00:00Z', 1_500_000],
      ['2027-10-01T02:00:00Z', 1_500_000],
    ]);
    await world.liveUntil('2027-10-15T02:00:00Z');
    const periods = (await world.charges(id)).map(({ period }) => period.start);
    expect(periods.toSorted()).toEqual(['2026-09-01', '2026-10-01', '2027-10-01']);
    expect(await broken()).toEqual([]);
  });

  test('is what the page says on which another method is saved', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await applied(world, raised);
    const read: string[] = [];
    const openSession: typeof ctx.gateway.openSession = async (request, ...more) => {
      read.push(request.description);
      return await ctx.gateway.openSession(request, ...more);
    };
    const input = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
    await replaceMethod(answering(ctx, { openSession }), id, input);
    expect(read).toEqual(['pro: IDR 175,000 a month, until you cancel']);
  });

  test('a replica that looked at the catalog before opens by the new one all the same', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    const other = world.another();
    await applied(world, raised);
    world.moveTo('2026-10-01T02:00:00Z');
    await openCharges(other, world.now());
    expect(await charged(id)).toEqual(['0 150000', '1 175000']);
  });
});

describe('what stays as it was agreed', () => {
  test('price_change: new_only leaves those who subscribe already at their price, for ever', async () => {
    const id = await world.onboard('order-1', 'kept');
    await world.work();
    await applied(world, raised);
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000', '2 150000']);
    const later = await world.onboard('order-2', 'kept');
    await world.work();
    expect(await charged(later)).toEqual(['0 175000']);
  });

  test("autumn#3192: a person's own price survives, whatever becomes of the plan's", async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await world.above(`update subscriptions set amount = 99000 where id = '${id}'`);
    await applied(world, raised);
    expect(await upcoming(id)).toEqual(['1 99000', '2 99000', '3 99000']);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 99000']);
  });

  test('a plan in another currency, or of another country, is another plan for those who have it', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    const dollars = plan('pro', 15, follows).replace('currency: IDR', 'currency: USD');
    await applied(world, base.replace(plan('pro', 150_000, follows), dollars));
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    const abroad = plan('pro', 500, `${follows}\n    country: PH\n    time_zone: Asia/Manila`);
    await applied(world, base.replace(plan('pro', 150_000, follows), abroad.replace('currency: IDR', 'currency: PHP')));
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
  });
});

describe('beside a change of the subscription', () => {
  test('a change that is planned follows its plan too', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await changeTerms(ctx, id, { body: { plan: 'max', when: 'period_end' }, reason: null, actor: 'siti' });
    await applied(world, base.replace('amount: 300000', 'amount: 350000'));
    expect(await upcoming(id)).toEqual(['1 350000', '2 350000', '3 350000']);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 350000']);
    expect(await broken()).toEqual([]);
  });

  test('more of it are bought at the old price until the period ends, and at the new one after it, as the preview says', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    world.moveTo('2026-09-16T02:00:00Z');
    await applied(world, raised);
    const previewed = await previewChange(ctx, id, { body: { quantity: 2 }, actor: 'siti' });
    if (previewed.kind !== 'shown') throw new Error(previewed.kind);
    const shown = (charges: typeof previewed.shown.after) => charges.map(({ made }) => Number(made.amount));
    expect(shown(previewed.shown.before)).toEqual([175_000, 175_000, 175_000]);
    // Half of a month of one more, at the price that was agreed for it.
    expect(shown(previewed.shown.after)).toEqual([425_000, 350_000, 350_000]);
    await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'siti' });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 425000', '2 350000']);
    expect(await broken()).toEqual([]);
  });

  test.each(['1 week', '3 months', '1 year'])(
    'an interval of %s waits for a change that is planned for a day: each day is paid once, as it was shown',
    async (interval) => {
      const id = await world.onboard('order-1', 'pro');
      await world.work();
      await changeTerms(ctx, id, { body: { plan: 'max', when: '2026-12-15' }, reason: null, actor: 'siti' });
      await applied(world, base.replace(plan('pro', 150_000, follows), plan('pro', 150_000, follows, interval)));
      const shown = ((await listUpcoming(ctx, id, 4)) ?? []).map(({ period }) => period);
      await world.liveUntil('2027-06-15T02:00:00Z');
      const charges = (await world.charges(id)).toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0));
      expect(charges.slice(1, 5).map(({ period }) => period)).toEqual(shown);
      expect(charges.map(({ period, amount, status }) => [period.start, amount, status])).toEqual([
        ['2026-09-01', 150_000, 'paid'],
        ['2026-10-01', 150_000, 'paid'],
        ['2026-11-01', 150_000, 'paid'],
        ['2026-12-01', 150_000, 'paid'],
        // With half of December at the difference of both plans.
        ['2027-01-01', 382_258, 'paid'],
        ['2027-02-01', 300_000, 'paid'],
        ['2027-03-01', 300_000, 'paid'],
        ['2027-04-01', 300_000, 'paid'],
        ['2027-05-01', 300_000, 'paid'],
        ['2027-06-01', 300_000, 'paid'],
      ]);
      expect(await broken()).toEqual([]);
    },
  );

  test('an interval comes with a change that is planned for more of the same plan', async () => {
    const id = await world.onboard('order-1', 'pro');
    await world.work();
    await changeTerms(ctx, id, { body: { quantity: 2, when: '2026-12-01' }, reason: null, actor: 'siti' });
    await applied(world, base.replace(plan('pro', 150_000, follows), plan('pro', 1_500_000, follows, '1 year')));
    await world.liveUntil('2027-12-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000', '2 150000', '3 3000000', '4 3000000']);
    const periods = (await world.charges(id)).map(({ period }) => period.start);
    expect(periods.toSorted().slice(2)).toEqual(['2026-11-01', '2026-12-01', '2027-12-01']);
    expect(await broken()).toEqual([]);
  });
});
