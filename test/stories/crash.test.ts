import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { adminKey } from '../support/api.ts';
import { type Street, street } from '../support/customer.ts';
import {
  type Child,
  type Client,
  childDaemon,
  client,
  daemonVariables,
  eventually,
  freePort,
  type Json,
  sandboxFor,
  xenditVariables,
} from '../support/daemon.ts';
import { emptyDatabase } from '../support/database.ts';

type Scene = Street & {
  readonly api: Client;
  readonly sandbox: Client;
  readonly db: Database;
  readonly start: () => Promise<Child>;
};

/** A daemon that can be killed, and what survives it: the database and Xendit. */
async function scene(): Promise<Scene> {
  const [port, database] = [await freePort(), await emptyDatabase()];
  const xendit = await sandboxFor(port);
  const variables = daemonVariables(database, { ...xenditVariables(xendit, port), DUEDAY_CLOCK: 'virtual' });
  const db = openDatabase({ url: database, poolSize: 2, applicationName: 'crash test' });
  onTestFinished(() => db.close());
  const [api, sandbox] = [client(`http://127.0.0.1:${port}`, adminKey), client(xendit.url)];
  return { ...street(api, sandbox), api, sandbox, db, start: () => childDaemon(variables) };
}

/** Two minutes of the lease are not waited for: this is the moment at which they are over. */
async function leasesEnd(db: Database): Promise<void> {
  await db.run(sql`update attempts set lease_until = now() - interval '1 second' where outcome is null`);
}

async function killed(child: Child): Promise<void> {
  child.process.kill('SIGKILL');
  expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' });
}

/** What the clock was on its way to when it was cut off, it has reached. */
async function arrived(api: Client): Promise<void> {
  await eventually(async () => expect(await api.get('/v1/test-clock')).toMatchObject({ status: 'ready' }));
}

describe('killed while charges are under way', () => {
  test('cards: the next daemon asks, and each cycle is collected exactly once', async () => {
    const { api, sandbox, db, start, subscribe, charges, clockTo, requests, taken } = await scene();
    const first = await start();
    await clockTo('2040-01-31T02:00:00Z');
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => subscribe(`killed-${n}`)));
    await eventually(async () => expect((await api.get('/v1/charges?status=paid')).data).toHaveLength(8));
    await sandbox.post('/_sandbox/webhooks', { drop: true });
    // The first batch is one charge. Of the others some are charged and never answered, some never reach the till.
    await sandbox.post('/_sandbox/scenarios', { do: { kind: 'delay', ms: 1 } });
    await sandbox.post('/_sandbox/scenarios', { times: 4, do: { kind: 'timeout', charged: true } });
    await sandbox.post('/_sandbox/scenarios', { times: 3, do: { kind: 'timeout', charged: false } });
    await api.post('/v1/test-clock', { now: '2040-02-29T02:00:00Z', jump: true });
    await eventually(async () => {
      const asked = await Promise.all(ids.map(requests));
      expect(asked.flat()).toHaveLength(16);
    });
    await killed(first);
    expect((await sandbox.get('/_sandbox/ledger')).count).toBe(13);

    await leasesEnd(db);
    await start();
    await arrived(api);
    await sandbox.post('/_sandbox/webhooks', { drop: false });
    await clockTo('2040-02-29T02:00:01Z');
    await leasesEnd(db);
    await clockTo('2040-03-02T03:00:00Z');
    for (const id of ids) {
      const [january, february] = await charges(id);
      expect([january?.status, february?.status]).toEqual(['paid', 'paid']);
      expect(await taken(id)).toHaveLength(2);
    }
    const money = (await api.get('/v1/charge-log')).data.reduce((sum: number, line: Json) => sum + line.money, 0);
    expect(await sandbox.get('/_sandbox/ledger')).toEqual({ collected: { IDR: money }, count: 16 });
  });

  test.each([true, false])('a wallet (charged: %s): collected once, or held for a person', async (charged) => {
    const { sandbox, db, start, subscribe, charges, clockTo, requests, taken, script, api } = await scene();
    const first = await start();
    await clockTo('2040-01-31T02:00:00Z');
    const id = await subscribe('wallet', { channel: 'DANA' });
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    await sandbox.post('/_sandbox/webhooks', { drop: true });
    await script(id, { kind: 'timeout', charged });
    await api.post('/v1/test-clock', { now: '2040-02-29T02:00:00Z', jump: true });
    await eventually(async () => expect(await requests(id)).toHaveLength(2));
    await killed(first);

    await leasesEnd(db);
    await start();
    await arrived(api);
    await clockTo('2040-03-02T03:00:00Z');
    const [, february] = await charges(id);
    expect(february?.status).toBe(charged ? 'paid' : 'held');
    expect(await taken(id)).toHaveLength(charged ? 2 : 1);
    expect(await requests(id)).toHaveLength(2);
  });
});

test('killed while the test clock is under way, the next daemon takes it there', async () => {
  const { start, subscribe, charges, sandbox, api } = await scene();
  const first = await start();
  await street(api, sandbox).clockTo('2040-01-31T02:00:00Z');
  const id = await subscribe('on-the-way', { plan: 'weekly' });
  await api.post('/v1/test-clock', { now: '2040-07-31T02:00:00Z' });
  await eventually(async () => expect((await charges(id)).length).toBeGreaterThan(3));
  await killed(first);
  await start();
  await eventually(async () => {
    expect(await api.get('/v1/test-clock')).toEqual({ now: '2040-07-31T02:00:00Z', status: 'ready' });
  });
  const billed = await charges(id);
  expect(billed.map((charge) => charge.cycle)).toEqual(Array.from({ length: 27 }, (_, cycle) => cycle));
});
