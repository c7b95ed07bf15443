import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { chargingState, resumeCharging } from '../../src/infra/tables/charging/charging.ts';
import { declined, refused, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const onboardMany = async (count: number): Promise<readonly string[]> =>
  await Promise.all(Array.from({ length: count }, (_, n) => world.onboard(`order-${n}`)));
const statuses = async () =>
  await world.ask(sql`select status, count(*)::int as charges, max(ladder_step)::int as steps, bool_or(in_dunning) as dunned
    from charges group by status`);

describe('a fault of the account as a whole', () => {
  test('stops charging after the first answer: one request is sent, and nothing is burned', async () => {
    await onboardMany(30);
    gateway.otherwise(() => refused('account', 'INVALID_API_KEY'));
    await world.work();
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(await chargingState(ctx.db, '')).toMatchObject({ reason: expect.stringContaining('INVALID_API_KEY') });
    expect(await statuses()).toEqual([{ status: 'due', charges: 30, steps: 0, dunned: false }]);
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'charging stopped' }));
  });

  test('stops charging before its attempt is released: a daemon that dies in between leaves nothing to burn', async () => {
    await onboardMany(3);
    gateway.otherwise(() => refused('account', 'INVALID_API_KEY'));
    const dying = {
      ...ctx,
      failpoint: (point: string) => {
        if (point === 'after-settle') throw new Error('The process died here.');
      },
    };
    await world.workAs(dying).catch(() => undefined);
    expect(await statuses()).toMatchObject([{ status: 'due', charges: 3 }]);
    expect(await chargingState(ctx.db, '')).toMatchObject({ reason: expect.stringContaining('INVALID_API_KEY') });
    await world.work();
    expect(gateway.sent).toHaveLength(1);
  });

  test('burns at most one attempt a daemon, however many run', async () => {
    await onboardMany(10);
    gateway.otherwise(() => refused('account', 'REQUEST_FORBIDDEN_ERROR'));
    await Promise.all([ctx, world.another(), world.another()].map((daemon) => world.workAs(daemon)));
    expect(gateway.sent.length).toBeLessThanOrEqual(3);
  });

  test('is over when a person says so: everything is collected, each once', async () => {
    const ids = await onboardMany(5);
    gateway.script(refused('account', 'INVALID_API_KEY'));
    await world.work();
    world.moveTo('2026-01-31T08:00:00Z');
    expect(await resumeCharging(ctx.db, '')).toContain('INVALID_API_KEY');
    await world.work();
    for (const id of ids) {
      const charge = await world.charge(id);
      expect(charge.status).toBe('paid');
      expect(charge.attempts.filter((one) => one.outcome === 'succeeded')).toHaveLength(1);
    }
    expect(gateway.payments).toHaveLength(5);
  });

  test('while charging is stopped, cycles are still opened', async () => {
    await onboardMany(1);
    gateway.script(refused('account', 'INVALID_API_KEY'));
    await world.liveUntil('2026-03-31T02:00:00Z');
    expect(await statuses()).toMatchObject([{ status: 'due', charges: 3 }]);
    expect(gateway.sent).toHaveLength(1);
  });
});

describe('a charge that is held', () => {
  const told = () => world.logged.filter(({ event }) => event === 'charge held for a person');

  test.each([
    ['our request was refused', refused('charge', 'API_VALIDATION_ERROR')],
    ['the merchant is at fault', declined('INVALID_MERCHANT_SETTINGS')],
    ['nobody knows how its attempt ended', { kind: 'unknown', detail: 'a test', paymentRequestId: null } as const],
  ])('because %s is told to the admin, once', async (_, outcome) => {
    const id = await world.onboard('order-1', 'monthly', {}, { channelCode: 'OVO', network: null });
    gateway.script(outcome);
    await world.liveUntil('2026-02-02T12:00:00Z');
    const charge = await world.charge(id);
    expect(charge).toMatchObject({ status: 'held' });
    expect(told()).toMatchObject([{ level: 'warn', facts: { charge_id: charge.id } }]);
  });
});

describe('a fault of our own request', () => {
  test.each([
    ['refused', 'API_VALIDATION_ERROR', () => refused('charge', 'API_VALIDATION_ERROR')],
    ['declined for our settings', 'INVALID_MERCHANT_SETTINGS', () => declined('INVALID_MERCHANT_SETTINGS')],
  ])('%s holds this charge, spends no retry, and does not dun the customer', async (_, code, answer) => {
    const id = await world.onboard('order-1');
    gateway.script(answer());
    await world.liveUntil('2026-02-27T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'held',
      hold_reason: 'our_fault',
      failure_code: code,
      attempts: [{ class: 'our_fault', failure_code: code }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { status: 'active' } });
    expect(gateway.sent).toHaveLength(1);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });
});

describe('a request that Xendit throttles', () => {
  test('is no attempt: it goes out again after the time that Xendit asks for, and nothing is spent', async () => {
    const id = await world.onboard('order-1');
    gateway.script(refused('throttled', 'RATE_LIMIT_EXCEEDED'));
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-01-31T02:00:30Z' });
    const [pace] = await world.ask(sql`select extract(epoch from paused_until - clock_timestamp())::int as seconds
      from pace where endpoint = 'payment_requests'`);
    expect(pace).toMatchObject({ seconds: expect.toSatisfy((seconds: number) => seconds > 25 && seconds <= 30) });
    await world.ask(sql`update pace set paused_until = null`);
    gateway.script(declined('INSUFFICIENT_BALANCE'), succeeded());
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [
        { outcome: 'refused', class: 'throttled' },
        { sent_at: '2026-01-31T02:00:30Z' },
        { sent_at: '2026-02-01T02:00:00Z' },
      ],
    });
  });

  test('slows everybody down for a minute where Xendit does not say how long, and nobody lives by a test clock', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ ...refused('throttled', 'GATEWAY_UNREACHABLE'), retryAfterSeconds: null } as Outcome);
    await world.workAs({ ...ctx, clock: { ...ctx.clock, kind: 'system' } });
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-01-31T02:01:00Z' });
    const [pace] = await world.ask(sql`select extract(epoch from paused_until - clock_timestamp())::int as seconds
      from pace where endpoint = 'payment_requests'`);
    expect(pace).toMatchObject({ seconds: expect.toSatisfy((seconds: number) => seconds > 55 && seconds <= 60) });
    await world.ask(sql`update pace set paused_until = null`);
  });

  test('and a gateway that broke on it is asked about, not believed', async () => {
    const id = await world.onboard('order-1');
    gateway.script(() => {
      throw new Error('a bug of ours');
    });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});

describe('a process that is told to stop', () => {
  test('sends nothing that it has claimed, and gives it back unspent', async () => {
    const ids = await onboardMany(4);
    const stop = new AbortController();
    let written = 0;
    const describe: typeof gateway.describe = (request) => {
      written += 1;
      if (written === 2) stop.abort();
      return gateway.describe(request);
    };
    await world.workAs({ ...ctx, stopping: stop.signal, gateway: { ...gateway, describe } });
    expect(gateway.sent).toHaveLength(1);
    const held = await world.ask(sql`select failure_code, count(*)::int as attempts from attempts
      where outcome = 'refused' group by failure_code`);
    expect(held).toEqual([{ failure_code: 'STOPPING', attempts: 3 }]);
    await world.work();
    for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(gateway.payments).toHaveLength(4);
  });
});
