import { beforeEach, describe, expect, test } from 'vitest';
import { attemptReference } from '../../src/domain/charges/attempt.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { startChannel, stopChannel } from '../../src/flows/charging/start-channel.ts';
import { breakerOf } from '../../src/infra/tables/charging/breakers.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { gateway, db } = world;
beforeEach(() => world.startOver(START));

const ovo = { channelCode: 'OVO', network: null } as const;
const dana = { channelCode: 'DANA', network: null } as const;

// docs.xendit.co/docs/delayed-webhooks: up to 24 hours of reconciliation, and a provider that erroneously tells of a failure.
describe('a time-out told as FAILED', () => {
  test.each([
    ['PARTNER_TIMEOUT_ERROR', 'CARDS', {}],
    ['TIMEOUT_ERROR', 'DANA', dana],
    ['TIMEOUT_ERROR', 'OVO', ovo],
  ])('%s on %s whose money is found half an hour later is one payment', async (code, _channel, token) => {
    const id = await world.onboard('order-1', 'monthly', {}, token);
    gateway.script(declined(code));
    await world.liveUntil('2026-01-31T02:30:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({
      status: 'attempting',
      attempts: [{ outcome: 'unknown', failure_code: code, decision: { kind: 'ask_gateway' } }],
    });
    gateway.finds(attemptReference(id, 0, 1), { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-02-03T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'succeeded' }] });
    expect(await world.told(id)).not.toContain('payment.overpaid');
  });

  test('and told so again by each look-up and webhook is asked about for a day, and only then tried again', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, dana);
    const told = declined('TIMEOUT_ERROR');
    gateway.script(told);
    await world.liveUntil('2026-01-31T12:00:00Z');
    const [sent] = gateway.sent;
    if (sent !== undefined) await world.receives(paymentEvent(sent, told));
    await world.liveUntil('2026-02-01T01:59:59Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    // After 1 minute, 5 minutes and 1 hour, then each hour, and once for the webhook.
    expect(gateway.asked.length).toBeGreaterThan(22);
    expect(gateway.asked.length).toBeLessThan(30);
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(gateway.sent).toHaveLength(2);
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{ outcome: 'declined', class: 'technical' }, { outcome: 'succeeded' }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('is not ended by a vaguer failure after it', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, dana);
    gateway.script(declined('TIMEOUT_ERROR'));
    await world.work();
    const vague: Outcome = declined('FAILURE_DETAILS_UNAVAILABLE');
    gateway.finds(attemptReference(id, 0, 1), { kind: 'found', outcome: vague });
    await world.liveUntil('2026-02-01T01:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ attempts: [{ outcome: 'unknown', failure_code: 'TIMEOUT_ERROR' }] });
  });

  test('nor by a fault of its channel that is stopped meanwhile: the money may still move for a day', async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, n) => world.onboard(`order-${n}`, 'monthly', {}, dana)),
    );
    gateway.otherwise(() => declined('TIMEOUT_ERROR'));
    await world.work();
    expect(await breakerOf(db, 'DANA')).toMatchObject({ state: 'open', code: 'NO_ANSWER' });
    const told = gateway.sent.map(({ referenceId }) => referenceId);
    const fault: Outcome = declined('PARTNER_CHANNEL_ERROR');
    for (const reference of told) gateway.finds(reference, { kind: 'found', outcome: fault });
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-02-01T01:00:00Z');
    expect(gateway.sent.map(({ referenceId }) => referenceId)).toHaveLength(ids.length);
    for (const reference of told) gateway.finds(reference, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(gateway.sent).toHaveLength(ids.length);
    for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
  });
});

describe('a card’s decline whose payment could not be read', () => {
  const unread = (code: string): Outcome => ({ ...declined(code), unread: true }) as Outcome;

  test('is read again before its retry: the network may say that the order was revoked', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unread('DECLINED_BY_ISSUER'));
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      attempts: [{ outcome: 'unknown', failure_code: 'DECLINED_BY_ISSUER' }],
    });
    gateway.finds(attemptReference(id, 0, 1), {
      kind: 'found',
      outcome: declined('DECLINED_BY_ISSUER', { networkCode: 'R3' }),
    });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      waits_until: '2026-02-28T02:00:00Z',
      attempts: [{ class: 'never_again', network_code: 'R3' }],
    });
    expect(await world.subscription(id)).toMatchObject({ token: { status: 'dead' } });
  });

  test('is read again before it is taken for the fault of a stopped channel', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      await stopChannel(world.ctx, 'CARDS', siti);
      return unread('PROCESSOR_ERROR');
    });
    await world.work();
    await startChannel(world.ctx, 'CARDS', siti);
    gateway.finds(attemptReference(id, 0, 1), {
      kind: 'found',
      outcome: declined('PROCESSOR_ERROR', { networkCode: 'R3' }),
    });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ attempts: [{ class: 'never_again', network_code: 'R3' }] });
  });

  test('keeps the day of its retry once it was read', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unread('INSUFFICIENT_BALANCE'));
    await world.work();
    const outcome = declined('INSUFFICIENT_BALANCE', { networkCode: '51' });
    gateway.finds(attemptReference(id, 0, 1), { kind: 'found', outcome });
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-02-01T02:00:00Z' });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
  });

  test('for a whole day is held for a person, and told once', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(() => unread('DECLINED_BY_ISSUER'));
    await world.liveUntil('2026-02-10T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(world.logged.filter(({ level }) => level === 'error')).toMatchObject([
      {
        event: 'card network’s answer cannot be read',
        facts: { way_out: expect.stringContaining('GET /v3/payments') },
      },
    ]);
  });
});
