import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { closeServer } from '../../src/entry/http/server.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
let reason: string | null = null;
const api = await apiOver(world.ctx, { notReady: () => reason });
const url = new URL(await api.app.listen({ host: '127.0.0.1', port: 0 }));

/** What the server says to these bytes until it hangs up. */
async function say(bytes: string): Promise<string> {
  const socket = connect(Number(url.port), '127.0.0.1');
  const said: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  socket
    .on('data', (chunk: Buffer) => said.push(chunk))
    .on('error', () => resolve())
    .on('close', () => resolve());
  socket.write(bytes);
  await promise;
  return Buffer.concat(said).toString();
}

describe('health', () => {
  test('live says that the process lives, whatever else is wrong', async () => {
    reason = 'stopping';
    expect((await api.send('GET', '/health/live', '', {})).body).toEqual({ status: 'live' });
    reason = null;
  });

  test('ready says whether requests may come, and why not', async () => {
    expect((await api.send('GET', '/health/ready', '', {})).body).toMatchObject({ status: 'ready', charging: 'on' });
    reason = 'the run of billing hangs';
    const not = await api.send('GET', '/health/ready', '', {});
    expect([not.status, not.body]).toMatchObject([503, { status: 'not_ready', reason }]);
    reason = null;
  });

  test('ready without a database says so, and nothing about it', async () => {
    const away = 'postgres://someone:secret-word@127.0.0.1:1/gone';
    const db = openDatabase({ url: away, poolSize: 1, applicationName: 'away', deadlineMs: 500 });
    const lost = await apiOver({ ...world.ctx, db, clock: { kind: 'virtual', now: async () => world.now() } });
    const answer = await lost.send('GET', '/health/ready', '', {});
    expect([answer.status, answer.body.status]).toEqual([503, 'not_ready']);
    const failed = await lost.get('/v1/charges');
    expect([401, 500, 503]).toContain(failed.status);
    expect(failed.type).toContain('application/problem+json');
    for (const { text } of [answer, failed]) expect(text).not.toMatch(/secret-word|127\.0\.0\.1|ECONN|select/i);
    expect(JSON.stringify(world.logged)).not.toContain('secret-word');
    await db.close();
  });

  test('stopped charging is not ready, and says why', async () => {
    await stopCharging(world.db, '', world.now(), 'Xendit does not know the key.');
    const own = await apiOver(world.ctx);
    const { status, body } = await own.send('GET', '/health/ready', '', {});
    const stopped = { status: 'not_ready', charging: 'stopped', reason: 'Xendit does not know the key.' };
    expect([status, body]).toMatchObject([503, stopped]);
    expect((await api.get('/metrics')).text).toMatch(/^dueday_charging_stopped 1$/m);
  });

  test('the figures are what Prometheus reads', async () => {
    const { type, text, status } = await api.get('/metrics');
    expect(status).toBe(200);
    expect(type).toMatch(/^text\/plain/);
    for (const name of ['due_charges', 'oldest_due_age_seconds', 'attempts_in_flight', 'expected_finish_seconds']) {
      expect(text).toMatch(new RegExp(`^# TYPE dueday_${name} gauge\\ndueday_${name} \\d`, 'm'));
    }
  });
});

describe('on the wire', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['too large a header', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx', 400],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0',
      400,
    ],
  ])('%s is answered with a problem, and shown out', async (_what, bytes, status) => {
    const said = await say(bytes);
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(said).toContain('application/problem+json');
    expect(JSON.parse(said.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status });
  });

  test('a body that says to be too large is refused unread', async () => {
    const head = `POST /webhooks/xendit HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-callback-token: callback-token-of-the-tests\r\n`;
    const said = await say(`${head}content-type: application/json\r\ncontent-length: 999999999\r\n\r\n{`);
    expect(said).toMatch(/^HTTP\/1.1 413 /);
    expect(said).toContain('application/problem+json');
  });

  test('an answer of HEAD is the one of GET without its body', async () => {
    const answer = await fetch(new URL('/health/live', url), { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});

test('an internal error tells nothing of itself, and is logged without secrets', async () => {
  const broken = {
    ...world.ctx,
    clock: { kind: 'virtual' as const, now: () => Promise.reject(new Error('pt-secret1')) },
  };
  const answer = await (await apiOver(broken)).get('/v1/subscriptions');
  expect([answer.status, answer.type.includes('problem+json')]).toEqual([500, true]);
  expect(answer.text).not.toMatch(/pt-|stack|Error:/);
  expect(world.logged.at(-1)).toMatchObject({ level: 'error', event: 'request failed' });
});

test('closing waits for the answer that is under way, and for no idle connection', async () => {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const now = async () => {
    started.resolve();
    await gate.promise;
    return world.now();
  };
  const slow = await apiOver({ ...world.ctx, clock: { kind: 'virtual', now } });
  const address = await slow.app.listen({ host: '127.0.0.1', port: 0 });
  await fetch(`${address}/health/live`).then((one) => one.text());
  const asked = fetch(`${address}/v1/subscriptions`, { headers: { authorization: 'Bearer admin-key-of-the-tests' } });
  await started.promise;
  const closed = closeServer(slow.app, 10_000);
  gate.resolve();
  const answer = await asked;
  expect([answer.status, (await answer.json()) as object]).toMatchObject([200, { data: [] }]);
  await closed;
});
