import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { pauseEndpoint, reserve } from '../../src/infra/tables/control/pace.ts';
import { answering } from '../support/answering.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway, db } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A daemon with a pace, which goes home when it would have to wait; `waits` tells how long that would have been. */
function paced(requestsPerMinute: number, waits: number[] = []): AccountContext {
  const stop = new AbortController();
  const sleep = async (milliseconds: number) => {
    if (milliseconds <= 20) return;
    waits.push(milliseconds);
    stop.abort();
  };
  return world.another({ requestsPerMinute, sleep, stopping: stop.signal });
}

/** As if everything reserved so far had been reserved so many seconds earlier. */
const later = (seconds: number) =>
  world.ask(sql`update pace set paused_until = paused_until - ${seconds}::int * interval '1 second',
    at = array(select u - ${seconds}::int * interval '1 second' from unnest(at) as u)`);

describe('the allowance', () => {
  test('is one for all: two daemons together get no more than there is', async () => {
    const daemons = [ctx, world.another(), world.another()];
    const granted = await Promise.all(
      [...daemons, ...daemons].map((daemon) => reserve(daemon.db, '', 'payment_requests', 20, 7)),
    );
    expect(granted.reduce((sum, one) => sum + one.granted, 0)).toBe(20);
    expect(await reserve(db, '', 'payment_requests', 20, 1)).toMatchObject({ granted: 0 });
    expect(await reserve(db, '', 'look_ups', 20, 1)).toMatchObject({ granted: 1 });
  });

  test('slides: what was reserved comes back a minute after it was, not on the minute', async () => {
    expect(await reserve(db, '', 'payment_requests', 10, 6)).toEqual({ granted: 6, waitMs: 0 });
    await later(40);
    expect(await reserve(db, '', 'payment_requests', 10, 6)).toEqual({ granted: 4, waitMs: 0 });
    const full = await reserve(db, '', 'payment_requests', 10, 1);
    expect(full.granted).toBe(0);
    expect(full.waitMs).toBeGreaterThan(18_000);
    expect(full.waitMs).toBeLessThanOrEqual(22_000);
    await later(23);
    expect(await reserve(db, '', 'payment_requests', 10, 10)).toEqual({ granted: 6, waitMs: 0 });
  });

  test('is nothing while Xendit asks to wait, even without a pace', async () => {
    await pauseEndpoint(db, '', 'payment_requests', 30);
    const asked = await reserve(db, '', 'payment_requests', null, 5);
    expect(asked.granted).toBe(0);
    expect(asked.waitMs).toBeGreaterThan(29_000);
    expect(asked.waitMs).toBeLessThanOrEqual(30_000);
    await later(31);
    expect(await reserve(db, '', 'payment_requests', null, 5)).toEqual({ granted: 5, waitMs: 0 });
  });

  test('pauses for the longest time that was asked for', async () => {
    await pauseEndpoint(db, '', 'payment_requests', 30);
    await pauseEndpoint(db, '', 'payment_requests', 5);
    expect((await reserve(db, '', 'payment_requests', null, 1)).waitMs).toBeGreaterThan(29_000);
  });
});

