import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { apiAt } from '../../src/entry/cli/api.ts';

let server: Server;

afterEach(() => server.close());

/** A daemon that turns so many calls away before it answers; says how often it was asked. */
async function busyDaemon(turnsAway: number, retryAfter: string): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  server = createServer((_request, response) => {
    asked += 1;
    if (asked > turnsAway) return response.setHeader('content-type', 'application/json').end('{"made":true}');
    return response
      .writeHead(429, { 'retry-after': retryAfter, 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ status: 429, title: 'Too Many Requests', detail: 'Send it again later.' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

test('a command that is told to send it again in a moment does so, and its person sees nothing of it', async () => {
  const daemon = await busyDaemon(3, '0');
  const api = apiAt(daemon.url, null);
  expect(await api.post('/v1/subscriptions', {})).toEqual({ made: true });
  expect(daemon.asked()).toBe(4);
});

test('a command gives up after ten turns, and does not sit through a long wait: it says what the daemon said', async () => {
  const forever = await busyDaemon(Number.POSITIVE_INFINITY, '0');
  await expect(apiAt(forever.url, null).get('/v1/charges')).rejects.toThrow('Send it again later.');
  expect(forever.asked()).toBe(11);
  server.close();
  const long = await busyDaemon(Number.POSITIVE_INFINITY, '60');
  await expect(apiAt(long.url, null).get('/v1/charges')).rejects.toThrow('Send it again later.');
  expect(long.asked()).toBe(1);
});
