import { connect } from 'node:net';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Daemon } from '../../src/context.ts';
import { calls } from '../../src/entry/http/calls.ts';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import { childDaemon, client, daemon, daemonVariables, eventually, freePort } from '../support/daemon.ts';
import { emptyDatabase, testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { asRole } from '../support/role.ts';
import { run, runtimeWith } from './cli-stand.ts';

/*
 * Webhooks may have a listener and a database user of their own. What reaches the one reaches
 * nothing of the other, and what keeps the one busy does not keep the other waiting.
 */

const { admin, adminUrl } = await testDatabase();
const other = await testDatabase();
const token = 'callback-token-of-the-intake';
const bearer = { authorization: `Bearer ${adminKey}` };

/** A daemon with the rights of dueday_app, whose Xendit does not answer; webhooks are told apart by their event. */
const alone = daemonVariables(asRole(adminUrl, 'dueday_app'), {
  XENDIT_SECRET_KEY: 'xnd_development_x',
  XENDIT_API_URL: 'http://127.0.0.1:9',
  XENDIT_WEBHOOK_TOKEN: token,
});
const port = { DUEDAY_WEBHOOK_PORT: '0' };
const user = { DUEDAY_WEBHOOK_DATABASE_URL: asRole(adminUrl, 'dueday_webhook') };
const apart = { ...alone, ...port, ...user };

async function deliver(to: string, event: string, headers: Record<string, string> = {}): Promise<Response> {
  const own = { 'content-type': 'application/json', 'x-callback-token': token, ...headers };
  return await fetch(to, { method: 'POST', headers: own, body: JSON.stringify({ event }) });
}

const storedAs = async (event: string) =>
  (await admin.run<{ deliveries: number }>(sql`select deliveries from inbox where event = ${event}`)).map(
    ({ deliveries }) => deliveries,
  );
const told = async (answer: Response) => ({ status: answer.status, ...((await answer.json()) as { detail?: string }) });
const doorOf = ({ webhookUrl }: Daemon) => new URL(webhookUrl).origin;
/** How many of these connections wait for a lock in this database. */
const waiting = async (name: string) =>
  (
    await admin.run(sql`select 1 from pg_stat_activity where application_name = ${name} and wait_event_type = 'Lock'
      and datname = current_database()`)
  ).length;

describe('webhooks with a door and a database user of their own', () => {
  test('are stored once and counted when they come again, with the rights of that user and no others', async () => {
    const house = await daemon({ ...apart, DUEDAY_CLOCK: 'virtual' });
    expect(await (await deliver(house.webhookUrl, 'apart')).json()).toEqual({ received: 'new' });
    expect(await (await deliver(house.webhookUrl, 'apart')).json()).toEqual({ received: 'known' });
    expect(await storedAs('apart')).toEqual([2]);
    // The same with a right less: it is that user, and what goes wrong inside is nobody's business outside.
    await admin.run(sql`revoke update (deliveries) on inbox from dueday_webhook`);
    onTestFinished(async () => void (await admin.run(sql`grant update (deliveries) on inbox to dueday_webhook`)));
    const refused = await deliver(house.webhookUrl, 'apart');
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await refused.json()).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status: 500,
      detail: 'Something went wrong on our side; it was logged.',
    });
    expect(await client(house.url, adminKey).get('/v1/charges')).toEqual({ data: [], next_cursor: null, totals: [] });
  });

  test('come in there only, and nothing else does', async () => {
    const house = await daemon(apart);
    const door = doorOf(house);
    expect(door).not.toBe(house.url);
    for (const [call, callers] of Object.entries(calls)) {
      const [method = '', path = ''] = call.split(' ');
      const asked = await fetch(`${door}${path}`, { method, headers: bearer });
      const expected = callers === 'xendit' ? 401 : path === '/health/live' ? 200 : 404;
      expect([call, asked.status]).toEqual([call, expected]);
    }
    expect((await fetch(`${door}/webhooks/xendit`)).status).toBe(405);
    for (const method of ['POST', 'GET', 'PUT']) {
      const asked = await fetch(`${house.url}/webhooks/xendit`, { method, headers: { 'x-callback-token': token } });
      expect(await told(asked)).toMatchObject({
        status: 404,
        detail: `There is nothing at ${method} /webhooks/xendit.`,
      });
    }
    const described = await client(house.url).get('/openapi.json');
    expect(Object.keys(described.paths)).toContain('/v1/charges');
    expect(Object.keys(described.paths)).not.toContain('/webhooks/xendit');
  });

  test('meet the same limits, headers and refusals there', async () => {
    const { webhookUrl } = await daemon(apart);
    const wrong = await deliver(webhookUrl, 'x', { 'x-callback-token': 'wrong' });
    expect([wrong.status, wrong.headers.get('cache-control')]).toEqual([401, 'no-store']);
    expect((await deliver(webhookUrl, 'x'.repeat(70_000))).status).toBe(413);
    expect((await deliver(webhookUrl, 'x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await deliver(webhookUrl, 'x', { 'content-encoding': 'gzip' })).status).toBe(415);
    const guesses = await Promise.all(
      Array.from({ length: 30 }, () => deliver(webhookUrl, 'x', { 'x-callback-token': 'guess' })),
    );
    expect(guesses.map(({ status }) => status)).toContain(429);
    expect((await deliver(webhookUrl, 'still-taken')).status).toBe(200);
  });

  test('are taken at once while every other connection to the database is busy, and the API is swamped', async () => {
    const house = await daemon(apart);
    const session = await foreignSession(adminUrl);
    await session.hold(sql`lock table charges in access exclusive mode`);
    const asked = Array.from({ length: 60 }, () => fetch(`${house.url}/v1/charges`, { headers: bearer }));
    const crowd = Array.from({ length: 200 }, () => connect(Number(new URL(house.url).port), '127.0.0.1'));
    for (const one of crowd)
      one.on('error', () => undefined).write('POST /v1/subscriptions HTTP/1.1\r\nhost: a\r\nx: ');
    await eventually(async () => expect(await waiting('dueday api')).toBeGreaterThan(0));
    const began = performance.now();
    expect((await deliver(house.webhookUrl, 'while-swamped')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await storedAs('while-swamped')).toEqual([1]);
    for (const one of crowd) one.destroy();
    await session.letGo();
    for (const one of await Promise.all(asked)) expect([200, 503]).toContain(one.status);
  });

  test('told to stop, the daemon answers what is under way at both doors, and then both are shut', async () => {
    const house = await daemon(apart);
    const session = await foreignSession(adminUrl);
    // Both or neither: one held while it waits for the other would be a deadlock with what the daemon just reads.
    await eventually(() => session.hold(sql`lock table charges, inbox in access exclusive mode nowait`));
    const asked = [fetch(`${house.url}/v1/charges`, { headers: bearer }), deliver(house.webhookUrl, 'under-way')];
    await eventually(async () => expect(await waiting('dueday intake')).toBe(1));
    await eventually(async () => expect(await waiting('dueday api')).toBeGreaterThan(0));
    const stopped = house.stop();
    await eventually(() => expect(house.ctx.stopping.aborted).toBe(true));
    await session.letGo();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
    await stopped;
    expect(await storedAs('under-way')).toEqual([1]);
    for (const url of [house.url, doorOf(house)])
      await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
  });

  test('reach a daemon with its sandbox there too', async () => {
    const house = await daemon(daemonVariables(await emptyDatabase(), port));
    const { subscribe, charges } = street(client(house.url, adminKey), client(house.sandboxUrl ?? ''));
    const id = await subscribe('through-the-door');
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    await eventually(async () => {
      const { data } = await client(house.sandboxUrl ?? '').get('/_sandbox/webhooks');
      expect(data.length).toBeGreaterThan(1);
      for (const one of data) expect(one).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });
    });
  });
});

