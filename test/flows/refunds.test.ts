import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { MovedMeanwhile } from '../../src/flows/change/as-seen.ts';
import { askRefund } from '../../src/flows/refunds/ask-refund.ts';
import { approveRefund, withdrawRefund } from '../../src/flows/refunds/decide-refund.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { refundingIn } from '../support/refunding.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const catalog = plainCatalog.replace('defaults:', 'defaults:\n  refunds: { four_eyes: { IDR: 100000 } }');
const world = await testWorld({ at: start, catalog });
const { ctx, gateway } = world;
const { paid, tries, asks, all, ends, whole, moved } = refundingIn(world);

beforeEach(() => world.startOver(start));

const part = { amount: 50_000 };
const later = (duration: Temporal.DurationLike) => world.liveUntil(world.now().add(duration).toString());

describe('a refund', () => {
  test('is written down before Xendit is asked for it, and in the books once the money left', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    expect(gateway.refundsAsked).toHaveLength(0);
    await world.work();
    expect(gateway.refundsAsked).toMatchObject([
      { referenceId: `due_${subscription}_r1`, reason: 'REQUESTED_BY_CUSTOMER' },
    ]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', refunded: 0 });
    expect(await all()).toMatchObject([{ state: 'pending' }]);
    await ends('succeeded');
    expect(await world.charge(subscription)).toMatchObject({ status: 'partially_refunded', refunded: 50_000 });
    expect(await moved(subscription)).toEqual([
      { kind: 'refund.requested', money: 0, outcome: 'approved' },
      { kind: 'refund.sent', money: 0, outcome: null },
      { kind: 'refund.settled', money: -50_000, outcome: 'succeeded' },
    ]);
    await whole();
  });

  test('is asked for, approved and withdrawn only as whoever decides saw it', async () => {
    const { subscription, charge } = await paid();
    const [row] = await world.ask<{ seq: number }>(sql`select ledger_seq as seq from subscriptions`);
    const seq = row?.seq ?? 0;
    const seen = { ...ctx, asSeen: { subscription, seq } };
    const { id } = await asks(charge);
    const by = { actor: 'api:finance:budi', reason: null };
    const wish = {
      amount: 1_000,
      reason: 'OTHERS',
      note: 'the customer asked for it',
      actor: 'api:finance:ana',
    } as const;
    await expect(askRefund(seen, charge, wish)).rejects.toThrow(MovedMeanwhile);
    await expect(approveRefund(seen, id, by)).rejects.toThrow(MovedMeanwhile);
    await expect(withdrawRefund(seen, id, by)).rejects.toThrow(MovedMeanwhile);
    expect(await all()).toMatchObject([{ state: 'wanted' }]);
  });

  test('whose webhook is lost is asked about, and ends all the same', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    const [id = ''] = gateway.refundsThere.keys();
    gateway.refundEnds(id, 'succeeded');
    await later({ minutes: 29 });
    expect(await all()).toMatchObject([{ state: 'pending' }]);
    await later({ minutes: 2 });
    expect(await all()).toMatchObject([{ state: 'succeeded' }]);
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
  });

  test('that fails gives nothing back, and says why', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    await ends('failed', 'ACCOUNT_NOT_FOUND');
    expect(await all()).toMatchObject([
      { state: 'failed', why: expect.stringContaining('their account was not found') },
    ]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', refunded: 0 });
    expect((await moved(subscription)).at(-1)).toEqual({ kind: 'refund.failed', money: 0, outcome: 'failed' });
    await whole();
  });

  test('that fails after it had succeeded is in the charge again, and a success after that is out of it once more', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    await ends('succeeded');
    await ends('failed');
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', refunded: 0 });
    expect((await moved(subscription)).at(-1)).toEqual({ kind: 'refund.settled', money: 50_000, outcome: 'failed' });
    await whole();
    const [id = ''] = gateway.refundsThere.keys();
    gateway.refundEnds(id, 'succeeded');
    await world.receives({ ...gateway.refundNotice(id), again: true });
    await world.work();
    expect(await world.charge(subscription)).toMatchObject({ status: 'partially_refunded', refunded: 50_000 });
    await whole();
  });

  test('is told of twenty times at once, and counted once', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    const [id = ''] = gateway.refundsThere.keys();
    gateway.refundEnds(id, 'succeeded');
    await Promise.all(Array.from({ length: 20 }, (_, n) => world.receives({ ...gateway.refundNotice(id), n })));
    await Promise.all([world.work(), world.workAs(world.another()), world.workAs(world.another())]);
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    expect((await moved(subscription)).filter(({ kind }) => kind === 'refund.settled')).toHaveLength(1);
    await whole();
  });

  test('that Xendit has and calls pending is not taken for money that left, whatever a webhook says', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    const [id = ''] = gateway.refundsThere.keys();
    await world.receives({ event: 'refund.succeeded', data: { id, reference_id: `due_${subscription}_r1` } });
    await world.work();
    expect(await all()).toMatchObject([{ state: 'pending' }]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', refunded: 0 });
  });
});

