import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { watchClock } from '../../src/flows/control/watch-clock.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { takeKey } from '../../src/infra/tables/access/idempotency-keys.ts';
import { takeSweep } from '../../src/infra/tables/books/sweeps.ts';
import { pauseEndpoint, reserve } from '../../src/infra/tables/control/pace.ts';
import { subscribeMany } from '../support/many.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { timedWorld } from '../support/timed-world.ts';
import { plainCatalog } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = '2026-01-31T02:00:00Z';
const steps: readonly [string, number][] = [
  ['an hour', HOUR],
  ['40 days', 40 * DAY],
  ['ten years', 3_653 * DAY],
];

/** As the scheduler has it run each minute. */
async function billed(ctx: Context): Promise<void> {
  await watchClock(ctx);
  await onDueDate(ctx);
}

describe.each(steps)('when Postgres’ clock goes back by %s', (_, far) => {
  test('charging goes on within a minute or two, although the pace was used up', async () => {
    const t = await timedWorld(start, { requestsPerMinute: 60 });
    await t.step(far);
    await subscribeMany(t.ctx, 70, 'monthly');
    await t.runUntil((await t.time()) + 30_000, billed);
    await t.step(-far);
    await t.world.ask(sql`update charges set next_attempt_at = ${start}::timestamptz where status = 'due'`);
    expect((await reserve(t.ctx.db, '', 'payment_requests', 60, 1)).waitMs).toBeLessThanOrEqual(62_000);
    await t.runUntil((await t.time()) + 3 * 60_000, billed);
    expect(t.world.gateway.payments).toHaveLength(70);
  });

  test('it is noticed, and told once', async () => {
    const t = await timedWorld(start, { requestsPerMinute: 60 });
    await watchClock(t.ctx);
    await t.step(far);
    await watchClock(t.ctx);
    await t.step(-far);
    // Two replicas at once, and then each minute.
    for (let minute = 0; minute < 5; minute += 1) {
      await Promise.all([watchClock(t.ctx), watchClock(t.ctx)]);
      await t.step(60_000);
    }
    const told = t.world.logged.filter(({ event }) => event === 'the clock of the database went back');
    expect(told).toMatchObject([{ level: 'error' }]);
  });

  test('an attempt whose owner died is asked about within a minute, and held after its day', async () => {
    const t = await timedWorld(start);
    await t.step(far);
    await subscribeMany(t.ctx, 1, 'monthly');
    await t.world.ask(sql`update tokens set channel_code = 'OVO'`);
    await watchClock(t.ctx);
    const die = (name: string): void => {
      if (name === 'after-claim') throw new Error('The process died here.');
    };
    await onDueDate({ ...t.ctx, failpoint: die }).catch(() => undefined);
    await t.step(-far);
    await watchClock(t.ctx);
    await t.step(60_000);
    await rescueAttempts(t.ctx);
    expect(t.world.gateway.asked).toHaveLength(1);
    for (let hour = 0; hour < 26; hour += 1) {
      await t.step(HOUR);
      await rescueAttempts(t.ctx);
    }
    expect(await t.world.ask(sql`select status, hold_reason from charges`)).toEqual([
      { status: 'held', hold_reason: 'unknown_outcome' },
    ]);
  });

  test('a charge that reached no issuer is tried again at once; one that was declined keeps its day', async () => {
    const t = await timedWorld(start);
    await t.step(far);
    await subscribeMany(t.ctx, 2, 'monthly');
    t.world.gateway.script(declined('CHANNEL_UNAVAILABLE'), declined('INSUFFICIENT_BALANCE'));
    await watchClock(t.ctx);
    await onDueDate(t.ctx);
    const planned = sql`select next_attempt_at::text as at from charges where last_failure_code = 'INSUFFICIENT_BALANCE'`;
    const before = await t.world.ask(planned);
    await t.step(-far);
    await t.runUntil((await t.time()) + 120_000, billed);
    expect(await t.world.ask(planned)).toEqual(before);
    expect(await t.world.ask(sql`select status, attempts from charges order by attempts`)).toEqual([
      { status: 'due', attempts: 1 },
      { status: 'paid', attempts: 2 },
    ]);
  });

  test('an attempt of which nothing is known is asked about within a minute', async () => {
    const t = await timedWorld(start);
    await t.step(far);
    await subscribeMany(t.ctx, 1, 'monthly');
    await watchClock(t.ctx);
    t.world.gateway.script(unknown());
    await onDueDate(t.ctx);
    await t.step(-far);
    await watchClock(t.ctx);
    await rescueAttempts(t.ctx);
    expect(t.world.gateway.asked).toHaveLength(1);
  });

  test('pauses, leases, webhooks, open links, the sweep, probes and keys of calls wait no longer than before', async () => {
    const t = await timedWorld(start, { requestsPerMinute: 60 });
    await t.step(far);
    await watchClock(t.ctx);
    await t.world.create('order-1');
    await pauseEndpoint(t.ctx.db, '', 'look_ups', 600);
    await takeSweep(t.ctx.db, '', await t.ctx.clock.now(), t.ctx.newId(0), 900);
    const payment = succeeded();
    await t.world.receives(
      paymentEvent(
        { referenceId: 'due_none', amount: '1', currency: 'IDR', tokenId: 'pt-1', channelCode: 'OVO', body: '' },
        payment,
      ),
    );
    await t.world.ask(sql`update sweep set next_at = now() + interval '1 day'`);
    await t.world.ask(sql`update onboardings set next_check_at = now() + interval '5 minutes'`);
    await t.world.ask(sql`update inbox set next_try_at = now() + interval '5 minutes'`);
    await t.world.ask(sql`insert into breakers (channel, state, since, code, why, probe_at)
      values ('OVO', 'open', now(), 'CHANNEL_NOT_ACTIVATED', 'not activated', now() + interval '1 minute')`);
    await takeKey(t.ctx.db, { caller: 'product', key: 'key-1', request: 'hash', holder: t.ctx.newId(0) });
    await t.step(-far);
    await watchClock(t.ctx);
    const [ahead] = await t.world.ask(sql`select
      (select count(*)::int from breakers where probe_at > now()) as probes,
      (select count(*)::int from idempotency_keys where started_at > now()) as keys,
      (select count(*)::int from pace where paused_until > now()) as pauses,
      (select count(*)::int from sweep where next_at > now() or lease_until > now()) as sweeps,
      (select count(*)::int from inbox where next_try_at > now()) as webhooks,
      (select count(*)::int from onboardings where next_check_at > now()) as links`);
    expect(ahead).toEqual({ probes: 0, keys: 0, pauses: 0, sweeps: 0, webhooks: 0, links: 0 });
  });
});

