import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { listOwedNotices } from '../../src/flows/edits/owed-notices.ts';
import { workRepricings } from '../../src/flows/edits/repricing/work-repricings.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { applied } from '../support/applied-catalog.ts';
import { repricingsOf, selling } from '../support/repricings.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const NOTICE = 'notice: { before: 14 days, consent: notice }';

const world = await testWorld({ at: START, catalog: selling(150_000) });
const { ctx } = world;
const { status, draft, reprice, became, subscribed, upcoming, charged } = repricingsOf(world);
/** The version in force. */
let first: number;
beforeEach(async () => {
  await world.startOver(START);
  first = await applied(world, selling(150_000));
});

const broken = async () => (await checkInvariants(ctx)).filter((one) => one.broken > 0);
const change = async (id: string, body: Parameters<typeof changeTerms>[2]['body']) =>
  await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });

describe('whoever is repriced', () => {
  test('is shown the old price before, the new one from the next cycle on as soon as they are moved, and charged what was shown', async () => {
    const [id, other] = [await subscribed('order-1'), await subscribed('order-2', {}, 'max')];
    const dearer = await applied(world, selling(175_000));
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    expect(await draft(dearer)).toMatchObject({ kind: 'drafted', number: 1 });
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    await workRepricings(ctx);
    expect(await upcoming(id)).toEqual(['1 175000', '2 175000', '3 175000']);
    expect(await world.subscription(id)).toMatchObject({ price: { amount: 150_000 } });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 175000', '2 175000']);
    expect(await charged(other)).toEqual(['0 300000', '1 300000', '2 300000']);
    expect(await world.subscription(id)).toMatchObject({ price: { amount: 175_000 } });
    expect(await world.ask(sql`select repricing from subscriptions where repricing is not null`)).toEqual([]);
    expect(await broken()).toEqual([]);
  });

  test('is told of twice in the ledger: when they are moved, by whom, and when the first cycle is charged so', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000));
    await reprice(dearer);
    await world.liveUntil('2026-11-15T02:00:00Z');
    const told = (await chainOf(world.db, Number.parseInt(id.slice(-2), 16), id)).filter(({ kind }) =>
      String(kind).startsWith('subscription.change'),
    );
    expect(told).toMatchObject([
      { kind: 'subscription.change_planned', actor: 'siti', why: 'repricing 1: from cycle 1 on' },
      {
        kind: 'subscription.changed',
        actor: 'schedule',
        why: `repricing 1 moved it to the price of catalog version ${dearer}`,
      },
    ]);
    for (const { detail } of told)
      expect(JSON.parse(String(detail))).toMatchObject({
        what: 'price',
        before: { amount: 150_000 },
        after: { amount: 175_000 },
      });
    const terms = await world.ask(
      sql`select origin, from_cycle, catalog_version from terms where subscription_id = ${id} order by number`,
    );
    expect(terms).toMatchObject([
      { origin: 'created' },
      { origin: 'repriced', from_cycle: 1, catalog_version: dearer },
    ]);
  });

  test('keeps their quantity, and comes to another interval on the day on which the next period begins', async () => {
    const id = await subscribed('order-1', { quantity: 3 });
    const dearer = await applied(world, selling(1_500_000, '', '1 year'));
    await reprice(dearer);
    const coming = (await listUpcoming(ctx, id, 2)) ?? [];
    expect(coming.map(({ due_at, amount }) => [due_at, amount])).toEqual([
      ['2026-10-01T02:00:00Z', 4_500_000],
      ['2027-10-01T02:00:00Z', 4_500_000],
    ]);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 450000', '1 4500000']);
    expect(await broken()).toEqual([]);
  });

  test('killbill#2291: pays for what had fallen due before as it was agreed, though nobody had opened it', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000));
    world.moveTo('2026-10-01T02:30:00Z');
    await reprice(dearer);
    expect((await status()).by_state).toMatchObject({ done: 1, waiting: 0 });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000', '2 175000']);
  });

  test('keeps the price that they agreed to on the page where they saved their method: a trial ends at it', async () => {
    const id = await world.onboard('order-1', 'tried');
    const dearer = await applied(world, selling(175_000));
    await reprice(dearer, { plan: 'tried' });
    expect(await upcoming(id)).toEqual(['0 150000', '1 175000', '2 175000']);
    await world.liveUntil('2026-10-20T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 175000']);
  });

  test('who is past due owes what they owed, and comes to the price with the next cycle', async () => {
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const id = await subscribed('order-1');
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    const dearer = await applied(world, selling(175_000));
    await reprice(dearer);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 175000']);
    expect(await broken()).toEqual([]);
  });

  test('may come to a lower price, and to that of an older version', async () => {
    await applied(world, selling(175_000));
    const id = await subscribed('order-1');
    expect(await reprice(first)).toMatchObject({ kind: 'drafted', number: 1 });
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 175000', '1 150000']);
  });
});

