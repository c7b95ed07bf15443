import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  forgiveCharge,
  holdCharge,
  releaseCharge,
  retryCharge,
  voidCharge,
  writeOffCharge,
} from '../../src/flows/charges/change-charge.ts';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { reviveMethod } from '../../src/flows/methods/revive-method.ts';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { completed, payFirst, payFirstCatalog, START, TO_MAX, TO_TEAM } from '../support/pay-first.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: START, catalog: payFirstCatalog });
const { ctx, gateway } = world;
const { ask, running, agreeing, extra, changes, linkTo, press, expectWhole, lives } = payFirst(world);
beforeEach(() => world.startOver(START));

const accountAtFault = {
  kind: 'refused',
  scope: 'account',
  code: 'INVALID_API_KEY',
  detail: 'no such key',
  retryAfterSeconds: null,
} as const;

const tooBusy = {
  kind: 'refused',
  scope: 'throttled',
  code: 'PAYMENT_REQUEST_RATE_LIMITED',
  detail: 'too many',
  retryAfterSeconds: 60,
} as const;

const forbidden = { kind: 'refused', status: 403, code: 'FORBIDDEN', message: '', retryAfterSeconds: null } as const;

describe('a change that waits for its payment', () => {
  test('asked for twice is asked for once; another one takes its place, and is the one that is paid', async () => {
    const id = await running();
    const both = await Promise.all([ask(id, { plan: 'max' }), ask(id, { plan: 'max' })]);
    expect(both.map(({ replaced }) => replaced ?? null)).toEqual([null, null]);
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    const first = await extra(id);
    expect(await ask(id, { plan: 'max', quantity: 2 })).toMatchObject({ replaced: { what: 'change' } });
    expect(await changes(id)).toEqual([
      [2, 'awaiting_payment', null],
      [1, 'withdrawn', 'change 2 replaced it'],
    ]);
    expect(await openPayLink(ctx, first.id, { linkMinutes: null, saves: 'DISABLED', actor: 'siti' })).toMatchObject({
      kind: 'refused',
    });
    gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', quantity: 2 });
    await expectWhole();
  });

  test('leaves what is planned as it is until it is paid; what is planned after it takes its place', async () => {
    const id = await running();
    await ask(id, { quantity: 3, when: 'period_end' });
    await ask(id, { plan: 'max' });
    expect(await changes(id)).toEqual([
      [2, 'awaiting_payment', null],
      [1, 'planned', null],
    ]);
    expect((await world.subscription(id)).planned_change).toMatchObject({ number: 2 });
    await withdrawChange(ctx, id, 'siti');
    expect((await world.subscription(id)).planned_change).toMatchObject({ number: 1, terms: { quantity: 3 } });
    await ask(id, { plan: 'max' });
    gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await changes(id)).toEqual([
      [3, 'applied', null],
      [2, 'withdrawn', 'it was withdrawn'],
      [1, 'withdrawn', 'change 3 replaced it'],
    ]);
    await ask(id, { quantity: 2 });
    expect(await ask(id, { quantity: 4, when: 'period_end' })).toMatchObject({ replaced: { what: 'change' } });
    expect((await changes(id)).slice(0, 2)).toEqual([
      [5, 'planned', null],
      [4, 'withdrawn', 'change 5 replaced it'],
    ]);
    await expectWhole();
  });

  test('that is paid after the day of another change is given back: its days were reckoned from what was agreed before', async () => {
    const id = await running();
    await ask(id, { quantity: 3, when: '2026-09-13' });
    await ask(id, { plan: 'max' });
    const token = await linkTo((await extra(id)).id, 60 * 24 * 5);
    await world.liveUntil('2026-09-13T03:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', quantity: 3 });
    const session = await press(token);
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await changes(id)).toEqual([
      [2, 'lapsed', expect.stringContaining('what was agreed is not what it was')],
      [1, 'applied', null],
    ]);
    expect(await extra(id)).toMatchObject({ status: 'void', collected: 0, overpaid: TO_MAX });
    expect(await lives(id)).toMatchObject({ plan: 'pro', quantity: 3 });
    // Eighteen of thirty days of the two more, and then all three.
    expect(await world.charge(id, 1)).toMatchObject({ amount: 450_000 + 180_000 });
    await expectWhole();
  });

  test('leaves a cancellation planned until it is paid; one that is asked for after it takes its place', async () => {
    const id = await running();
    const cancel = { at: 'period_end', reason: null, actor: 'siti' } as const;
    await cancelSubscription(ctx, id, cancel);
    await ask(id, { plan: 'max' });
    expect(await world.subscription(id)).toMatchObject({ cancel_at: '2026-10-01T02:00:00Z' });
    expect(await cancelSubscription(ctx, id, cancel)).toMatchObject({ replaced: { what: 'change' } });
    expect(await changes(id)).toEqual([[1, 'withdrawn', 'the subscription was canceled']]);
    await ask(id, { plan: 'max' });
    gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', cancel_at: null });
    expect(await world.told(id)).toContain('subscription.cancel_withdrawn');
    await expectWhole();
  });

  test.for<[string, (id: string) => Promise<unknown>, string]>([
    [
      'canceled',
      (id) => cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'siti' }),
      'the subscription was canceled',
    ],
    ['paused', (id) => pauseSubscription(ctx, id, { actor: 'siti' }), 'the subscription was paused'],
  ])('ends with its subscription that is %s, and what is paid then is given back', async ([, act, why]) => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    await act(id);
    expect(await changes(id)).toEqual([[1, 'withdrawn', why]]);
    expect(await extra(id)).toMatchObject({ status: 'void' });
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro' });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test('that nobody pays lapses although its subscription rests since its period is over, and gives its credit back', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    gateway.pays(await press(await linkTo((await extra(id)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    await ask(id, { plan: 'pro' });
    await pauseSubscription(ctx, id, { at: 'period_end', actor: 'siti' });
    world.moveTo('2026-09-30T10:00:00Z');
    const { credit } = await world.subscription(id);
    await ask(id, { plan: 'max', quantity: 50 });
    expect(await world.subscription(id)).toMatchObject({ credit: 0 });
    await world.liveUntil('2026-10-03T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', plan: 'pro', credit });
    expect((await changes(id))[0]).toEqual([3, 'lapsed', 'it was not paid in time']);
    expect(await extra(id, 2)).toMatchObject({ status: 'void', credit_used: credit });
    await expectWhole();
  });

  test('that is paid while its subscription rests, since its plan had it rest, is given back', async () => {
    const id = await running();
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-10-05T01:00:00Z');
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    await world.liveUntil('2026-10-05T02:10:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', planned_change: { number: 1 } });
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the subscription is paused')]]);
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', plan: 'pro' });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test.each([
    ['now', declined('CHANNEL_UNAVAILABLE')],
    ['period_end', declined('CHANNEL_UNAVAILABLE')],
    ['now', tooBusy],
    ['period_end', tooBusy],
    ['now', accountAtFault],
    ['period_end', accountAtFault],
  ] as const)(
    'is tried no further where its subscription rests (%s) before it is known that the try reached nobody (%j)',
    async (at, outcome) => {
      const id = await agreeing();
      if (at === 'period_end') await pauseSubscription(ctx, id, { at, actor: 'siti' });
      world.moveTo('2026-09-30T10:00:00Z');
      await ask(id, { plan: 'team' });
      gateway.script(unknown());
      const name = `due_${id}_x1_1`;
      gateway.finds(name, { kind: 'unanswered', detail: 'no answer' });
      await world.work();
      if (at === 'now') await pauseSubscription(ctx, id, { at, actor: 'siti' });
      await world.liveUntil('2026-10-01T03:00:00Z');
      expect(await extra(id)).toMatchObject({ status: 'attempting' });
      gateway.finds(name, { kind: 'found', outcome });
      await world.liveUntil('2026-10-02T03:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'paused', plan: 'pro', planned_change: null });
      expect(await extra(id)).toMatchObject({ status: 'void' });
      await expectWhole();
    },
  );

  test('is canceled while its payment is on its way: what comes of that is given back', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    gateway.finds(`due_${id}_x1_1`, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor: 'siti' });
    expect(await changes(id)).toEqual([[1, 'withdrawn', 'the subscription was canceled']]);
    const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
    gateway.finds(`due_${id}_x1_1`, { kind: 'found', outcome: paid });
    await world.liveUntil('2026-09-11T06:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', cancel_at: '2026-10-01T02:00:00Z' });
    expect(await extra(id)).toMatchObject({ status: 'void', overpaid: TO_TEAM, collected: 0 });
    await expectWhole();
  });

  test('is left to its customer: nobody tries, holds or writes off its charge; void it lapses, forgiven it applies', async () => {
    const id = await running();
    const by = { actor: 'siti', reason: 'the customer called' };
    await ask(id, { plan: 'max' });
    const { id: chargeId } = await extra(id);
    for (const act of [retryCharge, holdCharge, writeOffCharge])
      expect(await act(ctx, chargeId, by)).toMatchObject({ kind: 'refused' });
    // A new method is no reason to charge it.
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    expect(await extra(id)).toMatchObject({
      status: 'due',
      next_attempt_at: null,
      waits_until: '2026-09-12T02:00:00Z',
    });
    await world.work();
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    expect(gateway.sent).toHaveLength(1);
    await voidCharge(ctx, chargeId, by);
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the customer called')]]);
    await ask(id, { plan: 'max' });
    await forgiveCharge(ctx, (await extra(id, 2)).id, by);
    expect((await changes(id))[0]).toEqual([2, 'applied', null]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'max' });
    await expectWhole();
  });

  test('is not charged over a method that was taken for dead and is none, nor by who releases it from a hold', async () => {
    const id = await agreeing();
    const by = { actor: 'siti', reason: 'the customer called' };
    await ask(id, { plan: 'max' });
    const { tokenId } = gateway.sent[0] ?? { tokenId: '' };
    const dead = { as: 'dead', why: 'EXPIRED_CARD', actor: 'dueday', at: world.now() } as const;
    await endMethod(ctx, tokenId, dead, world.now());
    await reviveMethod(ctx, tokenId, { codes: ['EXPIRED_CARD'], since: world.now(), why: 'a test' }, world.now());
    expect(await extra(id)).toMatchObject({ status: 'due', next_attempt_at: null });
    gateway.offerSays({ kind: 'silent', detail: 'no answer' });
    await payThrough(ctx, await linkTo((await extra(id)).id));
    gateway.booksSay(...Array.from({ length: 100 }, () => forbidden));
    await world.liveUntil('2026-09-12T04:00:00Z');
    expect(await extra(id)).toMatchObject({ status: 'held' });
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    await releaseCharge(ctx, (await extra(id)).id, by);
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(await changes(id)).toEqual([[1, 'lapsed', 'only its customer pays for it']]);
    await expectWhole();
  });

  test('lapses where its charge is released from a hold after its period', async () => {
    const id = await agreeing();
    world.moveTo('2026-09-30T10:00:00Z');
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    gateway.finds(`due_${id}_x1_1`, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await extra(id)).toMatchObject({ status: 'held' });
    const sent = gateway.sent.length;
    await releaseCharge(ctx, (await extra(id)).id, { actor: 'siti', reason: 'Xendit knows nothing of it' });
    await world.work();
    expect(gateway.sent).toHaveLength(sent);
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the period is over')]]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', status: 'active' });
    await expectWhole();
  });
});

