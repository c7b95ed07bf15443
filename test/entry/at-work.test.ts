import { sql } from 'drizzle-orm';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import { startAtWork } from '../../src/entry/scheduler/at-work.ts';
import { showSign } from '../../src/flows/control/show-sign.ts';
import { livingReplicas, pulseHours } from '../../src/infra/tables/control/replicas.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* What a process shows of itself: that it is there, and how its jobs went. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
const soon = { timeout: 10_000, interval: 5 };
const sign = (name: string) => ({
  id: ctx.newId(0),
  name,
  startedAt: Temporal.Now.instant().round('second'),
  runs: [],
});

beforeEach(() => world.startOver(at));

test('a daemon shows that it is there and how its first run went', async () => {
  const told = new AbortController();
  let runs = 0;
  const atWork: Context = { ...ctx, stopping: told.signal };
  const scheduler = startAtWork(atWork, () => (runs += 1));
  onTestFinished(async () => {
    told.abort();
    await scheduler.stop();
  });
  await vi.waitFor(async () => expect(await livingReplicas(ctx.db)).toHaveLength(1), soon);
  const [replica] = await livingReplicas(ctx.db);
  expect(runs).toBeGreaterThan(0);
  expect(replica?.name).toMatch(/ \d+$/);
  expect(replica?.runs.map(({ job }) => job)).toEqual(['test clock']);
  expect(replica?.seenSecondsAgo).toBeLessThan(60);
});

test('who is silent is not counted, and is cleared away after a day', async () => {
  await showSign(ctx, sign('one'));
  await showSign(ctx, sign('two'));
  await ctx.db.run(sql`update replicas set seen_at = now() - interval '4 minutes' where name = 'one'`);
  expect((await livingReplicas(ctx.db)).map(({ name }) => name)).toEqual(['two']);
  await ctx.db.run(sql`update replicas set seen_at = now() - interval '25 hours' where name = 'one'`);
  await showSign(ctx, sign('three'));
  expect(await ctx.db.run(sql`select name from replicas order by name`)).toEqual([{ name: 'three' }, { name: 'two' }]);
});

test('a minute has one pulse, whoever writes it: how long the oldest charge was in line, and what was sent', async () => {
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  const id = await world.onboard('sub-late');
  await world.work();
  const { next_attempt_at: next } = await world.charge(id);
  const now = async () => Temporal.Instant.from(next ?? '').add({ minutes: 3 });
  const due = { ...ctx, clock: { kind: 'virtual', now } } as const;
  await Promise.all([showSign(due, sign('one')), showSign(due, sign('two'))]);
  const hours = await pulseHours(ctx.db);
  expect(hours.map(({ hoursAgo, sent }) => [hoursAgo, sent])).toEqual([[0, 0]]);
  expect(hours[0]?.lateSeconds).toBe(180);
});