describe('a higher price whose plan asks for a notice', () => {
  const told = async (id: string, version: number, sentAt: string) =>
    await recordNotice(ctx, id, {
      kind: 'price_change',
      subject: String(version),
      sentAt: Temporal.Instant.from(sentAt),
      channel: 'email',
      evidence: null,
      actor: 'siti',
    });

  test('waits until it is recorded, and until its days are over: one second earlier the old price', async () => {
    const [late, early] = [await subscribed('order-1'), await subscribed('order-2')];
    const dearer = await applied(world, selling(175_000, NOTICE));
    await reprice(dearer);
    expect((await status()).notices_missing).toBe(2);
    expect(await upcoming(late)).toEqual(['1 150000', '2 150000', '3 150000']);
    expect((await listOwedNotices(ctx, null, 100)).data).toMatchObject([
      { subject: String(dearer), amount_before: 150_000, amount_after: 175_000 },
      { reference_id: 'order-2' },
    ]);
    world.moveTo('2026-09-20T02:00:00Z');
    expect(await told(late, dearer, '2026-09-17T02:00:01Z')).toMatchObject({ kind: 'recorded' });
    expect(await told(early, dearer, '2026-09-17T02:00:00Z')).toMatchObject({ kind: 'recorded' });
    expect((await status()).notices_missing).toBe(0);
    expect(await upcoming(late)).toEqual(['1 150000', '2 175000', '3 175000']);
    expect(await upcoming(early)).toEqual(['1 175000', '2 175000', '3 175000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(late)).toEqual(['0 150000', '1 150000', '2 175000']);
    expect(await charged(early)).toEqual(['0 150000', '1 175000', '2 175000']);
    expect(await broken()).toEqual([]);
  });

  test('is charged to nobody while it is not told, and says so of each', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000, NOTICE));
    await reprice(dearer);
    expect(await became()).toEqual({
      'order-1': 'done: repricing 1: from cycle 1 on, once 14 days have passed since its notice was sent',
    });
    await world.liveUntil('2026-12-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000', '2 150000', '3 150000']);
  });

  test('is charged only to who has agreed, where the plan asks for that: who says nothing keeps the old one', async () => {
    const [agrees, silent] = [await subscribed('order-1'), await subscribed('order-2')];
    const dearer = await applied(world, selling(175_000, 'notice: { before: 14 days, consent: opt_in }'));
    await reprice(dearer);
    expect((await became())['order-1']).toMatch(/its notice was sent and its customer has agreed$/);
    for (const id of [agrees, silent]) expect(await told(id, dearer, START)).toMatchObject({ kind: 'recorded' });
    const given = { what: 'price', answer: 'given', evidence: 'mail 7', actor: 'siti' } as const;
    expect(await recordConsent(ctx, agrees, given)).toMatchObject({
      kind: 'recorded',
      consent: { subject: String(dearer) },
    });
    expect(await upcoming(agrees)).toEqual(['1 175000', '2 175000', '3 175000']);
    expect(await upcoming(silent)).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(agrees)).toEqual(['0 150000', '1 175000', '2 175000']);
    expect(await charged(silent)).toEqual(['0 150000', '1 150000', '2 150000']);
    expect(await broken()).toEqual([]);
  });

  test('of a version that is not in force has a notice of its own', async () => {
    await applied(world, selling(120_000, NOTICE));
    const id = await subscribed('order-1');
    await reprice(first);
    expect((await listOwedNotices(ctx, null, 100)).data).toMatchObject([
      { subject: String(first), amount_after: 150_000 },
    ]);
    expect(await upcoming(id)).toEqual(['1 120000', '2 120000', '3 120000']);
    expect(await told(id, first, '2026-09-01T02:00:00Z')).toMatchObject({ kind: 'recorded' });
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
  });

  test('is told of by a notice of whichever version sells the plan for it: nobody is counted who was told so', async () => {
    const [told1, untold] = [await subscribed('order-1'), await subscribed('order-2')];
    await reprice(await applied(world, selling(175_000, NOTICE)));
    const later = await applied(world, selling(175_000, NOTICE).replace('amount: 300000', 'amount: 310000'));
    expect((await status()).notices_missing).toBe(2);
    expect(await told(told1, later, START)).toMatchObject({ kind: 'recorded' });
    expect((await status()).notices_missing).toBe(1);
    expect(await upcoming(told1)).toEqual(['1 175000', '2 175000', '3 175000']);
    expect(await upcoming(untold)).toEqual(['1 150000', '2 150000', '3 150000']);
  });

  test('of a plan that asks for no notice is told of to nobody, and nobody is counted', async () => {
    const id = await subscribed('order-1');
    await reprice(await applied(world, selling(175_000)));
    expect((await status()).notices_missing).toBe(0);
    expect(await upcoming(id)).toEqual(['1 175000', '2 175000', '3 175000']);
  });

  test('is taken back by a repricing to the price that they still pay', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000, NOTICE));
    await reprice(dearer);
    await reprice(first);
    expect(await became()).toEqual({ 'order-1': 'done: it stays at this price: repricing 1 comes to nothing' });
    await told(id, dearer, '2026-09-01T02:00:00Z');
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 150000', '2 150000']);
  });
});

