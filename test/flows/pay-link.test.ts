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
import { dossiersOfAttempts } from '../../src/flows/charges/histories.ts';
import { sessionSettlement } from '../../src/flows/charges/session-settlement.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { unpaid } from '../../src/flows/paying/follow-pay-session.ts';
import { offerSession } from '../../src/flows/paying/offer-session.ts';
import { behindLink, openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/cancel-subscription.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const asUsual = { linkMinutes: null, saves: 'OPTIONAL', actor: 'api:product' } as const;
const components = {
  mode: 'COMPONENTS',
  origins: ['https://shop.example'],
  saves: 'OPTIONAL',
  minutes: 30,
  actor: 'api:product',
} as const;

/** A subscription whose first charge was declined for want of funds, and is tried again the day after. */
async function owing(
  reference = 'order-1',
  code = 'INSUFFICIENT_BALANCE',
  plan = 'monthly',
): Promise<{ id: string; chargeId: string }> {
  gateway.script(declined(code));
  const id = await world.onboard(reference, plan);
  await world.work();
  return { id, chargeId: (await world.charge(id)).id };
}

async function linkTo(chargeId: string, more: Partial<typeof asUsual> = {}): Promise<string> {
  const link = await openPayLink(ctx, chargeId, { ...asUsual, ...more });
  if (link.kind !== 'opened' && link.kind !== 'same') throw new Error(JSON.stringify(link));
  return link.url.slice('https://billing.example/pay/'.length);
}

/** The customer presses the button; the session that they are led to. */
async function press(token: string): Promise<string> {
  const led = await payThrough(ctx, token);
  if (led.kind !== 'open') throw new Error(JSON.stringify(led));
  return led.session.sessionId;
}

const captured = (paid: object, amount = 150_000) => ({
  event: 'payment.capture',
  data: { ...paid, status: 'SUCCEEDED', currency: 'IDR', request_amount: amount },
});

const levelsOf = (wanted: string) => world.logged.filter(({ event }) => event === wanted).map(({ level }) => level);

describe('a link to pay by hand', () => {
  test('asks nothing of Xendit and changes nothing of its charge, however often it is looked at', async () => {
    const { id, chargeId } = await owing();
    const before = await world.charge(id);
    const token = await linkTo(chargeId);
    for (let look = 0; look < 5; look += 1)
      expect(await behindLink(ctx, token)).toMatchObject({ kind: 'owed', dossier: { charge: { id: chargeId } } });
    expect(gateway.offers).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ ...before, history: expect.anything() });
    expect((await world.told(id)).at(-1)).toBe('charge.link_opened');
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ via: 'token' }, { via: 'token' }] });
  });

  test('is the same while one is good, and another one afterwards', async () => {
    const { chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const first = await openPayLink(ctx, chargeId, { ...asUsual, linkMinutes: 60 });
    expect(first).toMatchObject({ kind: 'opened', expiresAt: Temporal.Instant.from('2026-01-31T03:00:00Z') });
    expect(await openPayLink(world.another(), chargeId, asUsual)).toEqual({ ...first, kind: 'same' });
    world.moveTo('2026-01-31T03:00:00Z');
    const second = await openPayLink(ctx, chargeId, asUsual);
    expect(second).toMatchObject({ kind: 'opened', expiresAt: Temporal.Instant.from('2026-03-02T03:00:00Z') });
    expect(second).not.toMatchObject({ url: (first as { url: string }).url });
    expect(await behindLink(ctx, (first as { url: string }).url.split('/pay/')[1] ?? '')).toMatchObject({
      kind: 'over',
    });
  });

  test('is refused where no customer could follow it, with the way out', async () => {
    const { chargeId } = await owing();
    const live = { ...ctx, key: { ...ctx.key, mode: 'live' } } as const;
    const here = { publicUrl: 'http://127.0.0.1:8080' };
    expect(await openPayLink({ ...live, ...here }, chargeId, asUsual)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('set PUBLIC_URL'),
    });
    expect(await openPayLink({ ...ctx, ...here }, chargeId, asUsual)).toMatchObject({ kind: 'opened' });
    expect(await openPayLink(live, chargeId, asUsual)).toMatchObject({ kind: 'same' });
  });

  test('that was changed in any letter leads nowhere, nor does one of another charge', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    expect(token).toMatch(/^[A-Za-z0-9_-]{51}$/);
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await behindLink(ctx, changed), changed).toEqual({ kind: 'not_found' });
    }
    expect(await behindLink(ctx, '')).toEqual({ kind: 'not_found' });
    expect(await behindLink(ctx, `${token}A`)).toEqual({ kind: 'not_found' });
  });

  test('holds beyond a restart and in every replica, and its key never changes', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    expect(await behindLink(world.another(), token)).toMatchObject({ kind: 'owed' });
    await expect(world.ask(sql`update link_key set key = 'x'`)).rejects.toThrow('link_key_never_changes');
  });

  test.for<[string, (chargeId: string, id: string) => Promise<unknown>, string]>([
    ['void', (chargeId) => voidCharge(ctx, chargeId, { actor: 'a', reason: 'given away' }), 'it is no longer owed'],
    ['void', (_, id) => cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'a' }), 'it is no longer owed'],
    ['paid', () => world.liveUntil('2026-02-01T03:00:00Z'), 'it is paid'],
  ])('of a charge that is %s says so, and no other is made', async ([status, act, why]) => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    await act(chargeId, id);
    expect(await behindLink(ctx, token)).toEqual({ kind: 'over', as: status, why });
    expect(await payThrough(ctx, token)).toEqual({ kind: 'over', as: status, why });
    expect(await openPayLink(ctx, chargeId, asUsual)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining(`The charge is ${status}`),
    });
    expect(gateway.offers).toEqual([]);
  });
});

