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
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { answering } from '../support/answering.ts';
import { byHand } from '../support/by-hand.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { owing, linkTo, press } = byHand(world);
beforeEach(() => world.startOver(START));

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
      customer: { id: expect.stringContaining('cust-of-') },
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
    const led = await payThrough(answering(ctx, { openPaySession }), token);
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
    expect(await payThrough(answering(ctx, { openPaySession }), token)).toMatchObject({
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
    await stopCharging(ctx.db, '', world.now(), 'a test');
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

test('a charge whose earlier attempt its customer may still authenticate is closed there first', async () => {
  const { id, chargeId } = await owing('order-1', 'REQUIRES_ACTION');
  await press(await linkTo(chargeId));
  expect(gateway.closed).toHaveLength(1);
  expect((await world.charge(id)).attempts).toHaveLength(2);
});
