import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { answering } from '../support/answering.ts';
import { byHand } from '../support/by-hand.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { owing, linkTo, press, levelsOf } = byHand(world);
beforeEach(() => world.startOver(START));

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

  test('keeps its charge waiting no longer than an hour after its end, whenever the daemon looked before', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    world.moveTo('2026-02-01T01:50:00Z');
    gateway.offerSays(silence, true);
    await payThrough(ctx, token);
    world.moveTo('2026-02-01T02:45:00Z');
    await world.liveUntil('2026-02-01T03:19:00Z');
    expect(gateway.sent).toHaveLength(1);
    await world.liveUntil('2026-02-01T03:21:00Z');
    expect(gateway.sent).toHaveLength(2);
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
    const dying = answering(ctx, { openPaySession: () => Promise.reject(new Error('died')) });
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
