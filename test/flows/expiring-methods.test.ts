import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { tellOfExpiring } from '../../src/flows/methods/tell-of-expiring.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { listMethods } from '../../src/flows/views/list-methods.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const quarterly = `  pesos:
    name: Pesos by bank
    price: { amount: 499, currency: PHP }
    interval: 1 month
    country: PH
    time_zone: Asia/Manila
    dunning: none
`;
const world = await testWorld({ at: START, catalog: plainCatalog.replace('plans:\n', `plans:\n${quarterly}`) });
const { ctx } = world;
beforeEach(() => world.startOver(START));

const asBefore = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const untilJune = { tokenId: 'pt-old', label: 'old', expiryMonth: '06', expiryYear: '2026' };

type Told = { readonly on: string; readonly days: number; readonly left: number };

/** What was told of the end of its methods: on which day, which notice, and how many days were left. */
async function notices(id: string): Promise<readonly Told[]> {
  return await world.ask<Told>(sql`select to_char(at at time zone 'Asia/Jakarta', 'YYYY-MM-DD HH24:MI') as on,
    (detail::jsonb->>'days')::int as days, (detail::jsonb->>'days_left')::int as left
    from ledger where subscription_id = ${id}::uuid and kind = 'method.expiring' order by seq`);
}

const allOfJune = [
  { on: '2026-05-31 09:00', days: 30, left: 30 },
  { on: '2026-06-23 09:00', days: 7, left: 7 },
  { on: '2026-06-29 09:00', days: 1, left: 1 },
];

describe('a method that expires', () => {
  test('is told of 30, 7 and 1 days before, each once', async () => {
    const id = await world.onboard('a', 'monthly', {}, untilJune);
    await world.liveUntil('2026-08-01T00:00:00Z');
    expect(await notices(id)).toEqual(allOfJune);
    const [entry] = await world.ask(
      sql`select why, channel, detail::jsonb as detail from ledger where kind = 'method.expiring' order by seq limit 1`,
    );
    const [method] = (await world.subscription(id)).methods;
    expect(entry).toEqual({
      channel: 'CARDS',
      why: expect.stringMatching(
        /^old can be charged until 2026-06-30 \(so it is printed on the card\); POST .*\/onboarding/,
      ),
      detail: { method: method?.id, ends_on: '2026-06-30', ends_by: 'card', days: 30, days_left: 30 },
    });
  });

  test('is told of once by two daemons that look at the same time', async () => {
    const ids = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => world.onboard(name, 'monthly', {}, { ...untilJune, tokenId: `pt-${name}` })),
    );
    const other = world.another();
    for (const at of ['2026-01-31T02:00:00Z', '2026-05-31T02:00:00Z', '2026-06-23T02:00:00Z', '2026-06-29T02:00:00Z']) {
      world.moveTo(at);
      await Promise.all([ctx, other, ctx, other].map(tellOfExpiring));
    }
    for (const id of ids) expect(await notices(id)).toEqual(allOfJune);
  });

  test.each([
    ['in which one notice was missed', '2026-06-05T02:00:00Z', ['30 with 25', '7 with 7', '1 with 1']],
    ['in which two were: the last of them alone is told', '2026-06-25T02:00:00Z', ['7 with 5', '1 with 1']],
    ['that ends after its last day', '2026-07-02T02:00:00Z', ['1 with -2']],
  ])('is told of after a downtime %s', async (_, back, told) => {
    const id = await world.onboard('a', 'monthly', {}, untilJune);
    await world.work();
    world.moveTo(back);
    await world.work();
    await world.liveUntil('2026-08-01T00:00:00Z');
    expect((await notices(id)).map(({ days, left }) => `${days} with ${left}`)).toEqual(told);
  });

  test('is not told of any more once another was saved, also for a day that was missed', async () => {
    const id = await world.onboard('a', 'monthly', {}, untilJune);
    await world.liveUntil('2026-06-01T00:00:00Z');
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id, { tokenId: 'pt-new', label: 'new' });
    await world.liveUntil('2026-08-01T00:00:00Z');
    expect(await notices(id)).toEqual(allOfJune.slice(0, 1));
  });

  test('that stood behind another is told of when it is charged again, and of no day twice', async () => {
    const id = await world.onboard('a', 'monthly', {}, untilJune);
    await world.liveUntil('2026-06-01T00:00:00Z');
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id, { tokenId: 'pt-new', label: 'new' });
    await world.liveUntil('2026-06-24T02:00:00Z');
    expect(await notices(id)).toHaveLength(1);
    await endMethod(
      ctx,
      'pt-new',
      { as: 'canceled', why: 'taken back', actor: 'xendit', at: world.now() },
      world.now(),
    );
    await world.work();
    expect((await notices(id)).map(({ days, left }) => `${days} with ${left}`)).toEqual(['30 with 30', '7 with 6']);
    await world.liveUntil('2026-08-01T00:00:00Z');
    expect((await notices(id)).map(({ days }) => days)).toEqual([30, 7, 1]);
  });

  test('is told of no day twice, though it stood behind another in between', async () => {
    const id = await world.onboard('a', 'monthly', {}, untilJune);
    await world.liveUntil('2026-06-01T00:00:00Z');
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id, { tokenId: 'pt-new', label: 'new' });
    await world.liveUntil('2026-06-05T02:00:00Z');
    await endMethod(
      ctx,
      'pt-new',
      { as: 'canceled', why: 'taken back', actor: 'xendit', at: world.now() },
      world.now(),
    );
    await world.work();
    expect((await world.subscription(id)).methods).toMatchObject([{ label: 'old' }, { label: 'new' }]);
    expect(await notices(id)).toEqual(allOfJune.slice(0, 1));
  });

  test('is not told of where nothing is charged after it', async () => {
    const [installments, canceled, leaving] = [
      await world.onboard('a', 'three', {}, untilJune),
      await world.onboard('b', 'monthly', {}, untilJune),
      await world.onboard('c', 'monthly', {}, untilJune),
    ];
    await world.work();
    await cancelSubscription(ctx, canceled, { at: 'now', reason: null, actor: 'product' });
    await world.liveUntil('2026-05-30T00:00:00Z');
    await cancelSubscription(ctx, leaving, { at: 'period_end', reason: null, actor: 'product' });
    await world.liveUntil('2026-08-01T00:00:00Z');
    for (const id of [installments, canceled, leaving]) expect(await notices(id)).toEqual([]);
  });

  test('is known in good time of one that was saved before anybody looked', async () => {
    const id = await world.onboard('a', 'monthly', {}, untilJune);
    await world.work();
    await world.ask(sql`update tokens set notice_at = 'epoch'`);
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect(await notices(id)).toEqual(allOfJune.slice(0, 1));
  });
});

