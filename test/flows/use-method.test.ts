import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { createInput } from '../support/create-input.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const more = `  once:
    name: A trial once
    price: { amount: 99000, currency: IDR }
    interval: 1 month
    trial: 14 days
    trial_once: true
    setup_fee: { amount: 40000, currency: IDR }
  tiny:
    name: Less than a card takes
    price: { amount: 500, currency: IDR }
    interval: 1 month
    payment_channels: [OVO]
  dear:
    name: More than a wallet takes
    price: { amount: 30000000, currency: IDR }
    interval: 1 month
  in-dollars:
    name: Dollars
    price: { amount: 9, currency: USD }
    interval: 1 month
  quarterly:
    name: Three months, in pesos
    price: { amount: 900, currency: PHP }
    interval: 3 months
    ends_after: 4 cycles
    country: PH
    time_zone: Asia/Manila
`;
const world = await testWorld({ at: START, catalog: plainCatalog.replace('plans:\n', `plans:\n${more}`) });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const asBefore = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const siti = { customer: createInput('siti').customer };

async function methodOf(id: string): Promise<string> {
  const [first] = (await world.subscription(id)).methods;
  return first?.id ?? '';
}

/** Another subscription of the customer who has the first one, over its method. */
async function over(first: string, reference: string, plan = 'monthly', input: object = {}) {
  const asked = createInput(reference, plan, { ...siti, useMethod: await methodOf(first), ...input });
  return await createSubscription(ctx, asked);
}

async function made(first: string, reference: string, plan?: string, input?: object): Promise<string> {
  const created = await over(first, reference, plan, input);
  if (created.kind !== 'created') throw new Error(JSON.stringify(created));
  return created.dossier.subscription.id;
}

const statuses = async (ids: readonly string[]) =>
  await Promise.all(ids.map(async (id) => (await world.subscription(id)).methods.map(({ status }) => status)));

describe('three subscriptions, one card', () => {
  test('begin at once without another link, each charged under a mandate of its own', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    const sessions = gateway.sessions.size;
    const [second, third] = [await made(first, 'b'), await made(first, 'c', 'yearly')];
    expect(gateway.sessions.size).toBe(sessions);
    await world.work();
    for (const [id, amount] of [
      [first, 150_000],
      [second, 150_000],
      [third, 900_000],
    ] as const) {
      expect(await world.subscription(id)).toMatchObject({
        status: 'active',
        methods: [{ rank: 1, status: 'active' }],
      });
      expect(await world.charge(id)).toMatchObject({ status: 'paid', amount });
    }
    expect(new Set(gateway.sent.map(({ tokenId }) => tokenId)).size).toBe(1);
    expect(new Set(await Promise.all([first, second, third].map(methodOf))).size).toBe(3);
    expect((await world.subscription(second)).onboarding).toBeNull();
    expect(await world.told(second)).toEqual([
      'subscription.created',
      'token.saved',
      'subscription.active',
      'charge.opened',
      'attempt.sent',
      'attempt.settled',
      'charge.paid',
    ]);
  });

  test('are without it together, whichever of them it ended for', async () => {
    const first = await world.onboard('a', 'monthly', siti, { tokenId: 'pt-shared' });
    const ids = [first, await made(first, 'b'), await made(first, 'c')];
    await endMethod(
      ctx,
      'pt-shared',
      { as: 'canceled', why: 'taken back', actor: 'xendit', at: world.now() },
      world.now(),
    );
    expect(await statuses(ids)).toEqual([['canceled'], ['canceled'], ['canceled']]);
  });

  test('are without it together after one was declined as dead, also where the process died before it told the others', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    await world.work();
    const ids = [first, await made(first, 'b', 'monthly', { anchorDate: Temporal.PlainDate.from('2026-02-20') })];
    gateway.script(declined('EXPIRED_CARD'));
    await world.liveUntil('2026-02-20T03:00:00Z');
    expect(await statuses(ids)).toEqual([['dead'], ['dead']]);
    await world.above(`update tokens set status = 'active', ended_at = null, ended_reason = null
      where id = (select token_id from subscriptions where reference_id = 'b')`);
    expect(await statuses(ids)).toEqual([['dead'], ['active']]);
    await world.work();
    expect(await statuses(ids)).toEqual([['dead'], ['dead']]);
  });

  test('go on over it where one of them has another', async () => {
    const first = await world.onboard('a', 'monthly', siti, { tokenId: 'pt-old' });
    const second = await made(first, 'b');
    await replaceMethod(ctx, second, asBefore);
    await world.saveMethod(second, { tokenId: 'pt-new' });
    await world.work();
    expect(gateway.sent.map(({ tokenId }) => tokenId).toSorted()).toEqual(['pt-new', 'pt-old']);
    expect(await statuses([first])).toEqual([['active']]);
  });
});

describe('a subscription over a method that was saved before', () => {
  test('is made once, however often it is asked for at a time', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    const answers = await Promise.all(Array.from({ length: 8 }, () => over(first, 'b')));
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual([
      'created',
      ...Array.from({ length: 7 }, () => 'known'),
    ]);
    const [rows] = await world.ask(sql`select (select count(*)::int from subscriptions) as subscriptions,
      (select count(*)::int from tokens) as tokens`);
    expect(rows).toEqual({ subscriptions: 2, tokens: 2 });
  });

  test('has its trial, and its set-up fee is asked for before; who had the trial is charged at once', async () => {
    const first = await world.onboard('a', 'monthly', siti, { fingerprint: 'f-1' });
    const second = await made(first, 'b', 'once');
    await world.work();
    expect(await world.subscription(second)).toMatchObject({ status: 'trialing' });
    expect(await world.charges(second)).toMatchObject([{ kind: 'extra', amount: 40_000, status: 'paid' }]);
    const third = await made(first, 'c', 'once');
    await world.work();
    expect(await world.subscription(third)).toMatchObject({ status: 'active' });
    expect(await world.charge(third)).toMatchObject({ amount: 139_000, status: 'paid' });
    const other = await world.onboard('d', 'monthly', {}, { fingerprint: 'f-1' });
    const byCard = await made(other, 'e', 'once', { customer: createInput('d').customer });
    expect(await world.subscription(byCard)).toMatchObject({ status: 'active' });
  });

  test('two at once have one trial', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    const ids = await Promise.all([made(first, 'b', 'once'), made(first, 'c', 'once')]);
    const all = await Promise.all(ids.map(async (id) => (await world.subscription(id)).status));
    expect(all.toSorted()).toEqual(['active', 'trialing']);
  });

  test('takes the coupon, the items and the quantity of its request', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    const items = [{ text: 'A box', amount: 10_000 }];
    const second = await made(first, 'b', 'monthly', { quantity: 2, items });
    await world.work();
    expect(await world.charge(second)).toMatchObject({ amount: 310_000, status: 'paid' });
  });
});

describe('is refused, and nothing is stored, where the method', () => {
  const wallet = { channelCode: 'OVO', fingerprint: null };
  const pesos = { channelCode: 'BPI_RECURRING', country: 'PH', currency: 'PHP', fingerprint: null };
  test.each([
    ['is of a channel that takes less', 'monthly', wallet, 'dear', {}, 'unfit', /OVO takes 20,000,000 IDR at most/],
    [
      'is of a channel that takes more',
      'monthly',
      {},
      'tiny',
      { allowedChannels: ['CARDS', 'OVO'] },
      'unfit',
      /CARDS takes 5,000 IDR at least/,
    ],
    ['is of no channel that it may be paid with', 'monthly', {}, 'tiny', {}, 'unfit', /may be paid with OVO/],
    ['pays in another currency', 'monthly', {}, 'in-dollars', {}, 'unfit', /pays in IDR, and the plan costs USD/],
    ['is of another country', 'monthly', {}, 'manila', {}, 'unfit', /method of ID, and the plan is of PH/],
    [
      'was saved for charges further apart',
      'three',
      {},
      'weekly',
      {},
      'unfit',
      /28 days apart at least, and those of the plan may lie 1 apart/,
    ],
    [
      'asks its customer each time',
      'monthly',
      { channelCode: 'NEXCASH' },
      'monthly',
      {},
      'unfit',
      /asks its customer each time/,
    ],
    [
      'was saved as something else',
      'monthly',
      {},
      'monthly',
      { saveFor: 'MERCHANT_UNSCHEDULED' },
      'unfit',
      /saved as RECURRING/,
    ],
    [
      'does not live as long as the plan',
      'manila',
      pesos,
      'quarterly',
      {},
      'unfit',
      /until 2026-04-29, and the subscription needs one until 2027-0/,
    ],
  ] as const)('%s', async (_, ofFirst, token, plan, input, kind, why) => {
    const first = await world.onboard('a', ofFirst, siti, token);
    const answer = await over(first, 'b', plan, input);
    expect(answer).toMatchObject({
      kind,
      fault: { field: 'onboarding.use_method', message: expect.stringMatching(why) },
    });
    expect(answer).toMatchObject({ fault: { message: expect.stringContaining('leave use_method out') } });
    expect(await world.ask(sql`select count(*)::int as count from subscriptions`)).toEqual([{ count: 1 }]);
  });

  test('has ended', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    await world.above(`update tokens set status = 'dead', ended_at = now(), ended_reason = 'EXPIRED_CARD'`);
    expect(await over(first, 'b')).toMatchObject({
      kind: 'unfit',
      fault: { message: expect.stringContaining('(dead)') },
    });
  });

  test("is another customer's of the same bucket", async () => {
    const bucket = { ...ctx, newBucket: () => 7 };
    const ids: string[] = [];
    for (const name of ['a', 'b']) {
      const created = await createSubscription(bucket, createInput(name));
      if (created.kind !== 'created') throw new Error(created.kind);
      ids.push(created.dossier.subscription.id);
      await world.saveMethod(ids.at(-1) ?? '');
    }
    const theirs = { customer: createInput('b').customer };
    expect(await over(ids[0] ?? '', 'c', 'monthly', theirs)).toMatchObject({ kind: 'invalid' });
    expect(await over(ids[1] ?? '', 'c', 'monthly', theirs)).toMatchObject({ kind: 'created' });
  });

  test("is another customer's, or nobody's", async () => {
    const first = await world.onboard('a', 'monthly');
    const answers = [
      await over(first, 'b'),
      await over(first, 'b', 'monthly', { useMethod: crypto.randomUUID() }),
      await over(first, 'b', 'monthly', { customer: createInput('new').customer }),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ kind: 'invalid', faults: [{ field: 'onboarding.use_method' }] });
  });

  test('has a customer who refused charges beside those of its subscription, until they agree', async () => {
    const first = await world.onboard('a', 'monthly', siti);
    const said = async (answer: 'given' | 'refused') =>
      await recordConsent(ctx, first, { what: 'extra', answer, evidence: `mail-${answer}`, actor: 'product' });
    await said('refused');
    expect(await over(first, 'b')).toMatchObject({
      kind: 'unfit',
      fault: { message: expect.stringContaining('mail-refused') },
    });
    world.moveTo('2026-01-31T03:00:00Z');
    await said('given');
    expect(await over(first, 'b')).toMatchObject({ kind: 'created' });
  });
});
