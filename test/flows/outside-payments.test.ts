import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { type OutsidePayment, payOutside } from '../../src/flows/paying/pay-outside.ts';
import { askRefund } from '../../src/flows/refunds/ask-refund.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { collectedPage } from '../../src/infra/tables/books/ledger.ts';
import { byHand } from '../support/by-hand.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { owing, linkTo, press } = byHand(world);
beforeEach(() => world.startOver(start));

const finance = { actor: 'api:finance:ana', reason: 'paid by bank transfer' };

let slips = 0;
function slip(more: Partial<OutsidePayment> = {}): OutsidePayment {
  slips += 1;
  const receivedOn = Temporal.PlainDate.from('2026-01-31');
  return {
    amount: 150_000,
    currency: 'IDR',
    receivedOn,
    evidence: `slip ${slips}`,
    chargeId: null,
    ...finance,
    ...more,
  };
}

const statusOf = async (id: string, cycle = 0) => (await world.charge(id, cycle)).status;
const creditOf = async (id: string) => (await world.subscription(id)).credit;
const whole = async () => expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
const moved = (id: string) =>
  world.ask(sql`select kind, money::int as money, credit::int as credit from ledger
    where subscription_id = ${id} and (money <> 0 or credit <> 0) order by seq`);

describe('money that came in elsewhere', () => {
  test('pays the open charge that it covers exactly, which is asked for no more and ends its dunning', async () => {
    const { id } = await owing();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    expect(await payOutside(ctx, id, slip())).toMatchObject({
      kind: 'recorded',
      charges: [{ charge: { status: 'paid' } }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', credit: 0 });
    await world.liveUntil('2026-02-20T02:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(await moved(id)).toEqual([{ kind: 'charge.paid', money: 150_000, credit: null }]);
    await whole();
  });

  test('that is less becomes credit, and parts add up until they cover the charge', async () => {
    const { id } = await owing();
    expect(await payOutside(ctx, id, slip({ amount: 100_000 }))).toMatchObject({ kind: 'recorded', charges: [] });
    expect([await statusOf(id), await creditOf(id)]).toEqual(['due', 100_000]);
    expect(await payOutside(ctx, id, slip({ amount: 60_000 }))).toMatchObject({ charges: [{}] });
    expect([await statusOf(id), await creditOf(id)]).toEqual(['paid', 10_000]);
    expect(await moved(id)).toEqual([
      { kind: 'payment.received', money: 100_000, credit: 100_000 },
      { kind: 'payment.received', money: -90_000, credit: -90_000 },
      { kind: 'charge.paid', money: 150_000, credit: null },
    ]);
    await whole();
  });

  test('that is more leaves the rest as credit, which the next charge uses', async () => {
    const { id } = await owing();
    await payOutside(ctx, id, slip({ amount: 200_000 }));
    expect([await statusOf(id), await creditOf(id)]).toEqual(['paid', 50_000]);
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ credit_used: 50_000, amount: 100_000 });
    await whole();
  });

  test('for several pays the oldest first, and none behind one that it does not cover', async () => {
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('order-1', 'patient');
    await world.liveUntil('2026-02-14T03:00:00Z');
    const statuses = () => Promise.all([0, 1, 2].map((cycle) => statusOf(id, cycle)));
    expect(await statuses()).toEqual(['due', 'due', 'due']);
    await payOutside(ctx, id, slip({ amount: 20_000 }));
    expect([await statuses(), await creditOf(id)]).toEqual([['due', 'due', 'due'], 20_000]);
    await payOutside(ctx, id, slip({ amount: 40_000 }));
    expect([await statuses(), await creditOf(id)]).toEqual([['paid', 'paid', 'due'], 10_000]);
    const last = (await world.charge(id, 2)).id;
    await payOutside(ctx, id, slip({ amount: 25_000, chargeId: last }));
    expect([await statuses(), await creditOf(id)]).toEqual([['paid', 'paid', 'paid'], 10_000]);
    await whole();
  });

  test('while an attempt is on its way is refused, for the attempt may collect it too', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    const { id: chargeId, status } = await world.charge(id);
    expect(status).toBe('attempting');
    for (const one of [slip(), slip({ chargeId })])
      expect(await payOutside(ctx, id, one)).toMatchObject({
        kind: 'refused',
        detail: expect.stringContaining('on its way'),
      });
    expect(await moved(id)).toEqual([]);
  });

  test('with the same evidence counts once, also where two write it down together', async () => {
    const { id } = await owing();
    const one = slip({ amount: 40_000 });
    const answers = await Promise.all([payOutside(ctx, id, one), payOutside(ctx, id, one), payOutside(ctx, id, one)]);
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['recorded', 'refused', 'refused']);
    expect(await creditOf(id)).toBe(40_000);
    await whole();
  });

  test('with the same evidence counts once, however its blanks are written', async () => {
    const { id } = await owing();
    await payOutside(ctx, id, slip({ amount: 40_000, evidence: 'statement 2026-01, line 17' }));
    for (const evidence of ['statement 2026-01,  line 17 ', 'state\u{200b}ment 2026-01,\u00a0line 17'])
      expect(await payOutside(ctx, id, slip({ amount: 40_000, evidence }))).toMatchObject({ kind: 'refused' });
    expect(await creditOf(id)).toBe(40_000);
  });

  test('for a charge that is paid or void is refused', async () => {
    const { id, chargeId } = await owing();
    await payOutside(ctx, id, slip({ chargeId }));
    expect(await payOutside(ctx, id, slip({ chargeId }))).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('is paid'),
    });
    const other = await owing('order-2');
    await voidCharge(ctx, other.chargeId, finance);
    expect(await payOutside(ctx, other.id, slip({ chargeId: other.chargeId }))).toMatchObject({ kind: 'refused' });
    expect(await payOutside(ctx, id, slip({ chargeId: other.chargeId }))).toMatchObject({ kind: 'invalid' });
  });

  test('pays what was given up, and what a canceled subscription still owes', async () => {
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('order-1');
    await world.liveUntil('2026-02-27T03:00:00Z');
    const { id: chargeId, status } = await world.charge(id);
    expect(status).toBe('uncollectible');
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    await payOutside(ctx, id, slip({ chargeId }));
    expect(await statusOf(id)).toBe('paid');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
    await whole();
  });

  test('beside a session in which its customer pays all the same: that is too much, and a refund is proposed', async () => {
    const { id, chargeId } = await owing();
    const session = await press(await linkTo(chargeId));
    expect(await payOutside(ctx, id, slip({ chargeId }))).toMatchObject({ kind: 'recorded' });
    const paid = gateway.pays(session);
    await world.receives({
      event: 'payment_session.completed',
      data: { payment_session_id: session, status: 'COMPLETED' },
    });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect(await world.ask(sql`select payment_id from findings where closed_at is null`)).toEqual([
      { payment_id: paid.paymentId },
    ]);
    await whole();
  });

  test('is looked for in no list of Xendit’s, and goes back by no refund of ours', async () => {
    const { id, chargeId } = await owing();
    await payOutside(ctx, id, slip());
    const range = { from: world.now().subtract({ hours: 1 }), until: world.now().add({ hours: 1 }) };
    expect(await collectedPage(world.db, '', ctx.buckets, range, null, 10)).toEqual([]);
    const refund = { amount: null, reason: 'OTHERS', note: 'the customer asked for it', actor: 'ana' } as const;
    expect(await askRefund(ctx, chargeId, refund)).toMatchObject({ kind: 'refused' });
  });

  test.each([
    ['currency', { currency: 'PHP' }],
    ['amount', { amount: 0.5 }],
    ['evidence', { evidence: ' \u00a0' }],
    ['received_on', { receivedOn: Temporal.PlainDate.from('2026-02-02') }],
  ])('with a wrong %s is refused by name', async (field, more) => {
    const { id } = await owing();
    expect(await payOutside(ctx, id, slip(more))).toMatchObject({ kind: 'invalid', faults: [{ field }] });
  });
});
