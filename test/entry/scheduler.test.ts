import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import { type Scheduler, startScheduler } from '../../src/entry/scheduler/scheduler.ts';
import { apiOver } from '../support/api.ts';
import { succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });

type Running = { readonly scheduler: Scheduler; readonly stop: () => Promise<void>; readonly ended: () => number };

/** A scheduler over the world, stopped after the test as the daemon stops it: told first, waited for then. */
function run(more: Partial<Context> = {}): Running {
  const told = new AbortController();
  let ended = 0;
  const scheduler = startScheduler({ ...world.ctx, stopping: told.signal, ...more }, () => (ended += 1));
  const stop = async () => {
    told.abort();
    await scheduler.stop();
  };
  onTestFinished(stop);
  return { scheduler, stop, ended: () => ended };
}

/** A clock that walks from here at the pace of the real one. */
function walkingFrom(start: string): Context['clock'] {
  const began = performance.now();
  const from = Temporal.Instant.from(start);
  return {
    kind: 'system',
    now: async () => from.add({ milliseconds: Math.round(performance.now() - began) }),
  };
}

const soon = { timeout: 10_000, interval: 5 };
const sentOf = (id: string) => world.gateway.sent.filter((one) => one.referenceId.includes(id)).length;
const anchorDate = Temporal.PlainDate.from('2026-02-01');

afterEach(() => void vi.restoreAllMocks());

