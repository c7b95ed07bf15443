import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { settleAttempts } from '../../src/flows/due-date/settle-attempts.ts';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway, db } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const noMoney = () => declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-first', paymentId: 'py-first' });
const paidLate = { kind: 'succeeded', paymentRequestId: 'pr-first', paymentId: 'py-late' } as const;
const moneyOf = async (id: string) =>
  (await chainOf(db, bucketOf(id), id)).reduce((sum, row) => sum + Number(row.money), 0);

/** The webhook about the n-th attempt, and what Xendit answers when it is asked about it. */
async function hear(number: number, outcome: Parameters<typeof paymentEvent>[1]): Promise<void> {
  const sent = gateway.sent[number - 1];
  if (sent === undefined) throw new Error(`Attempt ${number} was not sent.`);
  gateway.finds(sent.referenceId, { kind: 'found', outcome });
  await world.receives(paymentEvent(sent, outcome));
}

describe('a success that comes after a decline', () => {
  test('pays the charge, takes it out of dunning, and its retries stop', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    await hear(1, paidLate);
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      collected: 150_000,
      next_attempt_at: null,
      attempts: [{ outcome: 'succeeded', payment_id: 'py-late' }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(gateway.sent).toHaveLength(1);
    expect(await moneyOf(id)).toBe(150_000);
  });

  test('and after another attempt has paid is too much: recorded, and the charge stays paid', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney(), succeeded());
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    await hear(1, paidLate);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect(await world.told(id)).toContain('payment.overpaid');
    expect(await moneyOf(id)).toBe(300_000);
    expect((await world.charge(id)).attempts[0]?.decision).toMatchObject({
      kind: 'overpaid',
      rule: 'success_after_success',
    });
  });

  test.each([
    ['succeeds too, is too much', succeeded(), { overpaid: 150_000 }, 300_000],
    ['is declined, pays once', noMoney(), { overpaid: 0 }, 150_000],
  ])('while the next attempt is on its way, which %s', async (_, second, expected, money) => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney(), async () => {
      await hear(1, paidLate);
      await processWebhooks(world.another());
      return second;
    });
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, ...expected });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await moneyOf(id)).toBe(money);
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(gateway.sent).toHaveLength(2);
  });

  test('and after the subscription was given up pays the charge; the subscription stays canceled', async () => {
    const id = await world.onboard('order-1', 'three');
    gateway.script(noMoney());
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
    await hear(1, paidLate);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 50_000 });
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });

  test('and after a person voided the charge is too much', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    await voidCharge(ctx, (await world.charge(id)).id, { actor: 'siti', reason: null });
    await hear(1, paidLate);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'void', collected: 0, overpaid: 150_000 });
    expect(await moneyOf(id)).toBe(150_000);
  });
});

describe('a failure that comes late', () => {
  test('after a success changes nothing', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ kind: 'succeeded', paymentRequestId: 'pr-first', paymentId: 'py-first' });
    await world.work();
    const before = [await world.charge(id), await world.told(id)];
    await hear(1, noMoney());
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect([await world.charge(id), await world.told(id)]).toEqual(before);
  });

  test('after a success changes nothing, through whichever door it comes, and nobody is woken for it', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const before = [await world.charge(id), await world.told(id)];
    const [attempt] = await world.ask<{ id: string }>(sql`select id from attempts`);
    await settleAttempts(ctx, [{ attemptId: attempt?.id ?? '', outcome: noMoney() }], world.now());
    expect([await world.charge(id), await world.told(id)]).toEqual(before);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('after the same failure changes nothing: no ladder step is spent twice', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    const before = await world.charge(id);
    world.moveTo('2026-01-31T12:00:00Z');
    await hear(1, { ...noMoney(), code: 'CARD_DECLINED' });
    await world.work();
    expect(await world.charge(id)).toEqual(before);
  });
});
