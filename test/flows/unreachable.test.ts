import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { refused, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

/** Nothing was sent: a refused connection, a name that is not known, a handshake that failed, a connect that took too long. */
const unreachable = (): Outcome =>
  ({ ...refused('throttled', 'GATEWAY_UNREACHABLE'), retryAfterSeconds: null }) as Outcome;
const refusesAll = (): Outcome =>
  ({ ...refused('throttled', 'RATE_LIMIT_EXCEEDED'), retryAfterSeconds: null }) as Outcome;

/** A daemon in real time, whose pauses pass on the clock of Postgres; told to stop, it waits for none of them. */
function live() {
  const stop = new AbortController();
  const sleep = async (milliseconds: number) => {
    if (milliseconds > 1_000) stop.abort();
  };
  return { ...ctx, clock: { ...ctx.clock, kind: 'system' as const }, sleep, stopping: stop.signal };
}

const onboardMany = async (count: number) =>
  await Promise.all(Array.from({ length: count }, (_, n) => world.onboard(`order-${n}`)));
const passes = (seconds: number) =>
  world.ask(sql`update pace set paused_until = paused_until - ${seconds}::int * interval '1 second'`);
const pause = async () => {
  const [row] = await world.ask<{ seconds: number }>(
    sql`select round(extract(epoch from paused_until - clock_timestamp()))::int as seconds from pace where endpoint = 'payment_requests'`,
  );
  return row?.seconds ?? 0;
};

describe.each([
  ['cannot be reached', unreachable, [60, 120, 240, 300, 300]],
  ['refuses everybody for now', refusesAll, [60, 120, 240, 480, 960]],
])('while Xendit %s', (_, answer, pauses) => {
  test('one charge finds out, after pauses that grow; once it answers, all are collected at full pace', async () => {
    await onboardMany(40);
    gateway.otherwise(answer);
    const waits: number[] = [];
    for (const wait of pauses) {
      await onDueDate(live());
      waits.push(await pause());
      world.moveTo(world.now().add({ seconds: wait }).toString());
      await passes(wait + 1);
    }
    for (const [index, wait] of pauses.entries()) expect(waits[index]).toBeCloseTo(wait, -1);
    expect(gateway.sent).toHaveLength(pauses.length);
    const told = () => world.logged.filter(({ event }) => event.startsWith('xendit takes'));
    const { code } = answer() as Extract<Outcome, { kind: 'refused' }>;
    const wayOut = expect.stringContaining('delayed, not failed');
    expect(told()).toMatchObject([
      { level: 'warn', event: 'xendit takes no charges', facts: { code, pauses: 3, way_out: wayOut } },
    ]);
    gateway.otherwise(() => succeeded());
    await onDueDate(live());
    expect(gateway.payments).toHaveLength(40);
    const [row] = await world.ask(sql`select pauses from pace where endpoint = 'payment_requests'`);
    expect(row).toEqual({ pauses: 0 });
    expect(told().map(({ event }) => event)).toEqual(['xendit takes no charges', 'xendit takes charges again']);
  });
});

test('ten minutes without a connection leave a few attempts and ledger entries, by a test clock too', async () => {
  await onboardMany(100);
  gateway.otherwise(unreachable);
  await world.liveUntil('2026-01-31T02:10:00Z');
  expect(gateway.sent.length).toBeLessThanOrEqual(25);
  gateway.otherwise(() => succeeded());
  await world.liveUntil('2026-01-31T02:20:00Z');
  expect(gateway.payments).toHaveLength(100);
});

test('one connection that broke among others that did not stops nobody', async () => {
  await onboardMany(30);
  gateway.script(succeeded(), unreachable());
  await onDueDate(live());
  expect(gateway.payments).toHaveLength(29);
  expect(await pause()).toBeLessThanOrEqual(0);
});