test('the days of a mandate are counted from the time that was lived', async () => {
  const t = await timedWorld(start);
  await t.step(40 * DAY);
  await subscribeMany(t.ctx, 1, 'weekly');
  await watchClock(t.ctx);
  await onDueDate(t.ctx);
  await t.step(-40 * DAY);
  await watchClock(t.ctx);
  // Its next cycle as it would lie had the clock been right.
  await t.world.ask(sql`update subscriptions set next_cycle_at = '2026-02-07T02:00:00Z'`);
  await t.step(HOUR);
  await onDueDate(t.ctx);
  expect(t.world.gateway.payments).toHaveLength(1);
  await t.step(8 * DAY);
  await onDueDate(t.ctx);
  expect(t.world.gateway.payments).toHaveLength(2);
});

test('a day of the brake that a fast clock began does not go on for all the days until then', async () => {
  const limits = 'charge_at: "09:00"\n  limits: { per_day: { IDR: 600000 }, per_customer_per_day: { IDR: 200000 } }';
  const t = await timedWorld(start, {
    catalog: plainCatalog.replace('charge_at: "09:00"', limits).replaceAll('amount: 900000', 'amount: 600000'),
  });
  await t.step(40 * DAY);
  await watchClock(t.ctx);
  await subscribeMany(t.ctx, 2, 'monthly');
  await onDueDate(t.ctx);
  await t.step(-40 * DAY);
  await watchClock(t.ctx);
  await t.step(2 * DAY);
  await t.world.ask(sql`update subscriptions set next_cycle_at = now()`);
  await onDueDate(t.ctx);
  expect(t.world.gateway.payments).toHaveLength(4);
  // The day that is lived now is counted like any other: the same customers once more, and three new ones.
  await t.world.ask(sql`update subscriptions set next_cycle_at = now()`);
  await onDueDate(t.ctx);
  expect(await t.world.ask(sql`select count(*)::int as held from charges where status = 'held'`)).toEqual([
    { held: 2 },
  ]);
  await t.world.ask(sql`update subscriptions set reference_id = reference_id || '-'`);
  await t.world.ask(sql`update customers set reference_id = reference_id || '-'`);
  await subscribeMany(t.ctx, 3, 'monthly');
  await onDueDate(t.ctx);
  expect(t.world.gateway.payments).toHaveLength(6);
});
