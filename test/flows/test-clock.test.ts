import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { advanceClock, aimClock, clockState } from '../../src/flows/time/advance-clock.ts';
import { virtualClock } from '../../src/infra/clock.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const stops: string[] = [];
/** A daemon that lives by the test clock in the database. */
const onTestClock = (more: Partial<Context> = {}): Context => ({
  ...ctx,
  clock: virtualClock(ctx.db),
  clockMoved: async (now) => void stops.push(now.toString()),
  ...more,
});
const daemon = onTestClock();

beforeEach(async () => {
  await world.startOver(start);
  await world.ask(sql`insert into test_clock (id, now) values (1, ${start}::timestamptz)`);
  stops.length = 0;
});

async function advanceTo(instant: string): Promise<void> {
  expect(await aimClock(daemon, Temporal.Instant.from(instant), false)).toMatchObject({ kind: 'aimed' });
  await advanceClock(daemon);
}

describe('the test clock', () => {
  test('stops at every instant at which something falls due, and works there', async () => {
    const id = await world.onboard('order-1');
    gateway.script(succeeded(), declined('INSUFFICIENT_BALANCE'), unknown(), declined('ISSUER_UNAVAILABLE'));
    await advanceTo('2026-04-15T00:00:00Z');
    const sent = (await world.charges(id)).map((charge) => charge.attempts.map((one) => one.sent_at));
    expect(sent).toEqual([
      ['2026-01-31T02:00:00Z'],
      ['2026-02-28T02:00:00Z', '2026-03-01T02:00:00Z', '2026-03-01T02:10:00Z'],
      ['2026-03-31T02:00:00Z'],
    ]);
    expect(stops).toContain('2026-03-01T02:05:00Z');
    expect(await clockState(daemon)).toEqual({ now: Temporal.Instant.from('2026-04-15T00:00:00Z'), status: 'ready' });
  });

  test('tells those who live by it of every stop, in order', async () => {
    await world.onboard('order-1');
    await advanceTo('2026-03-15T00:00:00Z');
    expect(stops).toEqual(stops.toSorted());
    expect(stops.at(0)).toBe(start);
    expect(stops).toContain('2026-02-28T02:00:00Z');
    expect(stops.at(-1)).toBe('2026-03-15T00:00:00Z');
  });

  test('with jump does not stop on the way, as if the daemon had been down', async () => {
    const id = await world.onboard('order-1');
    await advanceTo('2026-01-31T03:00:00Z');
    const far = Temporal.Instant.from('2026-05-15T00:00:00Z');
    await aimClock(daemon, far, true);
    await advanceClock(daemon);
    expect(await world.charges(id)).toMatchObject([
      { status: 'paid' },
      { status: 'void', missed: true },
      { status: 'void', missed: true },
      { status: 'paid', missed: true, attempts: [{ sent_at: far.toString() }] },
    ]);
    expect(await clockState(daemon)).toEqual({ now: far, status: 'ready' });
  });

  test('goes forward only, and takes no second order while it is on its way', async () => {
    expect(await aimClock(daemon, Temporal.Instant.from('2026-01-30T00:00:00Z'), false)).toMatchObject({
      kind: 'refused',
    });
    await aimClock(daemon, Temporal.Instant.from('2026-03-01T00:00:00Z'), false);
    expect(await clockState(daemon)).toMatchObject({ status: 'advancing' });
    expect(await aimClock(daemon, Temporal.Instant.from('2026-04-01T00:00:00Z'), false)).toMatchObject({
      kind: 'refused',
    });
    await advanceClock(daemon);
    expect(await clockState(daemon)).toMatchObject({ status: 'ready' });
  });

  test('goes on where it was when the process died on the way, and skips nothing', async () => {
    const id = await world.onboard('order-1');
    const stop = new AbortController();
    const dying = onTestClock({
      stopping: stop.signal,
      clockMoved: async (now) => {
        if (now.toString() >= '2026-03') stop.abort();
      },
    });
    await aimClock(dying, Temporal.Instant.from('2026-06-15T00:00:00Z'), false);
    await advanceClock(dying);
    expect(await clockState(daemon)).toMatchObject({ status: 'advancing' });
    await advanceClock(daemon);
    const charges = await world.charges(id);
    expect(charges.map((charge) => charge.attempts[0]?.sent_at)).toEqual(charges.map((charge) => charge.due_at));
    expect(charges).toHaveLength(5);
    expect(await clockState(daemon)).toMatchObject({ status: 'ready' });
  });

  test('is not held up in real time by waits that Xendit did not ask for: they go by on it', async () => {
    const id = await world.onboard('order-1');
    const nobody: Outcome = { ...refused('throttled', 'GATEWAY_UNREACHABLE'), retryAfterSeconds: null } as Outcome;
    gateway.script(nobody, nobody, succeeded());
    const waits: number[] = [];
    const patient = onTestClock({ sleep: async (ms) => void waits.push(ms) });
    await aimClock(patient, Temporal.Instant.from('2026-01-31T02:30:00Z'), false);
    await advanceClock(patient);
    const { attempts } = await world.charge(id);
    expect(attempts.map((one) => [one.sent_at, one.outcome])).toEqual([
      ['2026-01-31T02:00:00Z', 'refused'],
      ['2026-01-31T02:01:00Z', 'refused'],
      ['2026-01-31T02:03:00Z', 'succeeded'],
    ]);
    expect(waits).toEqual([]);
  });

  test('at its own instant does the work that is due there', async () => {
    const id = await world.onboard('order-1');
    await advanceTo(start);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});