describe('beside a change of the subscription', () => {
  test('more of it cost the old price until the period ends, and the new one after it, as the preview says', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000));
    world.moveTo('2026-09-16T02:00:00Z');
    await reprice(dearer);
    const previewed = await previewChange(ctx, id, { body: { quantity: 2 }, actor: 'siti' });
    if (previewed.kind !== 'shown') throw new Error(previewed.kind);
    expect(previewed.shown.after.map(({ made }) => Number(made.amount))).toEqual([425_000, 350_000, 350_000]);
    await change(id, { quantity: 2 });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 425000', '2 350000']);
    expect(await broken()).toEqual([]);
  });

  test.each(['now', 'period_end'])(
    'whoever comes to another plan %s pays what that costs, and comes back at the price of that day',
    async (when) => {
      const id = await subscribed('order-1');
      const dearer = await applied(world, selling(175_000, NOTICE));
      await reprice(dearer);
      await change(id, { plan: 'max', when });
      await world.liveUntil('2026-10-02T02:00:00Z');
      expect((await charged(id)).at(-1)).toMatch(/^1 /);
      expect(await world.ask(sql`select repricing from subscriptions`)).toEqual([{ repricing: null }]);
      await applied(world, selling(190_000));
      await change(id, { plan: 'pro', when: 'period_end' });
      expect(await upcoming(id)).toEqual(['2 190000', '3 190000', '4 190000']);
    },
  );

  test('a quantity that is planned after they were moved has the new price too', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000));
    await reprice(dearer);
    await change(id, { quantity: 2, when: '2026-11-01' });
    expect(await upcoming(id)).toEqual(['1 175000', '2 350000', '3 350000']);
    await world.liveUntil('2026-12-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 175000', '2 350000', '3 350000']);
    expect(await broken()).toEqual([]);
  });

  test('a newer version in force that moves everybody takes the place of a repricing that waits, for good', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(world, selling(175_000, NOTICE));
    await reprice(dearer);
    await applied(world, selling(160_000, 'price_change: next_cycle'));
    expect(await upcoming(id)).toEqual(['1 160000', '2 160000', '3 160000']);
    await world.liveUntil('2026-10-15T02:00:00Z');
    await applied(world, selling(200_000));
    expect(await upcoming(id)).toEqual(['2 160000', '3 160000', '4 160000']);
  });
});

