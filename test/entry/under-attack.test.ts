import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { boundConnections } from '../../src/entry/http/guard/connections.ts';
import { exportsOf } from '../../src/entry/http/guard/exports.ts';
import { Pace, Paces } from '../../src/entry/http/guard/pace.ts';
import { createKey } from '../../src/flows/access/keys.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { createLogger, type Log } from '../../src/infra/logger.ts';
import { rarely } from '../../src/infra/rarely.ts';
import { adminKey, apiOver, webhookToken } from '../support/api.ts';
import { eventually } from '../support/daemon.ts';
import { testDatabase } from '../support/database.ts';
import { testWorld } from '../support/world.ts';

/** What a crowd meets that has no key, or the least one. `npm run torture -- --attack` does it for minutes, beside charges. */

const { db, url, admin } = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db, url, admin });

/** A context that counts its statements and notes how long callers waited; time passes only while they wait. */
function counting(more: Partial<Context> = {}) {
  const seen = { statements: 0, waits: [] as number[], now: 0 };
  const own = more.db ?? db;
  const run: Context['db']['run'] = (query) => {
    seen.statements += 1;
    return own.run(query);
  };
  const drizzle = new Proxy(own.drizzle, {
    get(builders, name, self) {
      seen.statements += 1;
      return Reflect.get(builders, name, self) as unknown;
    },
  });
  const sleep = async (milliseconds: number) => void seen.waits.push(milliseconds);
  const ctx: Context = { ...world.ctx, ...more, db: { ...own, run, drizzle }, sleep, monotonic: () => seen.now };
  return { ctx, seen };
}

async function* endless(): AsyncGenerator<string> {
  for (;;) yield 'x'.repeat(64 * 1_024);
}

const times = async <T>(count: number, work: (index: number) => Promise<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for (let index = 0; index < count; index += 1) all.push(await work(index));
  return all;
};

describe('a crowd without a key', () => {
  test.each([
    ['nothing at all', '/nowhere', {}, 404],
    ['the description', '/openapi.json', {}, 200],
    ['a call without its key', '/v1/charges', {}, 401],
    ['an address of ours that is none, with some key', '/v1/nothing', { authorization: 'Bearer x' }, 404],
  ])('that asks for %s waits for its turn, then is told 429', async (_what, path, headers, status) => {
    const { ctx, seen } = counting();
    const { app } = await apiOver(ctx);
    const answers = await times(400, () => app.inject({ url: path, headers, remoteAddress: '192.0.2.1' }));
    const codes = answers.map(({ statusCode }) => statusCode);
    if (status !== 401) expect(codes[0]).toBe(status);
    expect(codes.at(-1)).toBe(429);
    expect(answers.at(-1)?.headers).toMatchObject({ 'retry-after': expect.any(String) });
    expect(seen.waits.length).toBeGreaterThanOrEqual(200);
    expect(seen.statements).toBe(0);
    seen.now += 60_000;
    expect((await app.inject({ url: path, headers, remoteAddress: '192.0.2.2' })).statusCode).toBe(status);
  });

  test('that asks after our health is told it, late, and a key is served at once all the same', async () => {
    const { ctx, seen } = counting();
    const api = await apiOver(ctx);
    const codes = await times(400, async () => (await api.send('GET', '/health/ready', '', {})).status);
    expect(new Set(codes)).toEqual(new Set([200]));
    expect(seen.waits.length).toBeGreaterThanOrEqual(200);
    const waited = seen.waits.length;
    expect((await api.get('/v1/charges')).status).toBe(200);
    expect(seen.waits).toHaveLength(waited);
  });

  test('that guesses keys costs no look into the database when they look like none of ours, and is slowed', async () => {
    const { ctx, seen } = counting();
    const api = await apiOver(ctx);
    const codes = await times(60, async (n) => (await api.get('/v1/charges', `guess-${n}`)).status);
    expect(codes.filter((code) => code === 401)).toHaveLength(30);
    expect(codes.filter((code) => code === 429)).toHaveLength(30);
    expect(seen.statements).toBe(0);
    expect(seen.waits).toEqual(Array.from({ length: 30 }, () => 1_000));
  });

  test('that guesses keys of our form costs ten looks a second, and a key that was used before is not slowed', async () => {
    const { secret } = await createKey(world.ctx, 'shop', 'product');
    const { ctx, seen } = counting();
    const api = await apiOver(ctx);
    expect((await api.get('/v1/charges', secret)).status).toBe(200);
    const guess = (n: number) => api.get('/v1/charges', `due_${String(n).padStart(32, 'x')}`);
    await times(31, guess);
    const before = seen.statements;
    await times(200, (n) => guess(n + 100));
    // Each look is a few calls of the builder.
    expect(seen.statements - before).toBeLessThan(100);
    const waited = seen.waits.length;
    expect((await api.get('/v1/charges', secret)).status).toBe(200);
    expect(seen.waits).toHaveLength(waited);
  });
});