describe('never more is given back than came in', () => {
  test('a hundred who ask at once get one refund of the payment, and the others are told why', async () => {
    const { subscription, charge } = await paid();
    const answers = await Promise.all(Array.from({ length: 100 }, () => tries(charge, part)));
    expect(answers.filter(({ kind }) => kind === 'asked')).toHaveLength(1);
    expect(answers.find(({ kind }) => kind === 'refused')).toMatchObject({
      detail: expect.stringContaining('under way'),
    });
    await world.work();
    await ends('succeeded');
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    await whole();
  });

  test('a second part is the rest at most, and after it nothing is left', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    await ends('succeeded');
    expect(await tries(charge, { amount: 100_001 })).toEqual({
      kind: 'refused',
      detail: 'amount must be at most IDR 100,000: that is left of the payment.',
    });
    const rest = await asks(charge);
    expect(rest).toMatchObject({ amount: 100_000n, state: 'wanted', number: 2 });
    await approveRefund(ctx, rest.id, { actor: 'api:finance:budi', reason: null });
    await world.work();
    const id = [...gateway.refundsThere.keys()][1] ?? '';
    gateway.refundEnds(id, 'succeeded');
    await world.receives(gateway.refundNotice(id));
    await world.work();
    expect(await world.charge(subscription)).toMatchObject({ status: 'refunded', refunded: 150_000 });
    expect(await tries(charge)).toEqual({ kind: 'refused', detail: 'All that was collected has been given back.' });
    await whole();
  });

  test('of a charge that nothing came in for nothing is given back', async () => {
    const subscription = await world.onboard('sub-1');
    gateway.otherwise(() => ({ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null }));
    await world.work();
    const { id } = await world.charge(subscription);
    expect(await tries(id)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('nothing to give back') });
    expect(await tries('00000000-0000-4000-8000-000000000000')).toEqual({ kind: 'not_found' });
  });
});

describe('four eyes', () => {
  test('more than the catalog lets one person give back waits for a second, who is not the one who asked', async () => {
    const { charge } = await paid();
    const refund = await asks(charge);
    expect(refund).toMatchObject({ state: 'wanted', amount: 150_000n });
    await later({ hours: 1 });
    expect(gateway.refundsAsked).toEqual([]);
    const ana = { actor: 'api:finance:ana', reason: null };
    expect(await approveRefund(ctx, refund.id, ana)).toMatchObject({ kind: 'forbidden' });
    const budi = { actor: 'api:finance:budi', reason: 'checked with the shop' };
    expect(await approveRefund(ctx, refund.id, budi)).toMatchObject({
      kind: 'decided',
      refund: { approvedBy: 'api:finance:budi' },
    });
    expect(await approveRefund(ctx, refund.id, budi)).toMatchObject({ kind: 'refused' });
    await world.work();
    expect(gateway.refundsAsked).toHaveLength(1);
  });

  test('several small refunds of one charge are no way around it', async () => {
    const { charge } = await paid();
    await asks(charge, { amount: 100_000 });
    await world.work();
    await ends('succeeded');
    expect(await asks(charge, { amount: 1 })).toMatchObject({ state: 'wanted' });
  });

  test('one that is withdrawn is never sent, and its payment is free again', async () => {
    const { subscription, charge } = await paid();
    const refund = await asks(charge);
    const by = { actor: 'api:finance:ana', reason: 'a mistake' };
    expect(await withdrawRefund(ctx, refund.id, by)).toMatchObject({ kind: 'decided' });
    expect(await withdrawRefund(ctx, refund.id, by)).toMatchObject({ kind: 'refused' });
    await later({ hours: 24 });
    expect(gateway.refundsAsked).toEqual([]);
    expect((await moved(subscription)).at(-1)).toEqual({ kind: 'refund.failed', money: 0, outcome: 'withdrawn' });
    expect(await asks(charge, part)).toMatchObject({ state: 'approved', number: 2 });
    await whole();
  });
});

describe('a channel that does not give it back is not asked', () => {
  test('after the days in which it does', async () => {
    const { charge } = await paid('sub-1', { channelCode: 'OVO', network: null });
    world.moveTo('2026-03-16T02:00:00Z');
    expect(await tries(charge, part)).toMatchObject({ kind: 'asked' });
    await world.startOver(start);
    const late = await paid('sub-1', { channelCode: 'OVO', network: null });
    world.moveTo('2026-03-16T02:00:01Z');
    expect(await tries(late.charge, part)).toEqual({
      kind: 'refused',
      detail: 'OVO gives money back for 14 days, and this was paid 14 days ago: pay the customer in another way.',
    });
  });

  test('a part, where it gives the whole back alone', async () => {
    const { charge } = await paid('sub-1', { channelCode: 'BRI_DIRECT_DEBIT', network: null });
    expect(await tries(charge, part)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('no part of it'),
    });
    expect(await tries(charge)).toMatchObject({ kind: 'asked' });
  });
});

test('nothing is sent while charging is stopped, and all once it goes on', async () => {
  const { charge } = await paid();
  await asks(charge, part);
  await stopCharging(world.db, '', world.now(), 'a person stopped it');
  await later({ hours: 3 });
  expect(gateway.refundsAsked).toEqual([]);
  expect(await all()).toMatchObject([{ state: 'approved' }]);
  await world.above('update charging set stopped_at = null, reason = null, stopped_by = null');
  await world.work();
  expect(gateway.refundsAsked).toHaveLength(1);
});
