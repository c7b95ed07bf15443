import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { releaseDisputed } from '../../src/flows/disputes/release-disputed.ts';
import { payOutside } from '../../src/flows/paying/pay-outside.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { byHand } from '../support/by-hand.ts';
import { createInput } from '../support/create-input.ts';
import { DISPUTE, disputingIn } from '../support/disputing.ts';
import { refundingIn } from '../support/refunding.ts';
import { testWorld } from '../support/world.ts';

/* Disputes beside refunds that wait or fail, after an end, and over a method that others are charged to. */

const start = '2026-03-02T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { paid, raises, becomes, notice, tells, all, whole } = disputingIn(world);
const { asks, tries, ends, all: refunds } = refundingIn(world);
const { owing, linkTo, press } = byHand(world);
beforeEach(() => world.startOver(start));

const by = { actor: 'api:finance:ana', reason: 'the customer called and takes it back' };
const findings = async () => await openFindings(ctx.db, ctx.buckets, null, 10);

async function again(reference: string, subscription: string) {
  const { methods } = await world.subscription(subscription);
  const { customer } = createInput('sub-1');
  return { ...createInput(reference, 'monthly'), customer, useMethod: methods[0]?.id ?? '' };
}

describe('a refund', () => {
  test.each(['CARDS', 'QRIS'])(
    'that waits while a dispute of %s is lost is not sent: the bank has the money',
    async (channel) => {
      const { subscription, charge, paymentId } = await paid();
      await asks(charge);
      await raises(paymentId, { channel });
      await world.receives(notice());
      await world.work();
      becomes('lost');
      await tells();
      await world.liveUntil('2026-03-12T02:00:00Z');
      expect(gateway.refundsAsked).toEqual([]);
      expect(await refunds()).toMatchObject([{ state: 'approved', why: expect.stringContaining('withdraw') }]);
      expect(await world.charge(subscription)).toMatchObject({ charged_back: 150_000 });
      await whole();
    },
  );

  test.each(['before', 'after'])('asked for %s a dispute is lost is not given out of another payment', async (when) => {
    const { id, chargeId } = await owing();
    const session = await press(await linkTo(chargeId));
    const receivedOn = Temporal.PlainDate.from('2026-03-01');
    const slip = { amount: 150_000, currency: 'IDR', receivedOn, evidence: 'slip 1', chargeId, ...by };
    await payOutside(ctx, id, slip);
    const { paymentId } = gateway.pays(session);
    const data = { payment_session_id: session, status: 'COMPLETED' };
    await world.receives({ event: 'payment_session.completed', data });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ collected: 150_000, overpaid: 150_000 });
    if (when === 'before') await asks(chargeId);
    await raises(paymentId, { channel: 'QRIS' });
    await world.receives(notice());
    await world.work();
    becomes('lost');
    await tells();
    expect(await world.charge(id)).toMatchObject({ charged_back: 150_000 });
    if (when === 'after') expect(await tries(chargeId)).toMatchObject({ kind: 'refused' });
    await world.liveUntil('2026-03-12T02:00:00Z');
    expect(gateway.refundsAsked).toEqual([]);
    await whole();
  });

  test('that had failed, and left after all when the bank has the money, is told to a person', async () => {
    const { charge, paymentId } = await paid();
    await asks(charge);
    await world.work();
    await ends('failed');
    await raises(paymentId);
    await tells();
    expect(await all()).toMatchObject([{ held: 150_000 }]);
    await ends('succeeded');
    expect(await world.ask(sql`select event from inbox where status = 'received'`)).toEqual([]);
    expect(await findings()).toMatchObject([{ kind: 'returned', chargeId: charge }]);
    await whole();
  });

  test('that fails once a dispute is lost leaves its money with the bank', async () => {
    const { subscription, charge, paymentId } = await paid();
    await asks(charge, { amount: 50_000 });
    await world.work();
    await raises(paymentId);
    await tells();
    becomes('lost');
    await tells();
    expect(await all()).toMatchObject([{ held: 100_000, state: 'lost' }]);
    await ends('failed');
    await world.liveUntil('2026-03-05T02:00:00Z');
    await sweepBooks(ctx);
    expect(await world.charge(subscription)).toMatchObject({ charged_back: 150_000 });
    await whole();
  });
});

describe('a customer who disputes a payment', () => {
  test('is charged no more when a dispute is taken up again that was won when it was first heard of', async () => {
    const { subscription, paymentId } = await paid();
    await raises(paymentId, { state: 'won' });
    await tells();
    world.moveTo('2026-03-02T03:00:00Z');
    becomes('action_required');
    await tells();
    await world.liveUntil('2026-04-03T03:00:00Z');
    expect(await world.charge(subscription, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
    await whole();
  });

  test('is charged over that method by no new subscription before a person decides', async () => {
    const { subscription, paymentId } = await paid();
    await raises(paymentId);
    await tells();
    const wish = await again('sub-2', subscription);
    expect(await createSubscription(ctx, wish)).toMatchObject({
      kind: 'unfit',
      fault: { field: 'onboarding.use_method', message: expect.stringContaining('disputed') },
    });
    await releaseDisputed(ctx, DISPUTE, by);
    expect(await createSubscription(ctx, wish)).toMatchObject({ kind: 'created' });
  });

  test('is charged no more for the others either where whoever heard of it died at once', async () => {
    const { subscription, paymentId } = await paid();
    const { useMethod, customer } = await again('sub-2', subscription);
    const other = await world.create('sub-2', 'monthly', { customer, useMethod });
    await world.work();
    await raises(paymentId, { state: 'lost' });
    world.moveTo('2026-03-02T05:00:00Z');
    const error: typeof ctx.log.error = (event, facts) => {
      if (event === 'dispute was lost') throw new Error('dies');
      ctx.log.error(event, facts);
    };
    await sweepBooks({ ...ctx, log: { ...ctx.log, error } });
    expect(await all()).toMatchObject([{ state: 'lost' }]);
    world.moveTo('2026-03-03T06:00:00Z');
    await sweepBooks(ctx);
    await world.liveUntil('2026-04-03T03:00:00Z');
    expect(await world.charge(other, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
    await whole();
  });
});
