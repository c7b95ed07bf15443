import { createServer, type ServerResponse } from 'node:http';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import {
  callbackToken,
  childDaemon,
  client,
  daemonVariables,
  eventually,
  freePort,
  sandboxFor,
  secretKey,
  xenditVariables,
} from '../support/daemon.ts';
import { emptyDatabase, testDatabase } from '../support/database.ts';
import { subscribeMany } from '../support/many.ts';
import { testWorld } from '../support/world.ts';

async function running(more: Record<string, string> = {}) {
  const [port, database] = [await freePort(), await emptyDatabase()];
  const xendit = await sandboxFor(port);
  const url = `http://127.0.0.1:${port}`;
  const child = await childDaemon(daemonVariables(database, { ...xenditVariables(xendit, port), ...more }));
  const db = openDatabase({ url: database, poolSize: 1, applicationName: 'shutdown test' });
  onTestFinished(() => db.close());
  const [api, sandbox] = [client(url, adminKey), client(xendit.url)];
  return { ...street(api, sandbox), child, db, url, api, sandbox };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s: what is under way is finished, then it exits with 0', async (signal) => {
  const { child, db, api, sandbox, subscribe, charges, clockTo } = await running({ DUEDAY_CLOCK: 'virtual' });
  await clockTo('2040-01-31T02:00:00Z');
  const id = await subscribe('under-way');
  await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
  // Only the answer itself can tell, and it takes its time.
  await sandbox.post('/_sandbox/webhooks', { drop: true });
  await sandbox.post('/_sandbox/scenarios', { do: { kind: 'delay', ms: 1_500 } });
  await api.post('/v1/test-clock', { now: '2040-02-29T02:00:00Z', jump: true });
  await eventually(async () => expect((await charges(id))[1]?.status).toBe('attempting'));
  child.process.kill(signal);
  expect(await child.exit).toEqual({ code: 0, signal: null });
  const rows = await db.run<{ status: string; outcome: string }>(
    sql`select c.status, a.outcome from charges c join attempts a on a.charge_id = c.id and a.bucket = c.bucket`,
  );
  expect(rows).toEqual([
    { status: 'paid', outcome: 'succeeded' },
    { status: 'paid', outcome: 'succeeded' },
  ]);
  expect(await sandbox.get('/_sandbox/ledger')).toMatchObject({ count: 2 });
});

test('whoever is idle is gone at once', async () => {
  const { child, url } = await running();
  // A connection that is kept alive holds nobody up.
  await client(url).get('/health/live');
  const asked = performance.now();
  child.process.kill('SIGTERM');
  expect((await child.exit).code).toBe(0);
  expect(performance.now() - asked).toBeLessThan(5_000);
});

test('a second signal, later, ends it at once', async () => {
  const { child, api, sandbox, subscribe, charges, clockTo } = await running({ DUEDAY_CLOCK: 'virtual' });
  await clockTo('2040-01-31T02:00:00Z');
  const id = await subscribe('impatient');
  await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
  await sandbox.post('/_sandbox/scenarios', { do: { kind: 'delay', ms: 25_000 } });
  await api.post('/v1/test-clock', { now: '2040-02-29T02:00:00Z', jump: true });
  await eventually(async () => expect((await charges(id))[1]?.status).toBe('attempting'));
  const asked = performance.now();
  await eventually(() => {
    child.process.kill('SIGTERM');
    expect(child.process.exitCode).toBe(1);
  });
  expect(performance.now() - asked).toBeLessThan(20_000);
  expect(child.said()).toContain('stopping');
});

test('told to end, it claims nothing more, and no answer over HTTP is cut off', async () => {
  const { child, db, api, sandbox, url, subscribe, clockTo } = await running({ DUEDAY_CLOCK: 'virtual' });
  await clockTo('2040-01-31T02:00:00Z');
  await Promise.all(Array.from({ length: 12 }, (_, n) => subscribe(`many-${n}`)));
  await eventually(async () => expect((await api.get('/v1/charges?status=paid')).data).toHaveLength(12));
  // The first of a run is tried alone: while it waits for its answer, eleven are due.
  await sandbox.post('/_sandbox/scenarios', { do: { kind: 'delay', ms: 1_500 } });
  await sandbox.post('/_sandbox/scenarios', { match: { path: '/sessions' }, do: { kind: 'delay', ms: 3_000 } });
  await api.post('/v1/test-clock', { now: '2040-02-29T02:00:00Z', jump: true });
  const requests = async (path: string) => (await sandbox.get(`/_sandbox/requests?path=${path}`)).data.length as number;
  await eventually(async () => expect(await requests('/v3/payment_requests')).toBe(13));
  const answer = api.post('/v1/subscriptions', {
    reference_id: 'not-cut-off',
    plan: 'monthly',
    customer: { reference_id: 'customer-not-cut-off', given_names: 'Siti' },
  });
  await eventually(async () => expect(await requests('/sessions')).toBe(13));
  child.process.kill('SIGTERM');
  expect(await answer).toMatchObject({ status: 'pending', onboarding: { status: 'active' } });
  expect(await child.exit).toEqual({ code: 0, signal: null });
  await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
  expect(await requests('/v3/payment_requests')).toBe(13);
  const counts = await db.run(sql`select status, count(*)::int as count from charges group by status order by status`);
  expect(counts).toEqual([
    { status: 'due', count: 11 },
    { status: 'paid', count: 13 },
  ]);
  expect(await db.run(sql`select id from attempts where outcome is null`)).toEqual([]);
});

