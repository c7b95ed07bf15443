import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { listOwedNotices } from '../../src/flows/edits/owed-notices.ts';
import { countOwed, owingNotices } from '../../src/flows/edits/owing-notices.ts';
import { draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { tellOfOwed } from '../../src/flows/edits/tell-of-owed.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { owedOfPlans } from '../../src/infra/tables/subscriptions/owed-notices.ts';
import { applied } from '../support/applied-catalog.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const catalog = (price: number, more = '') => `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:
  pro:
    name: Pro
    price: { amount: ${price}, currency: IDR }
    interval: 1 month
    price_change: next_cycle
    notice: { before: 10 days }
    ${more}
  other:
    name: Other
    price: { amount: 100000, currency: IDR }
    interval: 1 month
    price_change: next_cycle
`;
const world = await testWorld({ at: START, catalog: catalog(150_000) });
const { ctx } = world;
let id: string;
let version: number;

beforeEach(async () => {
  await world.startOver(START);
  await applied(world, catalog(150_000));
  id = await world.onboard('order-1', 'pro');
  await world.work();
  version = await applied(world, catalog(175_000));
});

const owed = async () =>
  await world.ask(sql`select subscription_id as id, at::text as at, why, detail::jsonb as detail from ledger
    where kind = 'notice.owed' order by at`);
const told = async (subject = version) =>
  await recordNotice(ctx, id, {
    kind: 'price_change',
    subject: String(subject),
    sentAt: world.now(),
    channel: 'email',
    evidence: null,
    actor: 'siti',
  });
/** Another process, which remembers nothing of what this one has looked at. */
const another = (): Context => ({ ...ctx, log: { ...ctx.log } });

describe('a notice that is owed', () => {
  test('is told of 17 days before the next cycle, with what is to be said, once', async () => {
    await world.liveUntil('2026-09-14T00:59:00Z');
    expect(await owed()).toEqual([]);
    await world.liveUntil('2026-09-14T02:00:00Z');
    expect(await owed()).toMatchObject([
      {
        id,
        at: expect.stringContaining('2026-09-14 02:00:00'),
        why: expect.stringContaining('IDR 175,000 in catalog version'),
        detail: { kind: 'price_change', subject: String(version), before_days: 10, amount_after: '175000' },
      },
    ]);
    await world.liveUntil('2026-12-15T02:00:00Z');
    expect(await owed()).toHaveLength(1);
    expect((await world.charges(id)).map(({ amount }) => amount)).toEqual([150_000, 150_000, 150_000, 150_000]);
  });

  test('is told of by one process alone where another one tells between its look and its word, and nothing breaks', async () => {
    world.moveTo('2026-09-14T02:00:00Z');
    let turn = 0;
    const run: typeof ctx.db.run = async (query) => {
      const rows = await ctx.db.run<never>(query);
      const isLook = rows.length === 1 && JSON.stringify(rows) === JSON.stringify([{ id }]);
      if (isLook && turn++ === 0) await tellOfOwed(another());
      return rows;
    };
    await tellOfOwed({ ...another(), db: { ...ctx.db, run } });
    expect(turn).toBeGreaterThan(0);
    expect(await owed()).toHaveLength(1);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('is counted up to a bound, and said to be that many at least', async () => {
    await world.onboard('order-2', 'pro');
    await world.onboard('order-3', 'pro');
    await applied(world, catalog(190_000));
    await world.liveUntil('2026-09-20T02:00:00Z');
    const owing = (await owingNotices(ctx)) ?? { prices: [], toldBy: [] };
    const [whole] = await owedOfPlans(ctx.db, owing);
    expect(whole).toMatchObject({ isCut: false });
    expect(whole?.count).toBeGreaterThan(2);
    expect(await owedOfPlans(ctx.db, owing, 2)).toMatchObject([{ count: 2, isCut: true }]);
  });

  test('is told of at once where the next cycle is nearer when the price comes in force', async () => {
    await applied(world, catalog(150_000));
    await world.liveUntil('2026-09-20T02:00:00Z');
    await applied(world, catalog(175_000));
    await world.work();
    expect(await owed()).toHaveLength(1);
  });

  test('is told of once by many processes, and found by one that starts anew', async () => {
    world.moveTo('2026-09-14T02:00:00Z');
    await Promise.all([ctx, another(), another(), another()].map(tellOfOwed));
    await tellOfOwed(another());
    expect(await owed()).toHaveLength(1);
    expect(world.logged.filter(({ event }) => event === 'customers are to be told of a higher price')).toHaveLength(1);
    // Whatever comes between the look and the statement: the row and its entry are there, or neither.
    await applied(world, catalog(190_000));
    const db = { ...ctx.db, run: () => Promise.reject(new Error('the line is cut')) };
    await expect(tellOfOwed({ ...another(), db } as Context)).rejects.toThrow('the line is cut');
    await tellOfOwed(another());
    expect(await owed()).toHaveLength(2);
    expect(await world.ask(sql`select count(*)::int as rows from owed_notices`)).toEqual([{ rows: 2 }]);
  });

  test('is none of one who was told, nor once more where another edit leaves the price', async () => {
    await told();
    await world.liveUntil('2026-09-20T02:00:00Z');
    expect(await owed()).toEqual([]);
    await applied(world, catalog(190_000));
    await world.liveUntil('2026-09-21T02:00:00Z');
    expect(await owed()).toHaveLength(1);
    await applied(world, catalog(190_000, 'missed_cycles: all'));
    await world.liveUntil('2026-11-21T02:00:00Z');
    expect(await owed()).toHaveLength(1);
  });

  test('is none of those who pay no more: a lower price, a price of their own, no further cycle, or another plan', async () => {
    const leaving = await world.onboard('leaving', 'pro');
    await applied(world, catalog(150_000));
    const [other, changed] = [await world.onboard('other', 'other'), await world.onboard('changed', 'pro')];
    await world.work();
    await cancelSubscription(ctx, leaving, { at: 'period_end', reason: null, actor: 'siti' });
    await changeTerms(ctx, changed, { body: { plan: 'other', when: 'period_end' }, reason: null, actor: 'siti' });
    await applied(world, catalog(120_000).replace('amount: 100000', 'amount: 110000'));
    await world.liveUntil('2026-09-20T02:00:00Z');
    expect(await owed()).toEqual([]);
    await applied(world, catalog(160_000));
    await world.work();
    expect((await owed()).map((one) => one.id)).toEqual([id]);
    expect(await countOwed(ctx)).toBe(1);
    expect(other).not.toBe(id);
  });

  test('is told of to those whom a repricing moves to a price that others keep from', async () => {
    const only = (price: number) => catalog(price).replaceAll('price_change: next_cycle', 'price_change: new_only');
    await world.startOver(START);
    await applied(world, only(150_000));
    const [moved, kept] = [await world.onboard('moved', 'pro'), await world.onboard('kept', 'pro')];
    await world.work();
    const to = await applied(world, only(175_000));
    await world.liveUntil('2026-09-20T02:00:00Z');
    expect([await owed(), await countOwed(ctx)]).toEqual([[], 0]);
    const draft = { plan: 'pro', toVersion: to, filter: [], most: 1, isDryRun: false, reason: null, actor: 'siti' };
    await draftRepricing(ctx, draft);
    await world.liveUntil('2026-09-21T02:00:00Z');
    expect([[moved], [kept]]).toContainEqual((await owed()).map((one) => one.id));
    expect(await owed()).toMatchObject([{ detail: { subject: String(to), amount_after: '175000' } }]);
    expect([await countOwed(ctx), (await listOwedNotices(ctx, null, 10)).data.length]).toEqual([1, 1]);
  });

  test('is counted and listed the same', async () => {
    expect([await countOwed(ctx), (await listOwedNotices(ctx, null, 10)).data.length]).toEqual([1, 1]);
    await told();
    expect([await countOwed(ctx), (await listOwedNotices(ctx, null, 10)).data.length]).toEqual([0, 0]);
  });
});