describe('one of the two without the other', () => {
  test('a database user of their own, at the door of everybody', async () => {
    const house = await daemon({ ...alone, ...user });
    expect(house.webhookUrl).toBe(`${house.url}/webhooks/xendit`);
    expect((await deliver(house.webhookUrl, 'one-door')).status).toBe(200);
    expect(await storedAs('one-door')).toEqual([1]);
  });

  test('neither: all is at one door, as one user', async () => {
    const main = String(await freePort());
    const house = await daemon({ ...alone, PORT: main, PUBLIC_URL: 'https://billing.example/' });
    expect(house.webhookUrl).toBe('https://billing.example/webhooks/xendit');
    await admin.run(sql`revoke insert on inbox from dueday_webhook`);
    onTestFinished(async () => void (await admin.run(sql`grant insert on inbox to dueday_webhook`)));
    expect((await deliver(`http://127.0.0.1:${main}/webhooks/xendit`, 'as-before')).status).toBe(200);
    expect(await storedAs('as-before')).toEqual([1]);
    expect(Object.keys((await client(`http://127.0.0.1:${main}`).get('/openapi.json')).paths)).toContain(
      '/webhooks/xendit',
    );
  });
});

/** Why no daemon starts with this; doctor says the same. */
async function refusal(url: string): Promise<string> {
  const variables = { ...alone, PORT: String(await freePort()), DUEDAY_WEBHOOK_DATABASE_URL: url };
  const thrown = await daemon(variables).catch((error: unknown) => error);
  if (!(thrown instanceof Error)) throw new Error('It started.');
  await expect(fetch(`http://127.0.0.1:${variables.PORT}/health/live`)).rejects.toThrow('fetch failed');
  const doctor = await run(
    runtimeWith(variables, () => ({ url: '', apiKey: null })),
    'doctor',
    '--json',
  );
  const { findings } = JSON.parse(doctor.out) as { findings: { what: string; ok: boolean; detail: string }[] };
  const finding = findings.find(({ what }) => what === 'webhooks');
  expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining('DUEDAY_WEBHOOK_DATABASE_URL') });
  return thrown.message;
}

