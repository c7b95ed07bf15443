import { beforeEach, describe, expect, test } from 'vitest';
import { reconcile } from '../../src/flows/books/reconcile.ts';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { comparing } from '../support/comparing.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { books, sentAs, sweep, findings, errors } = comparing(world);
beforeEach(() => world.startOver(start));

const wallet = { channelCode: 'OVO', network: null };
const noMoney = () => declined('INSUFFICIENT_BALANCE');
const always = { from: null, until: null };

describe('money that we have and Xendit does not', () => {
  const paidAt = async (plan = 'monthly') => {
    const id = await world.onboard('order-1', plan);
    await world.work();
    return { id, referenceId: sentAs(1).referenceId };
  };

  test.each([
    ['knows nothing of', { kind: 'absent' } as const, 'knows nothing'],
    ['says was declined', { kind: 'found', outcome: declined('STOLEN_CARD') } as const, 'STOLEN_CARD'],
    [
      'says went back',
      { kind: 'found', outcome: { kind: 'unknown', detail: 'transaction REVERSED', paymentRequestId: null } } as const,
      'REVERSED',
    ],
  ])('and that Xendit %s, asked by name, is told to the admin once', async (_, answer, words) => {
    const { id, referenceId } = await paidAt();
    gateway.finds(referenceId, answer);
    await sweep('2026-01-31T05:00:00Z');
    await sweep('2026-02-01T06:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'not_at_xendit', reference: referenceId, amount: null, open: true, why: expect.stringContaining(words) },
    ]);
    expect(errors()).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('is no difference when the list was late and Xendit knows it by name', async () => {
    await paidAt();
    await sweep('2026-01-31T05:00:00Z');
    expect(await findings()).toEqual([]);
    expect(gateway.asked).toHaveLength(1);
  });

  test('is not judged while Xendit does not answer', async () => {
    const { referenceId } = await paidAt();
    gateway.finds(referenceId, { kind: 'unanswered', detail: 'cut' });
    world.moveTo('2026-01-31T05:00:00Z');
    const done = await reconcile(ctx, '', always, () => undefined);
    expect(done?.tally).toMatchObject({ unanswered: 1 });
    expect(await findings()).toEqual([]);
  });

  test('is left alone while it is younger than the lag of Xendit’s books', async () => {
    const { referenceId } = await paidAt();
    gateway.finds(referenceId, { kind: 'absent' });
    await sweep('2026-01-31T02:59:00Z');
    expect(await findings()).toEqual([]);
    expect(gateway.asked).toEqual([]);
  });

  test('closes by itself when Xendit has it after all, and opens again when it is gone again', async () => {
    const { referenceId } = await paidAt();
    gateway.finds(referenceId, { kind: 'absent' });
    await sweep('2026-01-31T05:00:00Z');
    gateway.finds(referenceId, { kind: 'found', outcome: succeeded() });
    // Long after its day is no longer read.
    await sweep('2026-03-20T06:00:00Z');
    expect(await findings()).toMatchObject([{ open: false, closed_why: 'The books agree now.' }]);
    world.moveTo('2026-03-21T07:00:00Z');
    gateway.finds(referenceId, { kind: 'absent' });
    await reconcile(ctx, '', { from: Temporal.Instant.from(start), until: null }, () => undefined);
    expect(await findings()).toMatchObject([{ open: true, closed_why: null }]);
  });

  test('without end is the key of another account: nobody is asked about a thousand times', async () => {
    const { id } = await paidAt();
    await world.above(`insert into ledger select bucket, subscription_id, seq + n, gen_random_uuid(), at, kind,
      subscription_reference, plan, customer_reference, charge_id, cycle, period_start, period_end, attempt,
      reference_id || n, channel, amount, currency, money, outcome, failure_code, class, decision, why,
      payment_request_id, payment_id, catalog_version, actor, prev_hash, hash
      from ledger, generate_series(1000, 1300) n where kind = 'charge.paid' and subscription_id = '${id}'`);
    await sweep('2026-01-31T05:00:00Z');
    expect(gateway.asked).toHaveLength(200);
    expect(await findings()).toHaveLength(199);
    expect(errors().at(-1)).toMatchObject({
      event: 'books not compared',
      facts: { why: expect.stringContaining('key') },
    });
  });
});

describe('a success that came late leaves a row', () => {
  test('and is counted by the comparison that found it', async () => {
    const [, given] = [await world.onboard('order-1'), await world.onboard('order-2', 'three')];
    gateway.otherwise(noMoney());
    await world.work();
    for (const number of [1, 2]) books(sentAs(number));
    world.moveTo('2026-01-31T04:00:00Z');
    const done = await reconcile(ctx, '', always, () => undefined);
    expect(done?.tally).toMatchObject({ read: 2, matched: 0, settled: 2, found: { late_success: 2, overpayment: 0 } });
    expect(done?.open).toMatchObject([{ kind: 'late_success', subscription_id: given }]);
  });

  test('with nothing to decide when it paid what was owed', async () => {
    await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    books(sentAs(1));
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'late_success', open: false, amount: null, closed_why: expect.stringContaining('It paid the charge') },
    ]);
  });

  test('with a refund proposed when the subscription had been given up', async () => {
    await world.onboard('order-1', 'three');
    gateway.script(noMoney());
    await world.work();
    const late = books(sentAs(1));
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'late_success', open: true, amount: 50_000, currency: 'IDR', payment_id: late.paymentId },
    ]);
  });

  test('with a refund proposed when a person had voided the charge', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    await voidCharge(ctx, (await world.charge(id)).id, { actor: 'siti', reason: null });
    books(sentAs(1));
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([{ kind: 'overpayment', open: true, amount: 150_000 }]);
  });

  test('no row for a success that was only slow', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(unknown());
    await world.work();
    books(sentAs(1));
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    await sweep('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await findings()).toEqual([]);
  });
});
