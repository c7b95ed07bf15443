import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { run, runtimeWith } from '../entry/cli-stand.ts';
import {
  callbackToken,
  childDaemon,
  client,
  daemonVariables,
  eventually,
  freePort,
  type Json,
  sandboxFor,
  secretKey,
  xenditVariables,
} from '../support/daemon.ts';
import { emptyDatabase } from '../support/database.ts';

/*
 * Secrets that must come out nowhere, pushed through every path that fails: the log, the answers, what commands print,
 * and the tables are searched for them afterwards.
 */

const secrets: Record<string, string> = {
  'the Xendit key': secretKey.slice('xnd_development_'.length),
  'the callback token': callbackToken,
  'the API key': 'canary-api-key-0123456789',
  "the database's password": 'canary-database-password',
  'the key of the payment tokens': Buffer.alloc(32, 'canary').toString('base64'),
  'a name': 'Kanarienvogel',
  'a surname': 'Canarysson',
  'a mail address': 'canary.mail@example.com',
  'a telephone number': '6281987650001',
  'card digits': '4111111111111111',
  'a wrong bearer': 'canary-of-a-stranger-0123',
};

type Hostile = { mode: string; readonly heard: string[]; readonly url: string; readonly hits: () => number };

/** Xendit on its worst day: it repeats all that it was told, key and all, in every kind of fault that there is. */
async function hostileXendit(sandbox: Sandbox, on: RegExp): Promise<Hostile> {
  const heard: string[] = [];
  let hits = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const told = `hostile ${body} ${JSON.stringify(request.headers)} 4111 1111 1111 1111 4111111111111111`;
    heard.push(told);
    const { mode } = hostile;
    const path = request.url ?? '';
    if (mode === 'kind' || !on.test(`${request.method} ${path}`)) {
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
      const answer = await fetch(`${sandbox.url}${path}`, {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        ...(body === '' ? {} : { body }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      return;
    }
    if (request.method === 'POST') hits += 1;
    const echo = JSON.stringify({
      error_code: mode.split(' ')[1] ?? 'HOSTILE',
      message: told,
      errors: [{ path: told, message: told }],
    });
    if (mode === 'cut') return void response.destroy();
    if (mode === 'cut midway')
      return void response.writeHead(201, { 'content-length': 9_999 }).end(echo.slice(0, 99), () => response.destroy());
    if (mode === 'redirect')
      return void response.writeHead(307, { location: `http://127.0.0.1:1/${encodeURIComponent(told)}` }).end(told);
    const status = Number(mode.slice(0, 3));
    response.writeHead(status, {
      'content-type': mode.endsWith('html') ? 'text/html' : 'application/json',
      'x-echo': 'hostile',
    });
    response.end(
      mode.endsWith('garbage') ? `{"payment_request_id": "${told}` : mode.endsWith('html') ? `<h1>${told}</h1>` : echo,
    );
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const hostile: Hostile = { mode: 'kind', heard, url: `http://127.0.0.1:${port}`, hits: () => hits };
  return hostile;
}

/** In an order in which one does not hold up the next: 401 and 403 stop charging, 429 makes it wait. */
const faults = [
  '400 API_VALIDATION_ERROR',
  '400 CHANNEL_UNAVAILABLE',
  '404 DATA_NOT_FOUND',
  '409 DUPLICATE_ERROR',
  '500 SERVER_ERROR',
  '502 html',
  '200 garbage',
  '201 html',
  'cut',
  'cut midway',
  'redirect',
  '403 SKIP_3DS_FORBIDDEN',
  '401 INVALID_API_KEY',
  '429 RATE_LIMIT_EXCEEDED',
];

async function dump(db: Database): Promise<string> {
  const tables = await db.run<{ name: string }>(
    sql`select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => db.run<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`)),
  );
  return rows.flatMap((some, index) => some.map(({ row }) => `${tables[index]?.name}: ${row}`)).join('\n');
}

/** The lines of a text in which a secret can be read. */
function leaks(where: string, said: string): readonly string[] {
  return Object.entries(secrets).flatMap(([what, secret]) =>
    said.split('\n').flatMap((line) => (line.includes(secret) ? [`${what} in ${where}: ${line.slice(0, 400)}`] : [])),
  );
}

test('no secret comes out of any path that fails: not in the log, an answer, a command or a table', async () => {
  const [port, plainUrl] = [await freePort(), await emptyDatabase()];
  const sandbox = await sandboxFor(port);
  const payments = await hostileXendit(
    sandbox,
    /^(POST \/v3\/payment_requests|GET \/transactions|GET \/v3\/payment_requests)/,
  );
  const sessions = await hostileXendit(sandbox, /^POST \/sessions/);
  const url = new URL(plainUrl);
  url.searchParams.set('password', secrets["the database's password"] ?? '');
  const settings = {
    ...daemonVariables(url.href, { ...xenditVariables(sandbox, port), LOG_LEVEL: 'debug' }),
    DUEDAY_API_KEY: secrets['the API key'] ?? '',
    DUEDAY_TOKEN_KEYS: `k1:${secrets['the key of the payment tokens']}`,
    XENDIT_API_URL: payments.url,
  };
  const child = await childDaemon(settings);
  const db = openDatabase({ url: plainUrl, poolSize: 2 });
  onTestFinished(() => db.close());
  const control = client(sandbox.url);
  const base = `http://127.0.0.1:${port}`;
  const answers: string[] = [];
  const ask = async (
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Json> => {
    const headers = {
      authorization: `Bearer ${settings.DUEDAY_API_KEY}`,
      'content-type': 'application/json',
      ...init.headers,
    };
    const answer = await fetch(`${base}${path}`, { ...init, headers });
    const said = await answer.text();
    answers.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${said}`);
    return said.startsWith('{') ? JSON.parse(said) : said;
  };
  const customer = (n: number | string) => ({
    reference_id: `cust-${n}`,
    given_names: secrets['a name'],
    surname: secrets['a surname'],
    email: secrets['a mail address'],
    mobile_number: `+${secrets['a telephone number']}`,
  });
  const subscribe = (n: number | string, more: object = {}) =>
    ask('/v1/subscriptions', {
      method: 'POST',
      body: JSON.stringify({ reference_id: `sub-${n}`, plan: 'monthly', customer: customer(n), ...more }),
    });

  // Every kind of fault on a charge.
  for (const [n, mode] of faults.entries()) {
    payments.mode = 'kind';
    const { id, onboarding } = await subscribe(n);
    payments.mode = mode;
    const heardBefore = payments.hits();
    await control.post(`/_sandbox/sessions/${onboarding.session_id}/complete`, {});
    await eventually(async () => {
      const [{ open } = { open: 0 }] = await db.run<{ open: number }>(
        sql`select count(*)::int as open from attempts where outcome is null`,
      );
      if (payments.hits() === heardBefore || open > 0) throw new Error(`${mode}: not answered yet`);
      const [charge] = (await ask(`/v1/charges?subscription=${id}`)).data;
      if (charge !== undefined) await ask(`/v1/charges/${charge.id}`);
    });
    await db.run(sql`update charging set stopped_at = null, reason = null`);
  }
  payments.mode = 'kind';
  secrets['a payment token'] =
    /"payment_token_id":"(pt-[^"]+)"/.exec(payments.heard.join('\n'))?.[1] ?? 'none was sent';

  // Every kind of fault where the customer's name is told.
  const second = await freePort();
  const onboarder = await childDaemon({ ...settings, PORT: String(second), XENDIT_API_URL: sessions.url });
  for (const mode of faults) {
    sessions.mode = mode;
    const answer = await fetch(`http://127.0.0.1:${second}/v1/subscriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings.DUEDAY_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        reference_id: `session-${mode}`,
        plan: 'monthly',
        customer: customer(mode.replaceAll(' ', '-')),
      }),
    });
    answers.push(`${answer.status} ${await answer.text()}`);
  }

  // Requests that are wrong, with secrets where they do not belong.
  const all = Object.values(secrets).join(' ');
  const wrong = { authorization: `Bearer ${secrets['a wrong bearer']}` };
  for (const headers of [{}, wrong]) {
    await ask(`/v1/charges?${new URLSearchParams({ cursor: all, limit: all, status: all }).toString()}`, { headers });
    // (A path that nobody knows is repeated to whoever asked for it.)
    await ask(`/v1/nowhere?key=${encodeURIComponent(all)}`, { headers });
    await ask('/v1/subscriptions', { method: 'POST', body: `{"reference_id": "${all}`, headers });
    await ask('/v1/subscriptions', {
      method: 'POST',
      body: JSON.stringify({ plan: { all }, customer: { email: all, given_names: [all] } }),
      headers,
    });
    await ask('/v1/subscriptions', {
      method: 'POST',
      body: JSON.stringify({ reference_id: 'x', plan: all, customer: customer('x') }),
      headers,
    });
  }
  const webhook = (token: string, body: string) =>
    ask('/webhooks/xendit', { method: 'POST', body, headers: { 'x-callback-token': token } });
  for (const token of [secrets['a wrong bearer'] ?? '', callbackToken]) {
    await webhook(token, all);
    await webhook(
      token,
      JSON.stringify({ event: 'payment.capture', data: { reference_id: 'due_x', note: all, payment_token_id: all } }),
    );
    await webhook(token, JSON.stringify([all]));
  }

  // A database that fails in the middle of it, quoting the row.
  await db.run(sql`alter table inbox add constraint canary check (event <> 'refused')`);
  await webhook(callbackToken, JSON.stringify({ event: 'refused', data: { note: all } }));
  await db.run(sql`alter table customers add constraint canary check (reference_id <> 'cust-refused')`);
  await subscribe('refused');
  await db.run(sql`alter table names rename to elsewhere`);
  await subscribe('nowhere');
  await db.run(sql`alter table elsewhere rename to names`);

  // Commands that fail.
  const commands = [
    [
      { ...settings, DATABASE_URL: `postgres://dueday:${secrets["the database's password"]}@127.0.0.1:1/dueday` },
      ['doctor'],
    ],
    [{ ...settings, DATABASE_URL: `postgres//dueday:${secrets["the database's password"]}@nowhere` }, ['doctor']],
    [{ ...settings, XENDIT_API_URL: 'http://127.0.0.1:1' }, ['doctor']],
    [{ ...settings, DUEDAY_TOKEN_KEYS: `${settings.DUEDAY_TOKEN_KEYS}x` }, ['keys', 'list']],
    [
      { ...settings, DUEDAY_TOKEN_KEYS: `k1:${Buffer.alloc(32, 'other').toString('base64')}` },
      ['keys', 'rotate-tokens'],
    ],
    [settings, ['charges', 'list', '--url', base, '--api-key', secrets['a wrong bearer'] ?? '']],
    [settings, ['charges', 'show', all, '--url', base, '--api-key', settings.DUEDAY_API_KEY]],
    [settings, ['keys', 'list', '--json']],
  ] as const;
  for (const [own, words] of commands) {
    const stand = runtimeWith(own, () => ({ url: base, apiKey: settings.DUEDAY_API_KEY }));
    const ran = await run(stand, ...words).catch((error: unknown) => ({ code: 1, out: '', err: String(error) }));
    answers.push(`dueday ${words[0]}: ${ran.code} ${ran.out} ${ran.err}`);
  }

  const stored = await dump(db);
  child.process.kill('SIGTERM');
  await child.exit;
  const logged = child.said() + onboarder.said();

  // It did go wrong, and the secrets were on the way: otherwise this proves nothing.
  const heard = [...payments.heard, ...sessions.heard].join('\n');
  for (const secret of ['a name', 'a mail address', 'a telephone number', 'a payment token', 'card digits'])
    expect([secret, heard.includes(secrets[secret] ?? '')]).toEqual([secret, true]);
  expect(heard).toContain(Buffer.from(`${secretKey}:`).toString('base64'));
  secrets['the Xendit key in Basic'] = Buffer.from(`${secretKey}:`).toString('base64');
  expect(logged.split('\n').filter((line) => line.includes('"level":"error"')).length).toBeGreaterThan(2);
  expect(logged).toContain('23514');
  for (const status of ['400 ', '401 ', '404 ', '422 ', '500 ', '503 '])
    expect(answers.map((one) => one.slice(0, 4))).toContain(status);
  expect([...leaks('the log', logged), ...leaks('an answer', answers.join('\n')), ...leaks('a table', stored)]).toEqual(
    [],
  );
}, 90_000);