describe('the scheduler', () => {
  test('does what is due when it starts', async () => {
    const id = await world.onboard('at-start');
    run();
    await vi.waitFor(async () => expect((await world.charges(id))[0]?.status).toBe('paid'), soon);
  });

  test('compares the books with Xendit’s when it starts, without being asked', async () => {
    run({ clock: walkingFrom('2026-01-31T02:00:00Z') });
    await vi.waitFor(() => expect(world.gateway.reads).toHaveLength(1), soon);
  });

  test('wakes at the instant at which something falls due, not before', async () => {
    const id = await world.onboard('at-its-time', 'monthly', { anchorDate });
    run({ clock: walkingFrom('2026-02-01T01:59:59.600Z') });
    await vi.waitFor(async () => expect((await world.charges(id))[0]?.status).toBe('paid'), soon);
    const [charge] = await world.charges(id);
    const late = Temporal.Instant.from(charge?.attempts[0]?.sent_at ?? '').since('2026-02-01T02:00:00Z');
    expect(late.total('milliseconds')).toBeGreaterThanOrEqual(0);
    expect(late.total('milliseconds')).toBeLessThan(2_000);
  });

  test('is in time for what is planned while it sleeps until something later', async () => {
    const { scheduler, ended } = run({ clock: walkingFrom('2026-02-01T01:59:59.200Z') });
    await vi.waitFor(() => expect(ended()).toBeGreaterThanOrEqual(4), soon);
    const id = await world.onboard('planned-meanwhile', 'monthly', { anchorDate });
    scheduler.wake();
    await vi.waitFor(async () => expect((await world.charges(id))[0]?.status).toBe('paid'), soon);
  });

  test('goes on by itself after runs that failed', async () => {
    const id = await world.onboard('after-failure');
    let failures = 4;
    const now = async () => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('the database is away');
      }
      return world.now();
    };
    run({ clock: { kind: 'system', now } });
    await vi.waitFor(async () => expect((await world.charges(id))[0]?.status).toBe('paid'), soon);
    expect(world.logged.filter((line) => line.event === 'run failed').length).toBeGreaterThanOrEqual(3);
  });

  test('looks again after a failure sooner at first, then less and less often', async () => {
    const pauses: number[] = [];
    let failures = 0;
    const now = async () => {
      failures += 1;
      if (failures <= 40) throw new Error('the database is away');
      return world.now();
    };
    const sleep = async (milliseconds: number) => void pauses.push(milliseconds);
    const { ended } = run({ clock: { kind: 'virtual', now }, sleep });
    await vi.waitFor(() => expect(ended()).toBe(1), soon);
    const failed = pauses.filter((pause) => pause >= 100);
    expect(failed.slice(0, 7)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000]);
    expect(Math.max(...failed)).toBe(5_000);
  });

  test('tries a statement that Postgres finds too slow once a minute in the end, and says what to look for', async () => {
    const pauses: number[] = [];
    const stop = new AbortController();
    const tooSlow = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
    const sleep = async (milliseconds: number) => {
      pauses.push(milliseconds);
      if (pauses.length === 20) stop.abort();
    };
    const now = async () => await Promise.reject(tooSlow);
    run({ clock: { kind: 'virtual', now }, sleep, stopping: stop.signal });
    await vi.waitFor(() => expect(pauses).toHaveLength(20), soon);
    expect(Math.max(...pauses)).toBe(60_000);
    const failed = world.logged.filter(({ event }) => event === 'run failed').at(-1);
    expect(failed).toMatchObject({ facts: { way_out: expect.stringContaining('too long') } });
  });

  test('looks once more when it is woken during a run, however often', async () => {
    let looks = 0;
    let gate = Promise.resolve();
    const now = async () => {
      looks += 1;
      await gate;
      return world.now();
    };
    const { scheduler, ended } = run({ clock: { kind: 'virtual', now } });
    await vi.waitFor(() => expect(ended()).toBeGreaterThanOrEqual(1), soon);
    const once = looks;
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    looks = 0;
    scheduler.wake();
    await vi.waitFor(() => expect(looks).toBe(1), soon);
    for (let n = 0; n < 5; n += 1) scheduler.wake();
    held.resolve();
    await vi.waitFor(() => expect(ended()).toBeGreaterThanOrEqual(2), soon);
    expect(looks).toBeGreaterThanOrEqual(2 * once);
  });

  test('never runs a job beside itself', async () => {
    let looks = 0;
    const held = Promise.withResolvers<void>();
    // The first thing that a run does is to look at the clock: a run beside another would look too.
    const now = async () => {
      looks += 1;
      await held.promise;
      return world.now();
    };
    const { scheduler, ended } = run({ clock: { kind: 'virtual', now } });
    for (let n = 0; n < 50; n += 1) {
      scheduler.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(looks).toBeGreaterThan(0), soon);
    // A run that had begun beside it has looked by then.
    for (let n = 0; n < 10; n += 1) await world.ask(sql`select 1`);
    expect(looks).toBe(1);
    held.resolve();
    await vi.waitFor(() => expect(ended()).toBeGreaterThan(0), soon);
  });

  test('tells of a run that hangs, and replaces it', async () => {
    const silent = Promise.withResolvers<Temporal.Instant>();
    let hangs = true;
    const now = () => (hangs ? silent.promise : Promise.resolve(world.now()));
    const { scheduler, ended } = run({ clock: { kind: 'virtual', now } });
    expect(scheduler.hanging()).toBeNull();
    const real = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(real + 6 * 60_000);
    expect(scheduler.hanging()).toBe('test clock');
    expect(scheduler.standsStill()).toBe('the run of test clock hangs');
    hangs = false;
    scheduler.wake();
    await vi.waitFor(() => expect(ended()).toBeGreaterThanOrEqual(1), soon);
    expect(scheduler.hanging()).toBeNull();
    expect(world.logged.some((line) => line.event === 'run hangs, and is replaced')).toBe(true);
    silent.resolve(world.now());
  });

  test('says when nobody woke the jobs for two pauses, and not before', async () => {
    const { scheduler, ended } = run();
    await vi.waitFor(() => expect(ended()).toBeGreaterThanOrEqual(1), soon);
    const api = await apiOver(world.ctx, { notReady: () => scheduler.standsStill() });
    const ready = async () => {
      const { status, body } = await api.get('/health/ready');
      return [status, body.reason];
    };
    expect(await ready()).toEqual([200, null]);
    const real = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(real + 115_000);
    expect(scheduler.standsStill()).toBeNull();
    clock.mockReturnValue(real + 130_000);
    expect(await ready()).toEqual([503, expect.stringMatching(/^nothing was scheduled for 1\d\d seconds$/)]);
    expect(scheduler.standsStill()).toMatch(/^nothing was scheduled for 1\d\d seconds$/);
    scheduler.wake();
    expect(scheduler.standsStill()).toBeNull();
  });

  test('stopping waits for the answer that is under way, and for its settlement', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const id = await world.onboard('under-way');
    world.gateway.script(async () => {
      asked.resolve();
      await answer.promise;
      return succeeded();
    });
    const { stop } = run();
    await asked.promise;
    let stopped = false;
    const done = stop().then(() => (stopped = true));
    const late = await world.onboard('too-late');
    expect(stopped).toBe(false);
    answer.resolve();
    await done;
    expect((await world.charges(id))[0]).toMatchObject({ status: 'paid', collected: 150_000 });
    expect(sentOf(late)).toBe(0);
  });

  test('stopping says whether a run left something behind', async () => {
    const good = run();
    expect(await good.scheduler.stop()).toBe(true);
    const fails = async () => await Promise.reject(new Error('the database is away'));
    const bad = run({ clock: { kind: 'system', now: fails } });
    await vi.waitFor(() => expect(world.logged.some(({ event }) => event === 'run failed')).toBe(true), soon);
    await bad.stop();
    expect(await bad.scheduler.stop()).toBe(false);
  });

  test('starts nothing once it is stopped, whoever wakes it', async () => {
    const { scheduler, stop } = run();
    await stop();
    const id = await world.onboard('after-the-end');
    scheduler.wake();
    await scheduler.stop();
    expect(await world.charges(id)).toEqual([]);
  });
});