test('what credit was used for a change that lapses is there again, and a change that is replaced gives it to the next', async () => {
  const id = await running();
  await ask(id, { plan: 'max' });
  gateway.pays(await press(await linkTo((await extra(id)).id)));
  await world.liveUntil('2026-09-11T04:00:00Z');
  world.moveTo('2026-09-16T02:00:00Z');
  await ask(id, { plan: 'pro' });
  expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: 75_000 });
  await ask(id, { plan: 'max', quantity: 2 });
  expect(await extra(id, 2)).toMatchObject({ credit_used: 75_000, amount: 150_000 });
  await ask(id, { plan: 'max', quantity: 3 });
  expect(await extra(id, 3)).toMatchObject({ credit_used: 75_000, amount: 300_000 });
  expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: 0 });
  await world.liveUntil('2026-09-17T03:00:00Z');
  expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: 75_000 });
  await expectWhole();
});

test('a coupon that comes with a change is taken when it is paid, and not before; where its last use is gone by then, the money is given back', async () => {
  const id = await running();
  const other = await running('order-2');
  const uses = () => world.ask(sql`select subscription_id as id from coupon_uses where given_back_at is null`);
  await ask(id, { plan: 'max', coupon: 'HALF' });
  await withdrawChange(ctx, id, 'siti');
  for (const one of [id, other]) await ask(one, { plan: 'max', coupon: 'HALF' });
  expect(await uses()).toEqual([]);
  gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
  await world.liveUntil('2026-09-11T04:00:00Z');
  expect(await world.subscription(id)).toMatchObject({ plan: 'max', coupon: { code: 'HALF' } });
  expect(await uses()).toEqual([{ id }]);
  gateway.pays(await press(await linkTo((await extra(other)).id)));
  await world.liveUntil('2026-09-11T06:00:00Z');
  expect(await changes(other)).toEqual([[1, 'lapsed', expect.stringContaining('no use of the coupon HALF is left')]]);
  expect(await world.subscription(other)).toMatchObject({ plan: 'pro', coupon: null });
  expect(await extra(other)).toMatchObject({ status: 'void', overpaid: 150_000 });
  await lives(id);
  expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000, discount: 150_000 });
  await expectWhole();
});
