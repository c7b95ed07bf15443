import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { releaseCharge, retryCharge } from '../../src/flows/charges/change-charge.ts';
import { releaseDisputed } from '../../src/flows/disputes/release-disputed.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { createInput } from '../support/create-input.ts';
import { DISPUTE, disputingIn } from '../support/disputing.ts';
import { refundingIn } from '../support/refunding.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const catalog = plainCatalog.replace(
  /^plans:\n/m,
  `plans:
  goes-on: { name: Goes on, price: { amount: 150000, currency: IDR }, interval: 1 month, on_dispute: go_on }
`,
);
const world = await testWorld({ at: start, catalog });
const { ctx, gateway } = world;
const { paid, raises, becomes, notice, tells, all, moved, whole } = disputingIn(world);
const { tries, asks } = refundingIn(world);

beforeEach(() => world.startOver(start));

const findings = async () => await openFindings(ctx.db, ctx.buckets, null, 10);
const by = { actor: 'api:finance:ana', reason: 'the customer called and takes it back' };
const sent = () => gateway.sent.length;

async function disputed(reference = 'sub-1', plan?: string) {
  const made = await paid(reference, plan);
  await raises(made.paymentId);
  await tells();
  return made;
}

describe('a disputed payment of a card', () => {
  test('leaves its charge at once, and comes back when the dispute is won', async () => {
    const { subscription, charge } = await disputed();
    expect(await all()).toMatchObject([
      { disputeId: DISPUTE, state: 'action_required', held: 150_000, chargeId: charge },
    ]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', charged_back: 150_000 });
    await whole();
    becomes('under_review');
    await tells();
    becomes('won', { reason: 'CHALLENGED' });
    await tells();
    expect(await moved(subscription)).toEqual([
      { kind: 'dispute.opened', money: 0, outcome: 'action_required' },
      { kind: 'chargeback.taken', money: -150_000, outcome: 'action_required' },
      { kind: 'dispute.opened', money: 0, outcome: 'under_review' },
      { kind: 'dispute.won', money: 0, outcome: 'won' },
      { kind: 'chargeback.returned', money: 150_000, outcome: 'won' },
    ]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', charged_back: 0 });
    await whole();
  });

  test('stays gone when it is lost, and what it came to less in the end comes back', async () => {
    const { subscription } = await disputed();
    becomes('lost', { terminal: { minor: 100_000n, currency: 'IDR' }, reason: 'EXCEEDED_DEADLINE' });
    await tells();
    expect((await moved(subscription)).slice(2)).toEqual([
      { kind: 'dispute.lost', money: 0, outcome: 'lost' },
      { kind: 'chargeback.returned', money: 50_000, outcome: 'lost' },
    ]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', charged_back: 100_000 });
    await whole();
  });

  test('is told once, however often its webhook comes, and by whichever daemon', async () => {
    const { subscription } = await disputed();
    for (const n of [1, 2, 3]) await world.receives({ ...notice(), n });
    await Promise.all([world.work(), world.workAs(world.another())]);
    await world.receives(notice(DISPUTE, 'dispute.due_date_approaching'));
    await world.work();
    expect(await moved(subscription)).toHaveLength(2);
    await whole();
  });

  test('that was decided once more follows the last word', async () => {
    const { subscription } = await disputed();
    becomes('won');
    await tells();
    world.moveTo('2026-03-02T03:00:00Z');
    becomes('lost', { reason: 'ARBITRATION' });
    await tells();
    expect(await world.charge(subscription)).toMatchObject({ charged_back: 150_000 });
    await whole();
  });
});

test('a disputed payment of another channel leaves its charge only when it is lost', async () => {
  const { subscription, paymentId } = await paid();
  await raises(paymentId, { channel: 'QRIS' });
  await tells();
  expect(await moved(subscription)).toEqual([{ kind: 'dispute.opened', money: 0, outcome: 'action_required' }]);
  becomes('lost');
  await tells();
  expect(await world.charge(subscription)).toMatchObject({ charged_back: 150_000 });
  await whole();
});

describe('a webhook of a dispute', () => {
  test('that is older than what is known changes nothing', async () => {
    const { subscription, paymentId } = await paid();
    const before = await raises(paymentId);
    gateway.disputed.calls = false;
    const first = notice();
    world.moveTo('2026-03-02T03:00:00Z');
    becomes('lost');
    await tells();
    gateway.disputed.there.set(DISPUTE, before);
    await world.receives(first);
    await world.work();
    expect(await all()).toMatchObject([{ state: 'lost', held: 150_000 }]);
    expect(await moved(subscription)).toHaveLength(2);
    await whole();
  });

  test('says nothing that Xendit does not: a forged one is asked about, and left', async () => {
    const { subscription, paymentId } = await paid();
    const forged = await raises(paymentId);
    gateway.disputed.there.clear();
    await world.receives({ ...noticeOf(forged), business_id: 'of-somebody-else' });
    await world.liveUntil('2026-03-05T02:00:00Z');
    expect(await all()).toEqual([]);
    expect(await moved(subscription)).toEqual([]);
    expect(await world.ask(sql`select status from inbox where event like 'dispute.%'`)).toEqual([
      { status: 'mismatched' },
    ]);
  });

  test('of a payment that is none of ours is kept, and has no effect', async () => {
    await paid();
    await raises('py-of-somebody-else', { referenceId: 'order-7', amount: { minor: 5n, currency: 'IDR' } });
    await tells();
    expect(await all()).toEqual([]);
    expect(await findings()).toEqual([]);
    expect(await world.ask(sql`select status from inbox where event like 'dispute.%'`)).toEqual([
      { status: 'ignored' },
    ]);
  });

  test('of a payment that our books have lost is told to a person, once', async () => {
    const { subscription } = await paid();
    await raises('py-lost', { referenceId: `due_${subscription}_7_1` });
    await tells();
    await world.receives({ ...notice(), n: 2 });
    await world.work();
    expect(await findings()).toMatchObject([{ kind: 'dispute', reference: DISPUTE, chargeId: null }]);
  });

  test('is believed where the account has no call that reads disputes, if it names our payment', async () => {
    const { subscription, paymentId } = await paid();
    const said = await raises(paymentId);
    gateway.disputed.calls = false;
    await tells();
    expect(await all()).toMatchObject([{ state: 'action_required', held: 150_000 }]);
    const other = { ...said, disputeId: 'mi-dspt-2', paymentId: 'py-invented' };
    await world.receives(noticeOf(other));
    await world.work();
    expect(await all()).toHaveLength(1);
    expect(await moved(subscription)).toHaveLength(2);
  });

  test('that speaks of another amount than the first did is no word about it', async () => {
    const { subscription } = await disputed();
    becomes('lost', { amount: { minor: 1n, currency: 'IDR' } });
    await tells();
    expect(await all()).toMatchObject([{ state: 'action_required', held: 150_000 }]);
    expect(await moved(subscription)).toHaveLength(2);
  });
});

function noticeOf(dispute: Awaited<ReturnType<typeof raises>>): object {
  const there = new Map(gateway.disputed.there);
  gateway.disputed.there.set(dispute.disputeId, dispute);
  const body = notice(dispute.disputeId);
  gateway.disputed.there.clear();
  for (const [id, one] of there) gateway.disputed.there.set(id, one);
  return body;
}

describe('a dispute whose webhook was lost', () => {
  test('is seen by the comparison of the books, and its end too', async () => {
    const { subscription, paymentId } = await paid();
    await raises(paymentId);
    world.moveTo('2026-03-02T05:00:00Z');
    await sweepBooks(ctx);
    expect(await world.charge(subscription)).toMatchObject({ charged_back: 150_000 });
    becomes('lost');
    world.moveTo('2026-03-03T06:00:00Z');
    await sweepBooks(ctx);
    expect((await moved(subscription)).at(-1)).toMatchObject({ kind: 'dispute.lost' });
    await whole();
  });

  test('is asked about each day while it is open', async () => {
    const { subscription } = await disputed();
    becomes('won');
    await world.liveUntil('2026-03-03T03:00:00Z');
    expect(await world.charge(subscription)).toMatchObject({ charged_back: 0 });
    await whole();
  });
});

test('a person is told two days before a dispute has to be answered, once', async () => {
  await disputed();
  const told = () => world.logged.filter(({ event }) => event === 'dispute has to be answered soon');
  await world.liveUntil('2026-03-07T01:59:00Z');
  expect(told()).toEqual([]);
  await world.liveUntil('2026-03-07T02:00:00Z');
  expect(told()).toMatchObject([{ level: 'error', facts: { dispute: DISPUTE } }]);
  await world.liveUntil('2026-03-12T02:00:00Z');
  expect(told()).toHaveLength(1);
});

describe('a customer who disputes a payment', () => {
  test('is charged no more until a person decides, whatever becomes of the dispute', async () => {
    const { subscription } = await disputed();
    const before = sent();
    becomes('won');
    await tells();
    await world.liveUntil('2026-04-03T03:00:00Z');
    expect(sent()).toBe(before);
    expect(await world.charge(subscription, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
    expect(await world.told(subscription)).toContain('subscription.stopped');
    await whole();
  });

  test('is not charged again by a retry that was planned before', async () => {
    const { subscription, paymentId } = await paid();
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-04-02T03:00:00Z');
    expect(await world.charge(subscription, 1)).toMatchObject({ status: 'due' });
    const before = sent();
    await raises(paymentId);
    await tells();
    expect(await world.charge(subscription, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
    const { id } = await world.charge(subscription, 1);
    expect(await releaseCharge(ctx, id, by)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('disputed'),
    });
    await world.liveUntil('2026-04-12T03:00:00Z');
    expect(sent()).toBe(before);
    await whole();
  });

  test('is not charged by an outcome that came after it was stopped', async () => {
    const { subscription, paymentId } = await paid();
    world.moveTo('2026-04-02T02:00:00Z');
    gateway.script(async () => {
      await raises(paymentId);
      await world.receives(notice());
      return declined('INSUFFICIENT_BALANCE');
    });
    await world.work();
    const before = sent();
    const { id } = await world.charge(subscription, 1);
    await world.liveUntil('2026-04-12T03:00:00Z');
    expect(sent()).toBe(before);
    expect(await world.charge(subscription, 1)).toMatchObject({ id, status: 'held', hold_reason: 'disputed' });
    expect(await retryCharge(ctx, id, by)).toMatchObject({ kind: 'refused' });
    await whole();
  });

  test('is charged again once a person says so: what was held is due, and is told with who and why', async () => {
    const { subscription } = await disputed();
    await world.liveUntil('2026-04-03T03:00:00Z');
    expect(await releaseDisputed(ctx, DISPUTE, by)).toMatchObject({
      kind: 'decided',
      dispute: { decidedBy: by.actor },
    });
    await world.work();
    expect(await world.charge(subscription, 1)).toMatchObject({ status: 'paid' });
    expect(await releaseDisputed(ctx, DISPUTE, by)).toMatchObject({ kind: 'refused' });
    expect(await world.told(subscription)).toContain('subscription.released');
    // What is told late stops nobody whom a person let go.
    await world.receives({ ...notice(), n: 2 });
    await world.work();
    await world.liveUntil('2026-05-03T03:00:00Z');
    expect(await world.charge(subscription, 2)).toMatchObject({ status: 'paid' });
    await whole();
  });

  test('of a first charge is charged no more over the method that was saved with it', async () => {
    const first = await world.create('sub-1', 'monthly', { firstCharge: 'in_session' });
    const session = (await world.subscription(first)).onboarding?.session_id ?? '';
    const { paymentId } = gateway.pays(session, {});
    await world.liveUntil('2026-03-02T02:10:00Z');
    const useMethod = (await world.subscription(first)).methods[0]?.id ?? '';
    const { customer } = createInput('sub-1');
    const other = await world.create('sub-2', 'monthly', { customer, useMethod });
    await world.work();
    const before = sent();
    await raises(paymentId);
    await tells();
    await world.liveUntil('2026-04-03T03:00:00Z');
    for (const id of [first, other])
      expect(await world.charge(id, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
    expect(sent()).toBe(before);
    await whole();
  });

  test('is charged no more for another subscription over the same method either', async () => {
    const { subscription, paymentId } = await paid();
    const { methods } = await world.subscription(subscription);
    const useMethod = methods[0]?.id ?? '';
    const { customer } = createInput('sub-1');
    const other = await world.create('sub-2', 'monthly', { customer, useMethod });
    await world.work();
    expect(await world.charge(other)).toMatchObject({ status: 'paid' });
    await raises(paymentId);
    await tells();
    await world.liveUntil('2026-04-03T03:00:00Z');
    expect(await world.charge(other, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
    await releaseDisputed(ctx, DISPUTE, by);
    await world.work();
    for (const id of [subscription, other]) expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    await whole();
  });

  test('goes on being charged where the plan says so, and is still told of', async () => {
    const { subscription } = await disputed('sub-1', 'goes-on');
    expect(await world.charge(subscription)).toMatchObject({ charged_back: 150_000 });
    await world.liveUntil('2026-04-03T03:00:00Z');
    expect(await world.charge(subscription, 1)).toMatchObject({ status: 'paid' });
    expect(await releaseDisputed(ctx, DISPUTE, by)).toMatchObject({ kind: 'refused' });
    await whole();
  });
});

describe('a refund', () => {
  test('is not given while a payment of the charge is disputed, and is once the dispute is won', async () => {
    const { charge } = await disputed();
    expect(await tries(charge)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('disputed') });
    becomes('won');
    await tells();
    expect(await tries(charge)).toMatchObject({ kind: 'asked' });
  });

  test('of what a lost dispute took is not given: nothing is left', async () => {
    const { charge } = await disputed();
    becomes('lost');
    await tells();
    expect(await tries(charge)).toMatchObject({ kind: 'refused' });
  });

  test('that was approved waits while a dispute is open, and leaves when it is won', async () => {
    const { subscription, charge, paymentId } = await paid();
    await asks(charge);
    await raises(paymentId, { channel: 'QRIS' });
    await world.receives(notice());
    await world.work();
    expect(gateway.refundsAsked).toEqual([]);
    becomes('won');
    await tells();
    await world.liveUntil('2026-03-03T02:00:00Z');
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await world.charge(subscription)).toMatchObject({ charged_back: 0 });
    await whole();
  });

  test('that is on its way when the bank takes the payment is spoken for: a person is told of what lacks', async () => {
    const { subscription, charge, paymentId } = await paid();
    await asks(charge, { amount: 50_000 });
    await world.work();
    await raises(paymentId);
    await tells();
    expect(await all()).toMatchObject([{ held: 100_000 }]);
    expect(await findings()).toMatchObject([{ kind: 'dispute', chargeId: charge }]);
    const [id = ''] = gateway.refundsThere.keys();
    gateway.refundEnds(id, 'succeeded');
    await world.receives(gateway.refundNotice(id));
    await world.work();
    expect(await world.charge(subscription)).toMatchObject({
      status: 'partially_refunded',
      refunded: 50_000,
      charged_back: 100_000,
    });
    await whole();
  });
});
