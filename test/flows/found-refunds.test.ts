import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import type { Refund } from '../../src/infra/gateway/refund.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { refundingIn } from '../support/refunding.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { paid, asks, all, ends, whole, moved } = refundingIn(world);

beforeEach(() => world.startOver(start));

const findings = async () => await openFindings(ctx.db, ctx.buckets, null, 10);

/** Somebody gives this back in Xendit's dashboard; it is over unless said otherwise. */
async function givesBack(minor: bigint, more: Partial<Refund> = {}): Promise<string> {
  const [row] = await world.ask<{ request: string }>(sql`select payment_request_id as request from attempts`);
  const refundId = more.refundId ?? 'rfd-made-there';
  const amount = { minor, currency: 'IDR' } as const;
  gateway.refundsThere.set(refundId, {
    refundId,
    referenceId: null,
    paymentRequestId: row?.request ?? null,
    paymentId: null,
    status: 'succeeded',
    amount,
    written: `IDR ${minor}`,
    reason: 'OTHERS',
    failureCode: null,
    fee: null,
    ...more,
  });
  return refundId;
}

async function sweeps(at: string): Promise<void> {
  world.moveTo(at);
  await sweepBooks(ctx);
}

describe('a refund that was made in Xendit’s dashboard', () => {
  test('is in the books once its webhook came, however often it comes', async () => {
    const { subscription } = await paid();
    const id = await givesBack(50_000n);
    await world.receives(gateway.refundNotice(id));
    // Documented with its envelope in its envelope; both forms are taken.
    const { data } = gateway.refundNotice(id) as { readonly data: object };
    await world.receives(data);
    await Promise.all([world.work(), world.workAs(world.another())]);
    expect(await all()).toMatchObject([{ origin: 'xendit', state: 'succeeded', number: null, refundId: id }]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'partially_refunded', refunded: 50_000 });
    expect(await moved(subscription)).toEqual([{ kind: 'refund.settled', money: -50_000, outcome: 'succeeded' }]);
    expect(await findings()).toEqual([]);
    await whole();
  });

  test('is seen by the comparison of the books where its webhook was lost', async () => {
    const { subscription } = await paid();
    await givesBack(150_000n);
    await sweeps('2026-03-02T05:00:00Z');
    expect(await world.charge(subscription)).toMatchObject({ status: 'refunded', refunded: 150_000 });
    await sweeps('2026-03-03T06:00:00Z');
    expect(await moved(subscription)).toHaveLength(1);
    await whole();
  });

  test('and is not over yet is asked about until it is', async () => {
    const { subscription } = await paid();
    const id = await givesBack(50_000n, { status: 'pending' });
    await world.receives(gateway.refundNotice(id));
    await world.work();
    expect(await all()).toMatchObject([{ state: 'pending' }]);
    gateway.refundEnds(id, 'succeeded');
    await world.liveUntil('2026-03-02T03:00:00Z');
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    await whole();
  });

  test('of more than came in moves nothing, and is told to a person with its charge, once', async () => {
    const { subscription, charge } = await paid();
    const id = await givesBack(150_001n);
    for (const n of [1, 2]) await world.receives({ ...gateway.refundNotice(id), n });
    await world.work();
    await sweeps('2026-03-02T05:00:00Z');
    expect(await findings()).toMatchObject([{ kind: 'returned', reference: id, chargeId: charge, amount: null }]);
    expect(world.logged.filter(({ event }) => event === 'payment was given back')).toMatchObject([{ level: 'error' }]);
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', refunded: 0 });
  });

  test('of a payment that is none of ours, or that Xendit does not know, leaves nothing', async () => {
    await paid();
    await world.receives({ event: 'refund.succeeded', data: { id: 'rfd-forged', payment_request_id: 'pr-1' } });
    const id = await givesBack(1n, { paymentRequestId: 'pr-of-somebody' });
    await world.receives(gateway.refundNotice(id));
    await world.work();
    expect(await world.ask(sql`select status from inbox`)).toEqual([{ status: 'ignored' }, { status: 'ignored' }]);
    expect([await all(), await findings()]).toEqual([[], []]);
  });
});

