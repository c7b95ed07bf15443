import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { retryCharge } from '../../src/flows/charges/change-charge.ts';
import { subscribeMany } from '../support/many.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { timedWorld } from '../support/timed-world.ts';

/*
 * Whatever the gateway does, a run of billing may not keep the next cycle from being opened, nor a good charge from being
 * made. Time is Postgres' own here, and passes while the gateway takes its time.
 */

const start = '2026-01-31T02:00:00Z';
const HOUR = 3_600_000;

/** 09:00 there is one, two, three, four and five hours after 09:00 in Jakarta. */
const ZONES = ['Asia/Dhaka', 'Asia/Karachi', 'Asia/Dubai', 'Europe/Moscow', 'Europe/Kyiv'];

describe('for five hours with more due than the pace allows, every cycle is opened within two minutes of its instant', () => {
  test.each([
    ['throttles', 1_000, refused('throttled', 'RATE_LIMIT_EXCEEDED')],
    ['is silent', 30_000, unknown()],
    ['declines', 2_000, declined('ISSUER_UNAVAILABLE')],
    ['collects slowly', 20_000, succeeded()],
  ] as const)('while Xendit %s', { timeout: 120_000 }, async (_, takes, outcome) => {
    const { world, time, step, runUntil } = await timedWorld(start, { requestsPerMinute: 1 });
    await subscribeMany(world.ctx, 320, 'monthly');
    const anchorDate = Temporal.PlainDate.from('2026-01-31');
    for (const timeZone of ZONES) await world.onboard(`in-${timeZone}`, 'monthly', { timeZone, anchorDate });
    world.gateway.otherwise(async () => {
      await step(takes);
      return outcome;
    });
    await runUntil((await time()) + 5 * HOUR + 3 * 60_000);
    const late = await world.ask<{ minutes: number }>(
      sql`select round(extract(epoch from created_at - due_at) / 60)::int as minutes from charges
        where due_at > ${start}::timestamptz`,
    );
    expect(late).toHaveLength(5);
    expect(Math.max(...late.map(({ minutes }) => minutes))).toBeLessThanOrEqual(2);
  });
});

describe('an action that cannot be closed at Xendit', () => {
  test('holds up no other charge for minutes, and is tried less and less often', { timeout: 120_000 }, async () => {
    const { world, ctx, time, step, runUntil } = await timedWorld(start, { requestsPerMinute: 600 });
    const ids: string[] = [];
    // Fewer than it takes to stop the channel as a whole.
    for (let n = 0; n < 4; n += 1) {
      world.gateway.script(declined('REQUIRES_ACTION'));
      ids.push(await world.onboard(`order-${n}`, 'monthly'));
      await world.work();
    }
    await step(48 * HOUR);
    world.moveTo('2026-02-02T02:00:00Z');
    for (const id of ids) await retryCharge(ctx, (await world.charge(id)).id, siti);
    await world.onboard('good', 'weekly');
    let goodAt = Number.NaN;
    world.gateway.otherwise(async () => {
      if (Number.isNaN(goodAt)) goodAt = await time();
      return succeeded();
    });
    const from = await time();
    let closings = 0;
    const closeRequest: typeof world.gateway.closeRequest = async () => {
      closings += 1;
      // POST .../cancel and the look after it end at the total deadline of 30 seconds each.
      await step(60_000);
      return { kind: 'unanswered', detail: 'no whole answer within 30000 ms' };
    };
    Object.assign(ctx, { gateway: { ...world.gateway, closeRequest } });
    await runUntil(from + 3 * HOUR);
    expect(goodAt - from).toBeLessThan(60_000);
    // Every five minutes, each of the four would be tried more than thirty times.
    expect(closings).toBeLessThanOrEqual(4 * 7);
    expect(world.gateway.sent.filter(({ referenceId }) => referenceId.endsWith('_2'))).toEqual([]);
  });
});