describe('the button', () => {
  test('opens one session, written down before Xendit hears of it, and leads to it again while it is open', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    const opens = gateway.openPaySession.bind(gateway);
    let written: unknown;
    const watching = {
      ...ctx,
      gateway: {
        ...gateway,
        openPaySession: async (body: string) => {
          written = await world.ask(sql`select via, token_id, reference_id, outcome from attempts where number = 2`);
          return await opens(body);
        },
      },
    };
    const led = await payThrough(watching, token);
    expect(written).toEqual([{ via: 'session', token_id: null, reference_id: `due_${id}_0_p2`, outcome: null }]);
    const again = await Promise.all([payThrough(ctx, token), payThrough(world.another(), token)]);
    expect(again).toEqual([led, led]);
    expect(gateway.offers).toHaveLength(1);
    expect(gateway.offers[0]).toMatchObject({
      referenceId: `due_${id}_0_p2`,
      mode: 'PAYMENT_LINK',
      saves: 'OPTIONAL',
      amount: { minor: '150000', currency: 'IDR' },
      customerId: expect.stringContaining('cust-of-'),
      mandate: { cardOnFileType: 'RECURRING' },
      expiresAt: '2026-01-31T02:30:00Z',
      item: { reference: 'monthly' },
    });
    expect((await world.charge(id)).attempts[1]).toMatchObject({ via: 'session', outcome: 'pending' });
  });

  test.for<[string, (chargeId: string, id: string) => Promise<unknown>]>([
    ['voided', (chargeId) => voidCharge(ctx, chargeId, { actor: 'a', reason: 'given away' })],
    ['forgiven', (chargeId) => forgiveCharge(ctx, chargeId, { actor: 'a', reason: 'given away' })],
    ['canceled', (_, id) => cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'a' })],
  ])('leads nobody to a session whose charge is %s while Xendit opens it, and closes the session', async ([, act]) => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    const openPaySession: typeof gateway.openPaySession = async (body) => {
      await act(chargeId, id);
      // The act wakes the daemon: it finds no session yet.
      await world.work();
      return await gateway.openPaySession(body);
    };
    const led = await payThrough({ ...ctx, gateway: { ...gateway, openPaySession } }, token);
    expect(led).toEqual({ kind: 'over', as: 'void', why: 'it is no longer owed' });
    const opened = [...gateway.sessions.values()].filter(({ referenceId }) => referenceId === `due_${id}_0_p2`);
    expect(opened).toMatchObject([{ status: 'canceled' }]);
    expect(await world.charge(id)).toMatchObject({
      status: 'void',
      attempts: [{}, { outcome: 'refused', failure_code: 'SESSION_CANCELED' }],
    });
  });

  test('leads to the session of a charge that a person holds while Xendit opens it: its customer may pay it', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    const openPaySession: typeof gateway.openPaySession = async (body) => {
      await holdCharge(ctx, chargeId, { actor: 'a', reason: 'the customer called' });
      return await gateway.openPaySession(body);
    };
    expect(await payThrough({ ...ctx, gateway: { ...gateway, openPaySession } }, token)).toMatchObject({
      kind: 'open',
    });
    expect(await world.charge(id)).toMatchObject({ status: 'held', attempts: [{}, { outcome: 'pending' }] });
  });

  test('pressed by many at once opens one session', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    const daemons = [ctx, world.another(), world.another()];
    const led = await Promise.all(daemons.flatMap((one) => [payThrough(one, token), payThrough(one, token)]));
    expect(gateway.offers).toHaveLength(1);
    expect(led.filter(({ kind }) => kind === 'open').length).toBeGreaterThan(0);
    for (const one of led) expect(['open', 'now']).toContain(one.kind);
  });

  test('rests the scheduled tries while the session is open, and not while the link merely lives', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    world.moveTo('2026-02-01T01:50:00Z');
    const session = await press(token);
    await world.liveUntil('2026-02-01T02:10:00Z');
    expect(gateway.sent).toHaveLength(1);
    gateway.expires(session);
    await world.liveUntil('2026-02-01T02:40:00Z');
    expect(gateway.sent).toHaveLength(2);
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [
        { via: 'token', outcome: 'declined' },
        { via: 'session', outcome: 'refused', failure_code: 'SESSION_EXPIRED', decision: { kind: 'nothing' } },
        { via: 'token', number: 3, outcome: 'succeeded' },
      ],
    });
  });

  test.each([
    ['held and released', holdCharge, releaseCharge],
    ['written off and tried again', writeOffCharge, retryCharge],
  ])('rests them too where a person has the charge %s while the session is open', async (_, first, second) => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    world.moveTo('2026-02-01T02:00:00Z');
    const session = await press(token);
    for (const act of [first, second]) await act(ctx, chargeId, { actor: 'siti', reason: 'the customer called' });
    // The act wakes charging at once: before anybody looks at sessions.
    await onDueDate(ctx);
    expect(gateway.sent).toHaveLength(1);
    gateway.pays(session);
    await world.liveUntil('2026-02-02T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(gateway.sent).toHaveLength(1);
  });

  test('that a person released goes on with the saved method once its session has ended', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    world.moveTo('2026-02-01T02:00:00Z');
    const session = await press(token);
    for (const act of [holdCharge, releaseCharge])
      await act(ctx, chargeId, { actor: 'siti', reason: 'the customer called' });
    gateway.expires(session);
    await world.liveUntil('2026-02-01T02:40:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{}, { via: 'session' }, { via: 'token' }],
    });
  });

  test('leads nowhere while charging is stopped, and leaves no attempt behind', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    await stopCharging(ctx.db, world.now(), 'a test');
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'unavailable', why: expect.stringContaining('a test') });
    expect(gateway.offers).toEqual([]);
    expect((await world.charge(id)).attempts).toHaveLength(1);
  });

  test('writes nothing into a charge that its session leaves as it was: it may have been put off meanwhile', async () => {
    const { id, chargeId } = await owing();
    await press(await linkTo(chargeId));
    const [attempt] = await world.ask<{ id: string }>(sql`select id from attempts where via = 'session'`);
    const [dossier] = await dossiersOfAttempts(ctx, [attempt?.id ?? ''], world.now());
    if (dossier === undefined) throw new Error(`Charge of ${id} has no session.`);
    const left = await sessionSettlement(ctx, dossier, unpaid('SESSION_EXPIRED', 'it expired'), world.now());
    expect(left.change).toMatchObject({ charges: [], attempts: [{ outcome: 'refused' }] });
  });

  test('gives no charge up while its customer is paying it', async () => {
    const { id, chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const until = (await world.charge(id)).waits_until ?? '';
    const token = await linkTo(chargeId);
    world.moveTo(Temporal.Instant.from(until).subtract({ minutes: 5 }).toString());
    const session = await press(token);
    world.moveTo(Temporal.Instant.from(until).add({ minutes: 5 }).toString());
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'due', waits_until: until });
    gateway.expires(session);
    await world.liveUntil(Temporal.Instant.from(until).add({ minutes: 40 }).toString());
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
  });
});