describe('a refund of ours that nobody knows about', () => {
  const breaches = async () =>
    (await checkInvariants(ctx)).filter(({ broken }) => broken > 0).map(({ invariant }) => invariant);
  /** Of all that came in, while somebody gives most of it back in the dashboard, as they are told to look there. */
  async function overtaken(): Promise<string> {
    const { subscription, charge } = await paid();
    gateway.refundSays({ kind: 'silent', detail: 'no whole answer' }, false);
    await asks(charge);
    await world.work();
    await world.receives(gateway.refundNotice(await givesBack(100_000n)));
    await world.work();
    return subscription;
  }

  test('is no fault of the books when somebody gives the money back in the dashboard meanwhile', async () => {
    const subscription = await overtaken();
    expect(await world.charge(subscription)).toMatchObject({ refunded: 100_000 });
    expect((await all()).map(({ state, origin }) => `${origin}: ${state}`).toSorted()).toEqual([
      'dueday: unknown',
      'xendit: succeeded',
    ]);
    await whole();
  });

  test('is one when Xendit has both, or when more is asked for than came in', async () => {
    await overtaken();
    await world.above(`update refunds set state = 'pending', refund_id = 'rfd-2' where state = 'unknown'`);
    expect(await breaches()).toEqual(['refunds']);
    await world.above(
      `update refunds set state = 'unknown', refund_id = null, amount = 150001 where state = 'pending'`,
    );
    expect(await breaches()).toEqual(['refunds']);
  });
});

describe('a refund of ours', () => {
  test('whose webhook was lost and whose asking ended is settled by the comparison of the books', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, { amount: 50_000 });
    await world.work();
    const [id = ''] = gateway.refundsThere.keys();
    gateway.refundEnds(id, 'succeeded');
    await sweeps('2026-03-02T05:00:00Z');
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    gateway.refundEnds(id, 'failed');
    await sweeps('2026-03-03T06:00:00Z');
    expect(await world.charge(subscription)).toMatchObject({ refunded: 0, status: 'paid' });
    await whole();
  });

  test('whose row was lost is written down again, and no later one has its name', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, { amount: 50_000 });
    await world.work();
    await ends('succeeded');
    await world.above('delete from refunds');
    await world.above(`update charges set refunded = 0, status = 'paid'`);
    await sweeps('2026-03-02T05:00:00Z');
    expect(await all()).toMatchObject([{ origin: 'xendit', number: 1, state: 'succeeded' }]);
    expect(await asks(charge, { amount: 1_000 })).toMatchObject({ referenceId: `due_${subscription}_r2` });
  });
});

describe('what came in too much', () => {
  test('is given back by one act, payment by payment, and its proposal is closed', async () => {
    const subscription = await world.onboard('sub-1');
    gateway.script(
      declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-first', paymentId: 'py-first' }),
      succeeded(),
    );
    await world.work();
    const [first] = gateway.sent;
    await world.liveUntil('2026-03-05T02:00:00Z');
    const late = { ...succeeded(), paymentRequestId: 'pr-first', paymentId: 'py-first' };
    gateway.booked.push({
      transactionId: 'txn-late',
      referenceId: first?.referenceId ?? '',
      createdAt: world.now(),
      status: 'succeeded',
      amount: { minor: 150_000n, currency: 'IDR' },
      written: 'IDR 150000',
      paymentId: late.paymentId,
      paymentRequestId: late.paymentRequestId,
    });
    await sweeps('2026-03-05T05:00:00Z');
    const charge = await world.charge(subscription);
    expect(charge).toMatchObject({ status: 'paid', overpaid: 150_000 });
    expect(await findings()).toMatchObject([{ kind: 'overpayment', paymentRequestId: 'pr-first' }]);
    await asks(charge.id, { reason: 'DUPLICATE' });
    await world.work();
    expect(gateway.refundsAsked).toMatchObject([{ paymentRequestId: 'pr-first', reason: 'DUPLICATE' }]);
    await ends('succeeded');
    expect(await findings()).toEqual([]);
    // The charge is paid as it was: only what was too much went back.
    expect(await world.charge(subscription)).toMatchObject({ status: 'paid', refunded: 150_000 });
    await whole();
  });
});