const made = await testDatabase();

test('a declined card whose network cannot be read before the process ends is left to be asked about, not in flight', async () => {
  const [port, xenditPort, database] = [await freePort(), await freePort(), made.adminUrl];
  const arrived = Promise.withResolvers<void>();
  const answer = (response: ServerResponse, after: number, body: object) =>
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)), after);
  const xendit = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') return answer(response, 25_000, { data: [], has_more: false });
      const { reference_id, currency, request_amount } = JSON.parse(body) as Record<string, unknown>;
      const said = { status: 'FAILED', failure_code: 'INSUFFICIENT_BALANCE', latest_payment_id: 'py-1' };
      answer(response, 3_000, { payment_request_id: 'pr-1', reference_id, currency, request_amount, ...said });
      arrived.resolve();
    });
  });
  xendit.listen(xenditPort, '127.0.0.1');
  onTestFinished(() => xendit.closeAllConnections());
  const db = openDatabase({ url: database, poolSize: 2, applicationName: 'shutdown test' });
  onTestFinished(() => db.close());
  await subscribeMany((await testWorld({ at: Temporal.Now.instant().toString(), db })).ctx, 1, 'monthly');
  const child = await childDaemon(
    daemonVariables(database, {
      PORT: String(port),
      XENDIT_SECRET_KEY: secretKey,
      XENDIT_API_URL: `http://127.0.0.1:${xenditPort}`,
      XENDIT_WEBHOOK_TOKEN: callbackToken,
    }),
  );
  await arrived.promise;
  const told = performance.now();
  child.process.kill('SIGTERM');
  expect(await child.exit).toEqual({ code: 0, signal: null });
  expect(performance.now() - told).toBeLessThan(20_000);
  // A card is not tried again before the network's word is known, so its attempt stays open for the next process to ask.
  expect(
    await db.run(sql`select outcome, failure_code, next_check_at is not null as is_asked_about from attempts`),
  ).toEqual([{ outcome: 'unknown', failure_code: 'INSUFFICIENT_BALANCE', is_asked_about: true }]);
});

test('no secret is ever written: no key, token, payment token, e-mail or card number', async () => {
  const { child, sandbox, api, url, subscribe, charges, script, clockTo } = await running({
    LOG_LEVEL: 'debug',
    DUEDAY_CLOCK: 'virtual',
  });
  await clockTo('2040-01-31T02:00:00Z');
  const email = 'canary.siti@example.com';
  const mobile = '+628129999888777';
  const id = await subscribe('canary', { customer: { email, mobile_number: mobile } });
  await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
  const token = (await sandbox.get('/_sandbox/payments')).data[0].payment_token_id as string;
  for (const script_ of [
    { kind: 'decline', failure_code: 'INSUFFICIENT_BALANCE' },
    {
      kind: 'http_error',
      status: 500,
      error_code: 'SERVER_ERROR',
      message: `no ${token} for ${email} 4000000000001000`,
    },
    { kind: 'reset', charged: true },
    { kind: 'garbage', charged: true, body: `${token} ${email} 4000000000001000 ${secretKey}` },
    { kind: 'http_error', status: 400, error_code: 'API_VALIDATION_ERROR', message: `${token} is wrong, ${email}` },
  ]) {
    await script(id, script_);
  }
  await clockTo('2040-05-05T02:00:00Z');
  const posts: readonly (readonly [string, string, Record<string, string>])[] = [
    [
      '/v1/subscriptions',
      `{"reference_id":"${email}","card":"4000000000001000"}`,
      { authorization: `Bearer ${adminKey}` },
    ],
    ['/v1/subscriptions', '{', { authorization: `Bearer ${secretKey}` }],
    [
      '/webhooks/xendit',
      `{"event":"${token}","data":"${email} 4000000000001000"}`,
      { 'x-callback-token': callbackToken },
    ],
    ['/webhooks/xendit', '{}', { 'x-callback-token': `${callbackToken}-wrong` }],
  ];
  for (const [path, body, headers] of posts) {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(await answer.text()).not.toMatch(/xnd_|pt-/);
  }
  await api.get('/v1/charge-log?format=csv');
  child.process.kill('SIGTERM');
  await child.exit;
  const said = child.said();
  expect(said).toContain('attempt settled');
  expect(said).toContain('webhook received');
  for (const secret of [secretKey, callbackToken, adminKey, token, email, mobile, '4000000000001000', 'canary.siti']) {
    expect(said).not.toContain(secret);
    expect(said).not.toContain(Buffer.from(`${secret}:`).toString('base64').slice(0, 24));
  }
});