test('the button and the schedule at the same instant never ask for one charge at once', async () => {
  gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
  const ids = await Promise.all(Array.from({ length: 16 }, (_, n) => world.onboard(`order-${n}`)));
  await world.work();
  const tokens = await Promise.all(ids.map(async (id) => await linkTo((await world.charge(id)).id)));
  const others = [world.another(), world.another()] as const;
  world.moveTo('2026-02-01T02:00:00Z');
  await Promise.all([world.work(), ...tokens.map((token, n) => payThrough(others[n % 2 === 0 ? 0 : 1], token))]);
  for (const id of ids) {
    const { attempts } = await world.charge(id);
    const open = attempts.filter(({ outcome }) => outcome === null || outcome === 'pending');
    expect(open.length).toBeLessThanOrEqual(1);
    const numbers = attempts.map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    // What was tried after a session was opened would be a second request beside it.
    if (attempts.some(({ via }) => via === 'session')) expect(attempts.at(-1)?.via).toBe('session');
  }
});

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

describe('a session of which nobody knows whether it was opened', () => {
  const silence = { kind: 'silent', detail: 'no answer in time' } as const;

  test('is never doubled: nothing else is tried until its end, and then what Xendit lists is read', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    world.moveTo('2026-02-01T01:50:00Z');
    gateway.offerSays(silence, true);
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'unavailable' });
    expect(await payThrough(ctx, token)).toMatchObject({
      kind: 'now',
      why: expect.stringContaining('nobody knows yet'),
    });
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(gateway.offers).toHaveLength(1);
    expect(gateway.sent).toHaveLength(1);
    await world.liveUntil('2026-02-01T04:00:00Z');
    expect(gateway.sent).toHaveLength(2);
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{}, { outcome: 'refused', failure_code: 'SESSION_EXPIRED' }, { via: 'token', outcome: 'succeeded' }],
    });
  });

  test('and was paid is found in what Xendit lists, under its reference with what Xendit appends', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    gateway.offerSays(silence, true);
    await payThrough(ctx, token);
    gateway.booked.push({
      transactionId: 'txn-1',
      referenceId: `due_${id}_0_p2_A1b2C3d4E5`,
      createdAt: Temporal.Instant.from('2026-01-31T02:10:00Z'),
      status: 'succeeded',
      amount: { minor: 150_000n, currency: 'IDR' },
      written: 'IDR 150000',
      paymentId: 'py-1',
      paymentRequestId: 'pr-1',
    });
    await world.liveUntil('2026-01-31T02:31:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, { payment_id: 'py-1' }] });
  });

  test('is known again as soon as a webhook names it', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    gateway.offerSays(silence, true);
    await payThrough(ctx, token);
    const [session] = [...gateway.sessions.values()].filter(({ referenceId }) => referenceId === `due_${id}_0_p2`);
    const paid = gateway.pays(session?.sessionId ?? '', {});
    await world.receives({
      event: 'payment_session.completed',
      data: { payment_session_id: session?.sessionId, status: 'COMPLETED', reference_id: `due_${id}_0_p2` },
    });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, { payment_id: paid.paymentId }] });
    expect(await world.subscription(id)).toMatchObject({ token: { label: '400000XXXXXX1000' } });
  });

  test('because its number was used by a row that is lost waits for the end of that one', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    const message = 'reference_id has been used before';
    gateway.offerSays({ kind: 'refused', status: 400, code: 'API_VALIDATION_ERROR', message, retryAfterSeconds: null });
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'unavailable' });
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'now' });
    expect(gateway.offers).toHaveLength(1);
  });

  test('because its process died before the answer is asked about like any other silence', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    const dying = { ...ctx, gateway: { ...gateway, openPaySession: () => Promise.reject(new Error('died')) } };
    await expect(payThrough(dying, token)).rejects.toThrow('died');
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'now' });
    await world.ask(sql`update attempts set lease_until = now() - interval '1 second' where outcome is null`);
    await world.liveUntil('2026-01-31T03:31:00Z');
    expect(await world.charge(id)).toMatchObject({ attempts: [{}, { outcome: 'refused' }] });
  });

  test('is left to a person when a day after its end nobody says', async () => {
    const { id, chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const token = await linkTo(chargeId);
    gateway.offerSays(silence, true);
    await payThrough(ctx, token);
    const refusal = { kind: 'refused', status: 403, code: 'FORBIDDEN', message: '', retryAfterSeconds: null } as const;
    gateway.booksSay(...Array.from({ length: 100 }, () => refusal));
    await world.liveUntil('2026-02-01T03:01:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'now', why: 'it waits for a person' });
  });

  test('since Xendit refused it leaves the charge as it was, and may be asked for again', async () => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    const message = 'Channel(s) OVO are not available';
    gateway.offerSays({
      kind: 'refused',
      status: 400,
      code: 'INVALID_PAYMENT_CHANNEL',
      message,
      retryAfterSeconds: null,
    });
    expect(await payThrough(ctx, token)).toMatchObject({ kind: 'unavailable' });
    expect(levelsOf('session to pay in could not be opened')).toEqual(['error']);
    expect(await world.charge(id)).toMatchObject({ status: 'due', failure_code: 'INSUFFICIENT_BALANCE' });
    await press(token);
    expect(gateway.offers.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_p2`, `due_${id}_0_p3`]);
  });
});

test('that Xendit cannot be reached while its page is opened is a warning: nobody has to come for it', async () => {
  const { chargeId } = await owing();
  const token = await linkTo(chargeId);
  gateway.offerSays({
    kind: 'refused',
    status: 503,
    code: 'GATEWAY_UNREACHABLE',
    message: 'x',
    retryAfterSeconds: null,
  });
  expect(await payThrough(ctx, token)).toMatchObject({ kind: 'unavailable' });
  expect(levelsOf('session to pay in could not be opened')).toEqual(['warn']);
});

describe('a session on the page of the product', () => {
  test('is opened at once, and a second call closes the first', async () => {
    const { id, chargeId } = await owing();
    const first = await offerSession(ctx, chargeId, components);
    const second = await offerSession(ctx, chargeId, components);
    if (first.kind !== 'open' || second.kind !== 'open') throw new Error('not open');
    expect(first.sdkKey).toBe(`session-of-due_${id}_0_p2`);
    expect(second.session.sessionId).not.toBe(first.session.sessionId);
    expect(gateway.sessions.get(first.session.sessionId)).toMatchObject({ status: 'canceled' });
    expect(gateway.sessions.get(second.session.sessionId)).toMatchObject({ status: 'active' });
    expect(gateway.offers[1]).toMatchObject({ mode: 'COMPONENTS', origins: ['https://shop.example'] });
    const kept = await world.ask<{ text: string }>(
      sql`select a::text || o::text as text from attempts a join onboardings o on o.attempt_id = a.id`,
    );
    expect(kept).toHaveLength(2);
    for (const { text } of kept) expect(text).not.toContain('session-of-');
  });

  test('that cannot be closed keeps the next from being opened', async () => {
    const { chargeId } = await owing();
    await offerSession(ctx, chargeId, components);
    const deaf = {
      ...ctx,
      gateway: { ...gateway, cancelSession: async () => ({ kind: 'silent', detail: 'x' }) as const },
    };
    expect(await offerSession(deaf, chargeId, components)).toMatchObject({ kind: 'unavailable' });
    expect(gateway.offers).toHaveLength(1);
  });

  test('that was paid when it was to be closed is paid', async () => {
    const { id, chargeId } = await owing();
    const first = await offerSession(ctx, chargeId, components);
    if (first.kind !== 'open') throw new Error('not open');
    gateway.pays(first.session.sessionId);
    expect(await offerSession(ctx, chargeId, components)).toEqual({ kind: 'over', as: 'paid', why: 'it is paid' });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});

test('a charge whose earlier attempt its customer may still authenticate is closed there first', async () => {
  const { id, chargeId } = await owing('order-1', 'REQUIRES_ACTION');
  await press(await linkTo(chargeId));
  expect(gateway.closed).toHaveLength(1);
  expect((await world.charge(id)).attempts).toHaveLength(2);
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
