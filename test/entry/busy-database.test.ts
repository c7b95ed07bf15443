import { type SQL, sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { isConnectionFault, openDatabase } from '../../src/infra/database/db.ts';
import { apiOver } from '../support/api.ts';
import { daemon, daemonVariables } from '../support/daemon.ts';
import { emptyDatabase, testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { testWorld } from '../support/world.ts';

const { db, url, admin } = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db, url, admin });

/** A context with so many connections, over which the clock is read too, as the system's is. */
function over(poolSize: number, deadlineMs: number): Context {
  const own = openDatabase({ url, poolSize, deadlineMs, applicationName: 'busy', vault: world.db.vault });
  onTestFinished(() => own.close());
  const now = async () => {
    await own.run(sql`select clock_timestamp()`);
    return world.now();
  };
  return { ...world.ctx, db: own, clock: { kind: 'system', now } };
}

const settled = (work: readonly Promise<unknown>[]) => Promise.allSettled(work);
const took = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

test('when every connection is busy, webhooks are stored and answered at once all the same', async () => {
  const ctx = over(2, 2_000);
  const api = await apiOver(ctx, { intake: over(1, 2_000) });
  const slow = settled([1, 2, 3, 4].map(() => ctx.db.run(sql`select pg_sleep(30)`)));
  const ms = await took(async () => expect((await api.webhook({ event: 'while.busy' })).status).toBe(200));
  expect(ms).toBeLessThan(1_000);
  expect(await world.ask(sql`select event from inbox`)).toEqual([{ event: 'while.busy' }]);
  await slow;
});

test('when every connection is busy, the others wait no longer than the deadline, are told 503, and charging waits', async () => {
  const id = await world.onboard('order-1');
  const ctx = over(2, 600);
  const api = await apiOver(ctx);
  const slow = settled([1, 2, 3, 4, 5, 6].map(() => ctx.db.run(sql`select pg_sleep(30)`)));
  const [answer, ready, billed] = await Promise.all([
    api.get('/v1/subscriptions'),
    api.get('/health/ready'),
    onDueDate(ctx).catch((error: unknown) => error),
  ]);
  expect([answer.status, answer.type.includes('problem+json')]).toEqual([503, true]);
  expect(answer.body.detail).toContain('does not answer just now');
  expect([ready.status, ready.body.status]).toEqual([503, 'not_ready']);
  expect(isConnectionFault(billed)).toBe(true);
  expect(world.gateway.sent).toEqual([]);
  await slow;
  expect((await api.get('/v1/subscriptions')).status).toBe(200);
  await onDueDate(ctx);
  expect(await world.charge(id)).toMatchObject({ status: 'paid' });
});

test('whoever asks after our health has an answer within three seconds, whatever the database does', async () => {
  const never = new Promise<never>(() => undefined);
  const api = await apiOver({ ...world.ctx, clock: { kind: 'system', now: () => never } });
  const ms = await took(async () => {
    const [ready, figures] = await Promise.all([api.get('/health/ready'), api.get('/metrics')]);
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { status: 'not_ready', reason: 'the database does not answer' },
    ]);
    expect(figures.status).toBe(503);
  });
  expect(ms).toBeLessThan(4_000);
});

test('the daemon stores webhooks over connections of their own: a locked table keeps none of them out', async () => {
  const database = await emptyDatabase();
  const more = {
    XENDIT_WEBHOOK_TOKEN: 'token',
    XENDIT_SECRET_KEY: 'xnd_development_x',
    XENDIT_API_URL: 'http://127.0.0.1:9',
  };
  const house = await daemon(daemonVariables(database, more));
  const session = await foreignSession(database);
  const hold: SQL = sql`lock table charges in access exclusive mode`;
  await session.hold(hold);
  const headers = { authorization: 'Bearer admin-key-of-the-tests' };
  const asked = settled(Array.from({ length: 12 }, () => fetch(`${house.url}/v1/charges`, { headers })));
  const busy = sql`select 1 from pg_stat_activity where application_name = 'dueday api' and wait_event_type = 'Lock'
    and datname = ${new URL(database).pathname.slice(1)}`;
  await expect.poll(async () => (await world.ask(busy)).length, { timeout: 5_000 }).toBe(3);
  const ms = await took(async () => {
    const stored = await fetch(`${house.url}/webhooks/xendit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-callback-token': 'token' },
      body: '{"event":"while.locked"}',
    });
    expect(stored.status).toBe(200);
  });
  expect(ms).toBeLessThan(1_000);
  await session.letGo();
  await asked;
});