describe('a crowd with the least key', () => {
  test('waits for its turn, then is told 429; another key is served at once', async () => {
    const mine = await createKey(world.ctx, 'finance', 'finance');
    const other = await createKey(world.ctx, 'books', 'finance');
    const { ctx, seen } = counting();
    const api = await apiOver(ctx);
    const codes = await times(120, async () => (await api.get('/v1/charges?limit=500', mine.secret)).status);
    expect(codes[0]).toBe(200);
    expect(codes.at(-1)).toBe(429);
    const waited = seen.waits.length;
    expect(waited).toBeGreaterThan(10);
    expect((await api.get('/v1/charges', other.secret)).status).toBe(200);
    expect(seen.waits).toHaveLength(waited);
  });

  test('has two exports at once, however slowly it reads; the third is told 429, and comes in when a reader is gone', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    const exported = exportsOf(world.ctx);
    app.get('/export', (_request, reply) => exported.send(reply, 'text/csv', endless()));
    const at = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const open = async () => {
      const asked = request({ agent: new Agent(), host: '127.0.0.1', port: at.port, path: '/export' });
      onTestFinished(() => void asked.destroy());
      asked.on('error', () => undefined).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      return { asked, answer: answer.on('error', () => undefined) };
    };
    const [first, second, third] = [await open(), await open(), await open()];
    expect([first, second, third].map(({ answer }) => answer.statusCode)).toEqual([200, 200, 429]);
    first.asked.destroy();
    await eventually(async () => expect((await open()).answer.statusCode).toBe(200));
  });

  test.each([
    [
      'lets an export rest for three times as long as it worked while charges go out, and counts its rest for no work',
      1,
      [63, 63, 63],
    ],
    ['lets an export go on at once while none goes out, after whatever else has a turn', 0, [0, 0, 0]],
  ])('%s', async (_, inFlight, expected) => {
    const app = fastify();
    onTestFinished(() => app.close());
    let at = 0;
    const rests: number[] = [];
    const sleep = async (ms: number) => {
      rests.push(ms);
      at += ms;
    };
    const run = async () => [{ count: inFlight }] as never;
    const exported = exportsOf({ ...world.ctx, db: { ...db, run }, monotonic: () => at, sleep });
    async function* lines() {
      for (let line = 0; line < 10; line += 1) {
        at += 7;
        yield `${line}\n`;
      }
    }
    app.get('/export', (_request, reply) => exported.send(reply, 'text/csv', lines()));
    expect((await app.inject('/export')).body.split('\n')).toHaveLength(11);
    expect(rests).toEqual(expected);
  });

  test('exports the log through those two places', async () => {
    const waiting = Promise.withResolvers<void>();
    const run: Context['db']['run'] = async (query) => {
      await waiting.promise;
      return await db.run(query);
    };
    const { app } = await apiOver({ ...world.ctx, db: { ...db, run } });
    const ask = async (format: string) =>
      await app.inject({ url: `/v1/charge-log?format=${format}`, headers: { authorization: `Bearer ${adminKey}` } });
    const held = [ask('csv'), ask('json')];
    await eventually(async () => expect((await ask('csv')).statusCode).toBe(429));
    waiting.resolve();
    expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect((await ask('csv')).statusCode).toBe(200);
  });

  test('gets at most a thousand lines in a page', async () => {
    const api = await apiOver(world.ctx);
    expect((await api.get('/v1/charge-log?limit=1000')).status).toBe(200);
    expect((await api.get('/v1/charge-log?limit=1001')).status).toBe(400);
  });

  test('cannot send a body of thousands of fields to be told of each', async () => {
    const api = await apiOver(world.ctx);
    const many = Object.fromEntries(Array.from({ length: 22_000 }, (_, n) => [`f${n}`, 1]));
    const answer = await api.post('/v1/subscriptions', many);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([{ field: 'body', message: expect.stringContaining('at most 1000') }]);
    const nested = await api.post('/v1/subscriptions', { metadata: [[many]] });
    expect(nested.body.errors).toHaveLength(1);
    const some = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`f${n}`, 1]));
    expect((await api.post('/v1/subscriptions', some)).body.errors.length).toBeLessThanOrEqual(50);
    const query = Array.from({ length: 800 }, (_, n) => `a${n}`).join('&');
    expect((await api.get(`/v1/charges?${query}`)).body.errors.length).toBeLessThanOrEqual(50);
  });
});