describe('charging at a pace', () => {
  test('sends no more than the allowance, waits for the rest, and then goes on', async () => {
    for (let n = 0; n < 12; n += 1) await world.onboard(`order-${n}`);
    const waits: number[] = [];
    await world.workAs(paced(5, waits));
    expect(gateway.sent).toHaveLength(5);
    expect(waits[0]).toBeGreaterThan(60_000);
    await later(63);
    await world.workAs(paced(5));
    expect(gateway.sent).toHaveLength(10);
    await later(63);
    await world.workAs(paced(5));
    expect(gateway.payments).toHaveLength(12);
  });

  test('takes nothing from it for charges that are put off', async () => {
    for (let n = 0; n < 6; n += 1) await world.onboard(`order-${n}`);
    // A mandate keeps these from being charged today.
    await world.above(
      `update tokens set recurring_expiry = '2026-01-01' where id in (select id from tokens order by id limit 3)`,
    );
    await world.workAs(paced(3));
    expect(gateway.payments).toHaveLength(3);
  });

  test('collects cards at the full pace beside wallets that Xendit limits, with few useless requests', async () => {
    const wallet = { channelCode: 'OVO', network: null };
    for (let n = 0; n < 40; n += 1) await world.onboard(`wallet-${n}`, 'monthly', {}, wallet);
    for (let n = 0; n < 10; n += 1) await world.onboard(`card-${n}`, 'weekly');
    const limited = { ...refused('throttled', 'PAYMENT_REQUEST_RATE_LIMITED'), retryAfterSeconds: null } as Outcome;
    gateway.otherwise((sent) => (sent.channelCode === 'OVO' ? limited : succeeded()));
    // Wallets come first by urgency: they are larger.
    await world.workAs(paced(20));
    expect(gateway.payments).toHaveLength(10);
    expect(gateway.sent.length).toBeLessThanOrEqual(20);
  });

  test('shares it between daemons', async () => {
    for (let n = 0; n < 12; n += 1) await world.onboard(`order-${n}`);
    await Promise.all([paced(5), paced(5), paced(5)].map((daemon) => world.workAs(daemon)));
    expect(gateway.sent.length).toBeLessThanOrEqual(5);
    expect(gateway.sent.length).toBeGreaterThan(0);
  });

  test('takes last chances first, then large amounts', async () => {
    const anchorDate = Temporal.PlainDate.from('2026-02-01');
    const dunned = await world.onboard('dunned', 'weekly');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const small = await world.onboard('small', 'weekly', { anchorDate });
    const large = await world.onboard('large', 'monthly', { anchorDate });
    world.moveTo('2026-02-01T02:00:00Z');
    gateway.forget();
    await world.workAs(paced(60));
    const order = gateway.sent.map((sent) => [dunned, small, large].findIndex((id) => sent.referenceId.includes(id)));
    expect(order).toEqual([0, 2, 1]);
  });

  test('paces look-ups by themselves', async () => {
    for (let n = 0; n < 6; n += 1) await world.onboard(`order-${n}`);
    gateway.otherwise(unknown());
    await world.work();
    world.moveTo('2026-01-31T02:01:00Z');
    await world.workAs(paced(4));
    expect(gateway.asked.length).toBeLessThanOrEqual(6);
    expect(await reserve(db, '', 'look_ups', 4, 1)).toMatchObject({ granted: 0 });
  });

  test('lets one look-up of a process wait for its turn, with the others in a line behind it', async () => {
    for (let n = 0; n < 6; n += 1) await world.onboard(`order-${n}`);
    gateway.otherwise(unknown());
    await world.work();
    world.moveTo('2026-01-31T02:01:00Z');
    const waits: number[] = [];
    await rescueAttempts(paced(2, waits));
    expect(gateway.asked).toHaveLength(2);
    expect(waits).toHaveLength(1);
  });

  test.each([
    ['payment_requests', onDueDate],
    ['look_ups', rescueAttempts],
  ] as const)('shows signs of life while Xendit wants no %s for an hour', async (endpoint, flow) => {
    await world.onboard('order-1');
    if (flow === rescueAttempts) {
      gateway.script(unknown());
      await world.work();
      world.moveTo('2026-01-31T02:01:00Z');
    }
    await pauseEndpoint(db, '', endpoint, 3_600);
    const stop = new AbortController();
    const waits: number[] = [];
    let signs = 0;
    const sleep = async (milliseconds: number) => {
      waits.push(milliseconds);
      signs = 0;
      if (waits.length === 3) stop.abort();
    };
    const now = async () => {
      signs += 1;
      return world.now();
    };
    await flow({ ...ctx, sleep, stopping: stop.signal, clock: { kind: 'system', now } });
    // A run that shows none for five minutes is replaced as one that hangs.
    expect(Math.max(...waits)).toBeLessThan(300_000);
    expect(waits).toHaveLength(3);
    expect(signs).toBeGreaterThan(0);
  });

  test('slows everybody down when the allowance that Xendit counts is used up', async () => {
    await world.onboard('order-1');
    const allowance = () => ({ remaining: 0, resetSeconds: 40 });
    await world.workAs(answering(ctx, { allowance }));
    const asked = await reserve(db, '', 'payment_requests', 60, 1);
    expect(asked.granted).toBe(0);
    expect(asked.waitMs).toBeGreaterThan(39_000);
  });
});