describe('the end of a method', () => {
  const endsOf = async (id: string) => (await listMethods(ctx, id))?.map(({ ends_on, ends_by }) => [ends_on, ends_by]);

  test.each([
    ["its card's", 'monthly', untilJune, '2026-06-30', 'card'],
    [
      "its mandate's, where no card says less",
      'monthly',
      { expiryMonth: null, expiryYear: null },
      '2036-01-31',
      'mandate',
    ],
    [
      "its channel's, which keeps it a quarter of a year",
      'pesos',
      { channelCode: 'BPI_RECURRING', country: 'PH' },
      '2026-04-29',
      'channel',
    ],
    [
      "its channel's, which keeps it for a year",
      'pesos',
      { channelCode: 'UBP_EADA', country: 'PH' },
      '2027-01-30',
      'channel',
    ],
    [
      'its mandate’s, where what the card says cannot be read',
      'monthly',
      { expiryMonth: '1x', expiryYear: '30' },
      '2036-01-31',
      'mandate',
    ],
  ] as const)('is %s', async (_, plan, token, on, by) => {
    const id = await world.onboard('a', plan, {}, token);
    expect(await endsOf(id)).toEqual([[on, by]]);
  });

  test('of a wallet is told of as that of a card is', async () => {
    const id = await world.onboard(
      'a',
      'pesos',
      {},
      { channelCode: 'BPI_RECURRING', country: 'PH', expiryMonth: null, expiryYear: null },
    );
    await world.liveUntil('2026-06-01T00:00:00Z');
    expect((await notices(id)).map(({ days }) => days)).toEqual([30, 7, 1]);
  });
});
