import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { callbackToken, daemonVariables, freePort, secretKey } from '../support/daemon.ts';
import { testDatabase } from '../support/database.ts';
import { startReplica } from '../support/replica.ts';
import { tally } from '../support/tally.ts';
import { testWorld } from '../support/world.ts';
import { subscribers } from './subscribers.ts';

/*
 * What anybody can send without a key, or with the least one, beside 1,000 charges that fall due: `npm run torture -- --attack` does each
 * for a minute. The charges must be done within twice the time that they take alone.
 */

const SECONDS = Number(process.env.TORTURE_ATTACK_SECONDS ?? '10');
const CHARGES = 1_000;
const MOST_MEGABYTES = 512;

const { db, url, admin, adminUrl } = await testDatabase();
const world = await testWorld({ at: '2026-01-01T00:00:00Z', db, url, admin });
const xendit = createServer((asked, answer) => {
  let text = '';
  asked.setEncoding('utf8').on('data', (part: string) => (text += part));
  asked.once('end', () => setTimeout(() => answer.writeHead(...headOf(asked.method)).end(bodyOf(text)), 30));
}).listen(0, '127.0.0.1');
await once(xendit, 'listening');
const port = await freePort();
const daemon = startReplica(
  daemonVariables(adminUrl, {
    PORT: String(port),
    XENDIT_SECRET_KEY: secretKey,
    XENDIT_WEBHOOK_TOKEN: callbackToken,
    XENDIT_API_URL: `http://127.0.0.1:${(xendit.address() as AddressInfo).port}`,
    XENDIT_REQUESTS_PER_MINUTE: '60000',
    LOG_LEVEL: 'info',
  }),
);
afterAll(async () => {
  await daemon.end('SIGKILL');
  xendit.close();
});

const { secret: key } = await createKey(world.ctx, 'least', 'finance');

let made = 0;
function bodyOf(text: string): string {
  if (text === '') return JSON.stringify({ data: [], has_more: false });
  made += 1;
  const id = made.toString(16).padStart(12, '0');
  const ids = {
    payment_request_id: `pr-00000000-0000-4000-8000-${id}`,
    latest_payment_id: `py-00000000-0000-4000-8000-${id}`,
  };
  return JSON.stringify({ ...(JSON.parse(text) as object), ...ids, status: 'SUCCEEDED', actions: [] });
}

function headOf(method = 'GET'): [number, Record<string, string>] {
  return [method === 'GET' ? 200 : 201, { 'content-type': 'application/json' }];
}

/** The daemon looks each minute at the latest at what others wrote for it, and at once when a webhook comes. */
async function wake(): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-callback-token': callbackToken };
  const body = JSON.stringify({ event: 'batch', data: batches });
  await fetch(`${daemon.url}/webhooks/xendit`, { method: 'POST', headers, body });
}

let batches = 0;
/** Seconds until as many more charges as fall due at once are paid. */
async function secondsToCollect(): Promise<number> {
  batches += 1;
  const began = performance.now();
  await subscribers(world, CHARGES, 0, `batch-${batches}-`);
  await wake();
  const paid = sql`select 1 from charges where status = 'paid'`;
  while ((await world.ask(paid)).length < batches * CHARGES) {
    expect(performance.now() - began, daemon.said().slice(-2_000)).toBeLessThan(150_000);
    await pause(20);
  }
  return (performance.now() - began) / 1_000;
}

/** The most that the daemon's memory ever was, in megabytes. */
function peakMegabytes(): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_000;
}

/** The most lines of one cause within a second of the log, of those that are about no charge. */
function mostLinesASecond(since: number): readonly [string, number] {
  const counts = new Map<string, number>();
  for (const text of daemon.said().slice(since).split('\n')) {
    if (!text.startsWith('{"at"') || text.includes('"charge_id"') || !text.endsWith('}')) continue;
    const { at, event, why, error_code } = JSON.parse(text) as Record<string, string | undefined>;
    const cause = [at?.slice(0, 19), event, why, error_code].join(' ');
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? ['', 0];
}

test('alone, before anybody comes', async () => {
  await daemon.ready();
  // The first ones warm up the daemon and the database.
  await secondsToCollect();
  expect(await secondsToCollect()).toBeLessThan(60);
});

test.each(['strangers', 'half open', 'webhooks', 'exports'] as const)(
  'a crowd of %s delays nobody’s charge beyond twice its time, takes no memory, and fills no log',
  async (kind) => {
    const alone = await secondsToCollect();
    const before = daemon.said().length;
    const told = JSON.stringify({ kind, url: daemon.url, key, token: callbackToken });
    const crowd = fork(join(import.meta.dirname, 'crowd.ts'), [told]);
    const until = performance.now() + SECONDS * 1_000;
    await pause(Math.min(3_000, SECONDS * 300));
    const beside = await secondsToCollect();
    await pause(Math.max(0, until - performance.now()));
    crowd.send('count');
    const [heard] = (await once(crowd, 'message')) as [Record<string, number>];
    crowd.disconnect();
    await once(crowd, 'exit');
    const [cause, lines] = mostLinesASecond(before);
    const found = { kind, alone, beside, ratio: beside / alone, megabytes: peakMegabytes(), lines, cause, heard };
    process.stdout.write(`${JSON.stringify(found)}\n`);
    tally({ attacks: 1, charges: 2 * CHARGES });
    // What took a moment alone may take one more for any reason at all.
    expect(beside).toBeLessThan(2 * alone + 1);
    expect(peakMegabytes()).toBeLessThan(MOST_MEGABYTES);
    // A second of the log may hold the end of one second of telling, and the beginning of the next.
    expect([cause, lines]).toEqual([cause, Math.min(lines, 2)]);
  },
  240_000,
);
