import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import {
  client,
  daemon,
  daemonVariables,
  eventually,
  freePort,
  type Json,
  sandboxFor,
  xenditVariables,
} from '../support/daemon.ts';
import { migratedDatabase } from '../support/database.ts';

/** Two daemons on one database and one Xendit, which knows neither from the other. */
async function twins(clock: 'system' | 'virtual') {
  const [port, otherPort, database] = [await freePort(), await freePort(), await migratedDatabase()];
  const xendit = await sandboxFor(port);
  const told = (on: number) => daemonVariables(database, { ...xenditVariables(xendit, on), DUEDAY_CLOCK: clock });
  const [one, other] = await Promise.all([daemon(told(port)), daemon(told(otherPort))]);
  const api = client(one.url, adminKey);
  const sandbox = client(xendit.url);
  const [here, there] = [street(api, sandbox), street(client(other.url, adminKey), sandbox)];
  const door = (n: number) => (n % 2 === 0 ? here : there);
  return { one, other, api, sandbox, here, there, door };
}

/** Each cycle was asked for and taken once, and each charge says so. */
async function exactlyOnce(api: Json, sandbox: Json, count: number): Promise<void> {
  const { data } = await api.get('/v1/charges?limit=500');
  expect(data.map((charge: Json) => charge.status)).toEqual(Array.from({ length: count }, () => 'paid'));
  expect(data.every((charge: Json) => charge.collected === charge.amount && charge.overpaid === 0)).toBe(true);
  const { data: payments } = await sandbox.get('/_sandbox/payments');
  expect(new Set(payments.map((one: Json) => one.reference_id)).size).toBe(payments.length);
  const { data: asked } = await sandbox.get('/_sandbox/requests?path=/v3/payment_requests');
  expect(asked).toHaveLength(count);
  const money = (await api.get('/v1/charge-log')).data.reduce((sum: number, line: Json) => sum + line.money, 0);
  expect(await sandbox.get('/_sandbox/ledger')).toEqual({ collected: { IDR: money }, count });
}

/** How many attempts this daemon has settled. */
async function settledBy(url: string): Promise<number> {
  const figures: string = await client(url, adminKey).get('/metrics');
  return Number(/^dueday_attempts_settled_total\{outcome="succeeded",[^}]*\} (\d+)$/m.exec(figures)?.[1] ?? 0);
}

describe('two daemons on one database', () => {
  test('start on an empty one together', async () => {
    const { one, other } = await twins('system');
    for (const { url } of [one, other])
      expect(await client(url).get('/health/ready')).toMatchObject({ status: 'ready' });
  });

  test('charge what is due at the same moment exactly once, each doing a part', async () => {
    const { one, other, api, sandbox, here, door } = await twins('virtual');
    await here.clockTo('2040-01-31T02:00:00Z');
    const references = Array.from({ length: 24 }, (_, n) => `twin-${n}`);
    await Promise.all(references.map((reference, n) => door(n).subscribe(reference, { plan: 'weekly' })));
    await eventually(async () => {
      const { data } = await api.get('/v1/charges?status=paid&limit=500');
      if (data.length < 24) throw new Error('not yet');
    });
    await sandbox.post('/_sandbox/scenarios', { times: 200, do: { kind: 'delay', ms: 40 } });
    await api.post('/v1/test-clock', { now: '2040-02-22T02:00:00Z', jump: true });
    const woken = setInterval(() => {
      one.ctx.wake();
      other.ctx.wake();
    }, 5);
    try {
      // Three weeks were missed by all: one of them a customer and day.
      for (const day of ['22', '23', '24']) {
        await eventually(async () => {
          const { data } = await api.get('/v1/charges?status=paid&limit=500');
          expect(data).toHaveLength(24 * (Number(day) - 20));
        });
        if (day === '24') break;
        await eventually(async () => expect((await api.get('/v1/test-clock')).status).toBe('ready'));
        await api.post('/v1/test-clock', { now: `2040-02-${Number(day) + 1}T02:00:00Z` });
      }
    } finally {
      clearInterval(woken);
    }
    await exactlyOnce(api, sandbox, 96);
    const settled = await Promise.all([one.url, other.url].map(settledBy));
    expect(settled.every((count) => count > 0)).toBe(true);
    expect(settled.reduce((sum, count) => sum + count, 0)).toBe(96);
  });

  test('tell of one subscription alike, and take its webhooks at either door', async () => {
    const { one, other, api, sandbox, here, there, door } = await twins('system');
    await sandbox.post('/_sandbox/webhooks', { duplicate: 2, reorder: true });
    const ids = await Promise.all([0, 1, 2, 3].map((n) => door(n).subscribe(`either-${n}`)));
    await eventually(async () => {
      const { data } = await api.get('/v1/charges?status=paid');
      if (data.length < 4) throw new Error('not yet');
    });
    const token = { 'x-callback-token': 'canary-callback-token-of-the-stories', 'content-type': 'application/json' };
    const delivered = (await sandbox.get('/_sandbox/webhooks')).data;
    for (const webhook of delivered) {
      const body = JSON.stringify({ event: webhook.event, data: webhook.data });
      const answer = await fetch(`${other.url}/webhooks/xendit`, { method: 'POST', headers: token, body });
      expect(answer.status).toBe(200);
    }
    await eventually(async () => {
      const [open] = await one.ctx.db.run<{ count: number }>(
        sql`select count(*)::int as count from inbox where status = 'received'`,
      );
      expect(open?.count).toBe(0);
    });
    for (const id of ids) expect(await there.subscription(id)).toEqual(await here.subscription(id));
    await exactlyOnce(api, sandbox, 4);
  });

  test('one leaves while charges are under way: the other finishes, and nothing is taken twice', async () => {
    const { one, other, sandbox, there } = await twins('system');
    const api = client(other.url, adminKey);
    await sandbox.post('/_sandbox/scenarios', { times: 100, do: { kind: 'delay', ms: 150 } });
    const subscribing = Promise.all(Array.from({ length: 12 }, (_, n) => there.subscribe(`leaving-${n}`)));
    await eventually(async () => {
      const { data } = await sandbox.get('/_sandbox/payments');
      if (data.length < 3) throw new Error('not yet');
    });
    const [ids] = await Promise.all([subscribing.catch(() => null), one.stop()]);
    // The webhooks of those that were not linked yet went to the one that left: the other asks by itself.
    await other.ctx.db.run(sql`update onboardings set next_check_at = now() where status = 'active'`);
    other.ctx.wake();
    await eventually(async () => {
      const { data } = await api.get('/v1/charges?status=paid');
      if (data.length < 12) throw new Error(`${data.length} of 12 are paid`);
    });
    expect(ids === null || ids.length === 12).toBe(true);
    await exactlyOnce(api, sandbox, 12);
  });
});