describe('nothing starts where webhooks would be lost', () => {
  test('because the URL leads to another database', async () => {
    const said = await refusal(asRole(other.adminUrl, 'dueday_webhook'));
    expect(said).toMatch(
      /^DUEDAY_WEBHOOK_DATABASE_URL cannot be used: it is another database \(cluster \d+, database \d+\)/,
    );
    expect(said).toContain('write the server and database of DATABASE_URL, with the user dueday_webhook');
  });

  test('because its user may not store them', async () => {
    expect(await refusal(asRole(adminUrl, 'dueday_ro'))).toMatch(
      /its user dueday_ro may not store webhooks: use dueday_webhook of drizzle\/roles\.sql/,
    );
  });

  test('because nobody answers there, or the URL cannot be kept to; no password is repeated', async () => {
    const away = await refusal('postgres://dueday_webhook:canary@127.0.0.1:1/dueday');
    expect(away).toMatch(/^DUEDAY_WEBHOOK_DATABASE_URL cannot be used: it could not be looked at \(.+\)\.$/);
    const plain = await refusal('postgres://dueday_webhook:canary@127.0.0.1:1/dueday?sslmode=prefer');
    expect(plain).toMatch(/^DUEDAY_WEBHOOK_DATABASE_URL cannot be used: The sslmode /);
    expect(away + plain).not.toContain('canary');
  });
});

describe('what is told', () => {
  test('doctor says where webhooks come in and as whom, and when that user may more than it needs', async () => {
    const doctor = async (more: Record<string, string>) =>
      (
        await run(
          runtimeWith({ ...alone, PORT: '8123', ...more }, () => ({ url: '', apiKey: null })),
          'doctor',
        )
      ).out;
    expect(await doctor({})).toMatch(/^webhooks +ok +taken on http:\/\/127\.0\.0\.1:8123\/webhooks\/xendit$/m);
    expect(await doctor({ ...user, DUEDAY_WEBHOOK_PORT: '8124' })).toMatch(
      /^webhooks +ok +taken on http:\/\/127\.0\.0\.1:8124\/webhooks\/xendit, a listener of their own; .*as dueday_webhook, who may store webhooks only$/m,
    );
    const more = await doctor({ DUEDAY_WEBHOOK_DATABASE_URL: asRole(adminUrl, 'dueday_app') });
    expect(more).toMatch(/^webhooks +ok +.*its user dueday_app may do more than store webhooks/m);
  });

  test('the daemon prints the address, and its password nowhere', async () => {
    const [main, webhooks] = [String(await freePort()), String(await freePort())];
    const secret = new URL(user.DUEDAY_WEBHOOK_DATABASE_URL);
    secret.searchParams.set('password', 'canary-of-the-intake');
    const child = await childDaemon({
      ...alone,
      LOG_LEVEL: 'debug',
      PORT: main,
      DUEDAY_WEBHOOK_PORT: webhooks,
      DUEDAY_WEBHOOK_DATABASE_URL: secret.href,
    });
    const address = `http://127.0.0.1:${webhooks}/webhooks/xendit`;
    await eventually(() => expect(child.said()).toContain(`"webhook_url": "${address}"`));
    expect((await deliver(address, 'from-outside')).status).toBe(200);
    child.process.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.said()).toContain('webhook received');
    expect(child.said()).not.toContain('canary-of-the-intake');
  });
});
