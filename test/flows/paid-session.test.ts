import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { byHand, captured } from '../support/by-hand.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { owing, linkTo, press } = byHand(world);
beforeEach(() => world.startOver(START));

describe('a session that is paid', () => {
  test('and is not completed yet is not closed: what was kept of the method is told by its end', async () => {
    const { id, chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const session = await press(await linkTo(chargeId));
    const open = gateway.sessions.get(session);
    const paid = gateway.pays(session, { label: 'kept' });
    const completed = gateway.sessions.get(session);
    if (open === undefined || completed === undefined) throw new Error('There is no session.');
    gateway.sessions.set(session, open);
    const { paymentId, paymentRequestId, referenceId } = paid;
    await world.receives(
      captured({ payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId }),
    );
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(gateway.sessions.get(session)).toMatchObject({ status: 'active' });
    gateway.sessions.set(session, completed);
    await world.receives({
      event: 'payment_session.completed',
      data: { payment_session_id: session, status: 'COMPLETED' },
    });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ token: { label: 'kept' } });
  });

  test.for([
    ['session first', 'session', 'capture'],
    ['capture first', 'capture', 'session'],
  ])('pays its charge once, the webhooks in any order: %s', async ([, ...order]) => {
    const { id, chargeId } = await owing();
    const session = await press(await linkTo(chargeId));
    const paid = gateway.pays(session);
    const events = {
      session: { event: 'payment_session.completed', data: { payment_session_id: session, status: 'COMPLETED' } },
      capture: captured({
        payment_id: paid.paymentId,
        payment_request_id: paid.paymentRequestId,
        reference_id: paid.referenceId,
      }),
    };
    for (const one of order) {
      await world.receives(events[one as keyof typeof events]);
      await world.work();
      expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    }
    expect(await world.charge(id)).toMatchObject({
      attempts: [{}, { via: 'session', outcome: 'succeeded', payment_id: paid.paymentId, decision: { kind: 'paid' } }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect((await world.told(id)).filter((kind) => kind === 'charge.paid')).toHaveLength(1);
    await world.liveUntil('2026-02-02T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
  });

  test('whose webhooks were all lost is found by asking', async () => {
    const { id, chargeId } = await owing();
    const session = await press(await linkTo(chargeId));
    gateway.pays(session);
    await world.liveUntil('2026-01-31T02:06:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('keeps the method with the mandate of the plan, for the cycles to come', async () => {
    const { id, chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const session = await press(await linkTo(chargeId));
    gateway.pays(session, { tokenId: 'pt-new', label: 'the new card' });
    await world.liveUntil('2026-01-31T02:06:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      token: { label: 'the new card' },
      mandate: { card_on_file_type: 'RECURRING', recurring_expiry: '2036-01-31' },
      onboarding: { session_id: expect.not.stringContaining(session) },
    });
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(gateway.sent.at(-1)).toMatchObject({ tokenId: 'pt-new' });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });

  const ended = { event: 'payment_session.completed', data: { status: 'COMPLETED' } };

  test.for([
    ['Xendit had called it expired', 'expired', 'session'],
    ['it was given up', 'given up', 'session'],
    ['Xendit had called it expired, and only the payment is told of', 'expired', 'capture'],
    ['it was given up, and only the payment is told of', 'given up', 'capture'],
  ])('keeps its method although %s', async ([, how, told]) => {
    const { id, chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const session = await press(await linkTo(chargeId));
    const open = gateway.sessions.get(session);
    if (open === undefined) throw new Error('There is no session.');
    gateway.expires(session);
    await world.liveUntil('2026-01-31T03:00:00Z');
    if (how === 'given up')
      await world.ask(sql`update onboardings set why = 'nobody said anything' where attempt_id is not null`);
    gateway.sessions.set(session, open);
    const paid = gateway.pays(session, { tokenId: 'pt-kept', label: 'kept' });
    const { paymentId, paymentRequestId, referenceId } = paid;
    const capture = captured({
      payment_id: paymentId,
      payment_request_id: paymentRequestId,
      reference_id: referenceId,
    });
    await world.receives(
      told === 'capture' ? capture : { ...ended, data: { ...ended.data, payment_session_id: session } },
    );
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    await world.liveUntil('2026-01-31T03:10:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { label: 'kept' } });
  });

  test.each([
    ['by their webhooks', true],
    ['by the session, which names the other one', false],
  ])('twice, in two tabs, proposes a refund of the second, once: told %s', async (_, byWebhooks) => {
    const { id, chargeId } = await owing();
    const session = await press(await linkTo(chargeId));
    const first = gateway.pays(session);
    const afterFirst = gateway.sessions.get(session);
    const second = gateway.pays(session);
    if (byWebhooks && afterFirst !== undefined) gateway.sessions.set(session, afterFirst);
    const told = byWebhooks ? [first, second, first, second] : [first, first];
    for (const { paymentId, paymentRequestId, referenceId } of told) {
      const ids = { payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId };
      await world.receives(captured(ids));
      await world.work();
    }
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect(await world.ask(sql`select kind, reference, amount::int, closed_at from findings`)).toEqual([
      { kind: 'second_payment', reference: second.paymentId, amount: 150_000, closed_at: null },
    ]);
  });

  test('after its charge was voided proposes a refund, and the session is closed at Xendit at once', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    const session = await press(token);
    await voidCharge(ctx, chargeId, { actor: 'a', reason: 'given away' });
    await world.work();
    expect(gateway.sessions.get(session)).toMatchObject({ status: 'canceled' });
    const paid = gateway.pays(session);
    await world.receives(
      captured({
        payment_id: paid.paymentId,
        payment_request_id: paid.paymentRequestId,
        reference_id: paid.referenceId,
      }),
    );
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'void', overpaid: 150_000 });
    expect(await world.ask(sql`select kind, amount::int from findings`)).toEqual([
      { kind: 'overpayment', amount: 150_000 },
    ]);
  });

  test('is closed at Xendit when its subscription is canceled', async () => {
    const { id, chargeId } = await owing();
    const session = await press(await linkTo(chargeId));
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    await world.work();
    expect(gateway.sessions.get(session)).toMatchObject({ status: 'canceled' });
    expect((await world.charge(id)).attempts[1]).toMatchObject({
      outcome: 'refused',
      failure_code: 'SESSION_CANCELED',
    });
  });
});

test('a charge that was given up is paid by hand, and its subscription owes nothing then', async () => {
  const { id, chargeId } = await owing('order-1', 'EXPIRED_CARD', 'forgiving');
  await world.liveUntil((await world.charge(id)).waits_until ?? '');
  expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
  expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
  const session = await press(await linkTo(chargeId));
  expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
  gateway.pays(session);
  await world.liveUntil(world.now().add({ minutes: 6 }).toString());
  expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 75_000 });
  expect(await world.subscription(id)).toMatchObject({ status: 'active' });
});