describe('who is left as they are', () => {
  test("autumn#3192: a person's own price survives, and the why says so", async () => {
    const id = await subscribed('order-1');
    await subscribed('order-2');
    await world.above(`update subscriptions set amount = 99000 where id = '${id}'`);
    const dearer = await applied(world, selling(175_000));
    await reprice(dearer);
    expect(await became()).toMatchObject({
      'order-1': 'skipped: its price is its own',
      'order-2': expect.stringMatching(/^done/),
    });
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await charged(id)).toEqual(['0 150000', '1 99000']);
  });

  test('is said of each with why: who rests, ends, has a change ahead, or was never charged', async () => {
    await subscribed('moved');
    await pauseSubscription(ctx, await subscribed('paused'), { actor: 'siti' });
    await cancelSubscription(ctx, await subscribed('ending'), { at: 'period_end', reason: null, actor: 'siti' });
    await change(await subscribed('planned'), { quantity: 2, when: 'period_end' });
    await world.create('pending', 'pro');
    await cancelSubscription(ctx, await subscribed('canceled'), { at: 'now', reason: null, actor: 'siti' });
    const leaves = await subscribed('leaves');
    const dearer = await applied(world, selling(175_000));
    await draft(dearer);
    await cancelSubscription(ctx, leaves, { at: 'now', reason: null, actor: 'siti' });
    await workRepricings(ctx);
    expect(await became()).toEqual({
      moved: 'done: repricing 1: from cycle 1 on',
      paused: 'skipped: it is paused: reprice it once it is resumed',
      ending: 'skipped: it ends before another charge',
      planned: 'skipped: change 1 (quantity) is planned: reprice it once that is over',
      pending: 'skipped: it is pending: its customer agrees to the price it was created with',
      leaves: 'skipped: it is canceled',
    });
    expect(await status()).toMatchObject({
      state: 'done',
      by_state: { waiting: 0, done: 1, skipped: 5, refused: 0, failed: 0 },
    });
  });

  test('who comes to the price by itself, or has another plan by now, is not moved twice', async () => {
    const id = await subscribed('order-1');
    const following = await applied(world, selling(175_000, 'price_change: next_cycle'));
    expect(await draft(following)).toMatchObject({ number: null, figures: { by_state: { done: 0, skipped: 1 } } });
    const dearer = await applied(world, selling(175_000));
    await draft(dearer);
    await change(id, { plan: 'max', when: 'now' });
    await workRepricings(ctx);
    expect(await became()).toEqual({ 'order-1': 'skipped: it has the plan max by now' });
  });

  test('a mandate too slow for the new interval is refused by name, and nothing of it is charged', async () => {
    const untried = 'dunning: never';
    await applied(world, selling(150_000, untried));
    const id = await subscribed('slow');
    const dearer = await applied(world, selling(40_000, untried, '1 week'));
    expect(await draft(dearer)).toMatchObject({
      number: null,
      figures: {
        by_state: { refused: 1 },
        why: [
          {
            why: expect.stringContaining(
              'was saved for charges that lie 28 days apart at least, and the new ones lie 7',
            ),
          },
        ],
      },
    });
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
  });

  test('a price that its channel does not take is refused by name, and the others are moved', async () => {
    await subscribed('card');
    const wallet = await world.onboard('wallet', 'pro', {}, { channelCode: 'OVO', network: null });
    await world.work();
    const dearer = await applied(world, selling(25_000_000));
    await reprice(dearer);
    expect(await became()).toEqual({
      card: 'done: repricing 1: from cycle 1 on',
      wallet: expect.stringMatching(
        /^refused: the new price can be charged by no channel: OVO takes 20,000,000 IDR at most/,
      ),
    });
    expect(await upcoming(wallet)).toEqual(['1 150000', '2 150000', '3 150000']);
  });

  test('a plan in another currency is refused for each, and nothing of it is charged', async () => {
    const id = await subscribed('order-1');
    const dearer = await applied(
      world,
      selling(150_000).replace('{ amount: 150000, currency: IDR }', '{ amount: 15, currency: USD }'),
    );
    expect(await draft(dearer)).toMatchObject({ number: null, figures: { by_state: { refused: 1 } } });
    expect(await upcoming(id)).toEqual(['1 150000', '2 150000', '3 150000']);
  });

  test('rows that cannot be worked with fail for themselves, and keep nobody else back', async () => {
    const [bad, good] = [await subscribed('bad'), await subscribed('good')];
    await world.ask(sql`insert into catalog_versions (version, digest, source, applied_at)
      select 999, 'unreadable', 'plans: 7', now() on conflict do nothing`);
    const dearer = await applied(world, selling(175_000));
    await draft(dearer);
    await world.above(`update subscriptions set catalog_version = 999 where id = '${bad}'`);
    await workRepricings(ctx);
    expect(await became()).toMatchObject({
      bad: expect.stringMatching(/^failed: its rows cannot be worked with/),
      good: expect.stringMatching(/^done/),
    });
    expect(await status()).toMatchObject({ state: 'done' });
    expect(await upcoming(good)).toEqual(['1 175000', '2 175000', '3 175000']);
  });
});
