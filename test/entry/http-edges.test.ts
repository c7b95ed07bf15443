import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { adminKey, apiOver, webhookToken } from '../support/api.ts';
import { eventually } from '../support/daemon.ts';
import { testWorld } from '../support/world.ts';

/** The edge as an attacker meets it: over raw sockets, with what is no proper HTTP, too slow, too large or too often. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const url = new URL(await api.app.listen({ host: '127.0.0.1', port: 0 }));

type Heard = { readonly status: number; readonly text: string; readonly seconds: number };

/** What the server says until it hangs up; `feed` goes on writing. */
async function say(bytes: string | Buffer, feed?: (socket: Socket) => NodeJS.Timeout): Promise<Heard> {
  const started = performance.now();
  const socket = connect(Number(url.port), '127.0.0.1');
  const said: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => said.push(chunk)).on('error', () => resolve());
  socket.on('close', () => resolve());
  socket.write(bytes);
  const feeding = feed?.(socket);
  await promise;
  clearInterval(feeding);
  const text = Buffer.concat(said).toString();
  return { status: Number(text.slice(9, 12)), text, seconds: (performance.now() - started) / 1_000 };
}

/** Says this, hears what is answered, and never hangs up. */
function leftOpen(bytes: string): Socket {
  const socket = connect({ port: Number(url.port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined).on('data', () => undefined);
  socket.write(bytes);
  return socket;
}

const openConnections = () =>
  new Promise<number>((resolve) => api.app.server.getConnections((_error, count) => resolve(count)));

const head = (more: string) =>
  `POST /webhooks/xendit HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-callback-token: ${webhookToken}\r\n${more}\r\n`;
const json = 'content-type: application/json\r\n';
const stored = async (event: string) => (await world.db.run(sql`select 1 from inbox where event = ${event}`)).length;

function isProblem({ text }: Heard, status: number): void {
  const [top = '', body = ''] = text.split('\r\n\r\n');
  expect(top).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(top.toLowerCase()).toContain('content-type: application/problem+json');
  expect(top.toLowerCase()).toContain('cache-control: no-store');
  expect(JSON.parse(body)).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
}

describe('who sends too slowly', () => {
  // Four at once, so that the test takes as long as the longest: the limits are 5 and 10 seconds, looked at every second.
  test('is told so and shown out: drops of headers in 5 s, drops of a body in 10 s, and silence', async () => {
    const drip = (drop: string) => (socket: Socket) => setInterval(() => socket.write(drop), 200);
    const body = head(`${json}content-length: 1000\r\n`);
    const held = [1, 2, 3].map(() => leftOpen('GET /health/live HTTP/1.1\r\n'));
    const [headers, quiet, slow, chunks] = await Promise.all([
      say('POST /webhooks/xendit HTTP/1.1\r\nhost: a\r\nx-a: ', drip('b')),
      say('GET /health/live HTTP/1.1\r\n'),
      say(`${body}{"event":"slow`, drip('x')),
      say(`${head(`${json}transfer-encoding: chunked\r\n`)}9\r\n{"event":\r\n`, drip('1\r\nx\r\n')),
    ]);
    for (const heard of [headers, quiet, slow, chunks]) isProblem(heard, 408);
    for (const { seconds } of [headers, quiet]) expect(seconds).toBeLessThan(9);
    for (const { seconds } of [slow, chunks]) expect(seconds).toBeLessThan(15);
    expect(await stored('slow')).toBe(0);
    // Those that were told, and keep their own end open, are cut.
    await eventually(async () => expect(await openConnections()).toBe(0));
    for (const socket of held) socket.destroy();
  });
});

describe('what is no proper request', () => {
  test.each<[string, string | Buffer, number]>([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['TLS on a plain port', Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]), 400],
    ['no Host', 'GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['another version', 'GET / HTTP/9.9\r\nhost: a\r\n\r\n', 400],
    ['a method that nobody knows', 'FLY / HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['too large a header', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['too many headers', `GET / HTTP/1.1\r\nhost: a\r\n${'x-y: z\r\n'.repeat(3_000)}\r\n`, 431],
    ['too long an address', `GET /${'y'.repeat(5_000)} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`, 414],
    ['a bent address', 'GET /v1/charges/%E0%A4%A HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 400],
    ['a header with a line end in it', 'GET / HTTP/1.1\r\nhost: a\r\nx: a\rb\r\n\r\n', 400],
    ['a name with a blank', 'GET / HTTP/1.1\r\nhost: a\r\nx y: z\r\n\r\n', 400],
    ['two lengths', `${head(`${json}content-length: 2\r\ncontent-length: 3\r\n`)}{}}`, 400],
    ['two lengths in one', `${head(`${json}content-length: 2, 3\r\n`)}{}}`, 400],
    ['a negative length', `${head(`${json}content-length: -2\r\n`)}{}`, 400],
    ['length and chunks', `${head(`${json}content-length: 3\r\ntransfer-encoding: chunked\r\n`)}0\r\n\r\n`, 400],
    ['chunks twice', `${head(`${json}transfer-encoding: chunked, chunked\r\n`)}0\r\n\r\n`, 400],
    ['a chunk of a length that is none', `${head(`${json}transfer-encoding: chunked\r\n`)}zz\r\n{}\r\n`, 400],
    ['a body that says to be too large', `${head(`${json}content-length: 65537\r\n`)}{`, 413],
    [
      'chunks that are too large in all',
      `${head(`${json}transfer-encoding: chunked\r\n`)}${`1000\r\n${'x'.repeat(4_096)}\r\n`.repeat(17)}0\r\n\r\n`,
      413,
    ],
    [
      'a compressed body',
      Buffer.concat([
        Buffer.from(head(`${json}content-encoding: gzip\r\ncontent-length: 37\r\n`)),
        gzipSync('{"event":"zip"}'),
      ]),
      415,
    ],
    ['no JSON', `${head('content-type: text/xml\r\ncontent-length: 4\r\n')}<a/>`, 415],
    ['a form', `${head('content-type: application/x-www-form-urlencoded\r\ncontent-length: 3\r\n')}a=b`, 415],
    ['JSON in name only', `${head('content-type: application/jsonp\r\ncontent-length: 2\r\n')}{}`, 415],
    ['no type', `${head('content-length: 2\r\n')}{}`, 415],
    [
      'a method that the address does not take',
      'PUT /webhooks/xendit HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
      405,
    ],
    ['an address that is none', 'GET /admin HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 404],
    ['an address of the proxy kind', 'GET http://evil.example/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 404],
  ])('%s is answered with a problem, and stores nothing', async (_what, bytes, status) => {
    isProblem(await say(bytes), status);
    expect(await stored('zip')).toBe(0);
  });

  test('a second request behind the first one is one of its own: nothing is smuggled', async () => {
    const second = 'GET /v1/charges HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
    const { text } = await say(`GET /health/live HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n${second}`);
    expect(text.match(/HTTP\/1\.1 (\d+)/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
  });

  test('a webhook in honest chunks is taken', async () => {
    const body = '{"event":"chunked"}';
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    expect((await say(`${head(`${json}transfer-encoding: chunked\r\n`)}${chunked}`)).status).toBe(200);
    expect(await stored('chunked')).toBe(1);
  });

  test('405 names the methods that there are', async () => {
    const answer = await api.app.inject({ method: 'DELETE', url: '/v1/subscriptions?x=1' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    const one = await api.app.inject({ method: 'PATCH', url: '/v1/charges/anything' });
    expect([one.statusCode, one.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

test('a thousand connections that are cut off in the middle leave nothing behind, and the next one is served', async () => {
  const before = process.memoryUsage().heapUsed;
  const cut = async (bytes: string) => {
    const socket = connect(Number(url.port), '127.0.0.1');
    const gone = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write(bytes, () => socket.resetAndDestroy());
    await gone;
  };
  const beginnings = [
    'GET /v1/char',
    `${head(`${json}content-length: 500\r\n`)}{"event":"cut"`,
    `GET /v1/subscriptions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${adminKey}\r\n\r\n`,
    `GET /v1/charge-log?format=csv HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${adminKey}\r\n\r\n`,
  ];
  for (let round = 0; round < 20; round += 1)
    await Promise.all(Array.from({ length: 50 }, (_, index) => cut(beginnings[index % beginnings.length] ?? '')));
  await eventually(async () => {
    const open = await openConnections();
    if (open > 0) throw new Error(`${open} connections are open`);
  });
  expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
  expect(await stored('cut')).toBe(0);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  expect(world.logged.filter((line) => line.level === 'error')).toEqual([]);
});

test('every answer, good or bad, forbids caching, sniffing, framing and scripts', async () => {
  const paths = [
    '/health/live',
    '/openapi.json',
    '/docs',
    '/v1/subscriptions',
    '/v1/charge-log?format=csv',
    '/nowhere',
    '/v1/charges/%E0%A4%A',
  ];
  for (const path of paths) {
    const { headers } = await api.app.inject({
      method: 'GET',
      url: path,
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect([path, headers['cache-control'], headers['x-content-type-options']]).toEqual([path, 'no-store', 'nosniff']);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; (style-src 'unsafe-inline'; )?frame-ancestors 'none'/,
    );
    expect(headers['x-powered-by'] ?? headers.server).toBeUndefined();
  }
});

describe('the figures for Prometheus', () => {
  test('are for whoever has a key, of any role', async () => {
    expect((await api.send('GET', '/metrics', '', {})).status).toBe(401);
    const finance = await createKey(world.ctx, 'prometheus', 'finance');
    expect((await api.get('/metrics', finance.secret)).status).toBe(200);
  });
});

describe('who guesses', () => {
  const guess = async (app: typeof api.app, remoteAddress: string, token: string) => {
    const headers = { 'x-callback-token': token, 'content-type': 'application/json' };
    return await app.inject({
      method: 'POST',
      url: '/webhooks/xendit',
      headers,
      payload: '{"event":"guess"}',
      remoteAddress,
    });
  };

  test('is told to wait after 30 wrong credentials a minute; the right one is taken all the same, as are others', async () => {
    const { app } = await apiOver(world.ctx);
    const codes: number[] = [];
    for (let time = 0; time < 32; time += 1) codes.push((await guess(app, '192.0.2.1', `wrong-${time}`)).statusCode);
    expect(codes).toEqual([...Array.from({ length: 30 }, () => 401), 429, 429]);
    const last = await guess(app, '192.0.2.1', 'wrong');
    expect(last.json()).toMatchObject({ status: 429 });
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect(last.headers['content-type']).toContain('problem+json');
    const asProduct = { authorization: 'Bearer guessed' };
    expect((await app.inject({ url: '/v1/charges', headers: asProduct, remoteAddress: '192.0.2.1' })).statusCode).toBe(
      429,
    );
    expect((await guess(app, '192.0.2.1', webhookToken)).statusCode).toBe(200);
    expect((await guess(app, '192.0.2.2', 'wrong')).statusCode).toBe(401);
    expect(world.logged.filter((line) => line.event === 'credentials are being guessed')).toHaveLength(1);
  });

  test('from a network of IPv6 is one guesser, whatever address it takes', async () => {
    const { app } = await apiOver(world.ctx);
    for (let time = 0; time < 30; time += 1) await guess(app, `2001:db8:1:2::${time.toString(16)}`, 'wrong');
    expect((await guess(app, '2001:db8:1:2:ffff::1', 'wrong')).statusCode).toBe(429);
    expect((await guess(app, '2001:db8:1:3::1', 'wrong')).statusCode).toBe(401);
  });
});