describe('a flood of webhooks with the right token', () => {
  test('is stored at a pace, waits for its turn, and is then told 429', async () => {
    const { ctx, seen } = counting({ requestsPerMinute: 600 });
    const api = await apiOver(ctx);
    const codes = await times(2_200, async () => (await api.webhook({ event: 'flood' })).status);
    expect(codes[0]).toBe(200);
    expect(codes.at(-1)).toBe(429);
    expect(codes.filter((code) => code === 200).length).toBeLessThanOrEqual(2_000);
    expect(seen.waits.length).toBeGreaterThan(1_000);
  });
});

describe('connections', () => {
  test('that say nothing make room for the next: the oldest idle one goes, and who is being answered stays', async () => {
    const answered = Promise.withResolvers<void>();
    const { app } = await apiOver({
      ...world.ctx,
      clock: { kind: 'virtual', now: () => answered.promise.then(() => world.now()) },
    });
    boundConnections(app.server, 5);
    const at = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const asked = fetch(new URL('/v1/subscriptions', at), { headers: { authorization: `Bearer ${adminKey}` } });
    const silent = Array.from({ length: 12 }, () => connect(Number(at.port), '127.0.0.1').on('error', () => undefined));
    const gone = silent.map((socket) => once(socket, 'close'));
    await Promise.race(gone);
    await eventually(async () => {
      const open = await new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));
      expect(open).toBeLessThanOrEqual(5);
    });
    answered.resolve();
    expect((await asked).status).toBe(200);
    for (const socket of silent) socket.destroy();
  });
});

describe('the line for the database', () => {
  test('is bounded: one more is refused at once, and nobody in it is forgotten', async () => {
    const own = openDatabase({ url, poolSize: 1, longestLine: 3, applicationName: 'line' });
    onTestFinished(() => own.close());
    const asked = Array.from({ length: 10 }, () => own.run(sql`select pg_sleep(0.05)`));
    const ended = await Promise.allSettled(asked);
    expect(ended.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 4 }, () => 'fulfilled'),
      ...Array.from({ length: 6 }, () => 'rejected'),
    ]);
  });
});

describe('the log', () => {
  test('has a line a second at most for one cause, which says how often it came', async () => {
    const lines: object[] = [];
    const say = (event: string, facts?: object) => void lines.push({ event, ...facts });
    const log: Log = { debug: say, info: say, warn: say, error: say, isSparing: true, close: async () => undefined };
    for (let n = 0; n < 1_000; n += 1) rarely(log).say('error', 'one', 'request failed', { n });
    rarely(log).say('error', 'another', 'request failed', { n: 'other' });
    expect(lines).toEqual([
      { event: 'request failed', n: 0 },
      { event: 'request failed', n: 'other' },
    ]);
    await pause(1_050);
    expect(lines.slice(2)).toEqual([{ event: 'request failed', n: 999, times: 999 }]);
  });

  test('has few lines for hundreds of requests that fail alike', async () => {
    const broken = { kind: 'virtual' as const, now: () => Promise.reject(new Error('broken')) };
    const written: string[] = [];
    const out = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void written.push(chunk.toString())) });
    const log = createLogger('info', out);
    const api = await apiOver({ ...world.ctx, clock: broken, log });
    await Promise.all(Array.from({ length: 200 }, () => api.get('/v1/subscriptions')));
    await log.close();
    // One for each second that they took.
    expect(written.length).toBeLessThan(20);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ event: 'request failed' });
  });
});

describe('a pace', () => {
  test('lets a burst in at once, then one after the other, and refuses whose turn lies too far off', () => {
    const pace = new Pace({ perSecond: 10, burst: 3 });
    expect([1, 2, 3, 4, 5].map(() => pace.take(0, 150))).toEqual([0, 0, 0, 100, null]);
    expect(pace.take(1_000, 0)).toBe(0);
    expect(pace.take(1_000, 1_000, 10)).toBe(800);
  });

  test('is each caller’s own, for ten thousand of them; the others share one', () => {
    const paces = new Paces({ perSecond: 1, burst: 1 });
    for (let n = 0; n < 10_000; n += 1) expect(paces.take(`c${n}`, 0, 0)).toBe(0);
    expect(paces.take('x', 0, 0)).toBe(0);
    expect([paces.take('y', 0, 0), paces.take('c1', 0, 0)]).toEqual([null, null]);
  });
});

test('webhooks with the right token are taken beside all of it', async () => {
  const api = await apiOver(world.ctx);
  await times(40, () => api.webhook({ event: 'guess' }, { 'x-callback-token': 'wrong' }));
  expect((await api.webhook({ event: 'after' }, { 'x-callback-token': webhookToken })).status).toBe(200);
});
