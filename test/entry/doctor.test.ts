import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { readEnv } from '../../src/infra/environment/env.ts';
import { settingsBeside, writeFacts } from '../../src/infra/environment/run-file.ts';
import { examineReturnUrls } from '../../src/wire/catalog.ts';
import { asItRuns, askDaemon, daemonFinding } from '../../src/wire/running.ts';
import { apiOver } from '../support/api.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const listening = async (notReady: string | null) => {
  const { app } = await apiOver(world.ctx, { notReady: () => notReady });
  return await app.listen({ host: '127.0.0.1', port: 0 });
};
const found = async (url: string) => daemonFinding(url, await askDaemon(url));

describe('doctor asks the daemon', () => {
  test('that runs: where, which version, by which catalog', async () => {
    const url = await listening(null);
    expect(await found(url)).toEqual({
      what: 'daemon',
      ok: true,
      detail: `runs on ${url}, version ${manifest.version}, with catalog version 1; ready`,
    });
  });

  test('that runs and is not ready, and says why', async () => {
    const why = 'its jobs stand still';
    expect(await found(await listening(why))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(`not ready: ${why}`),
    });
  });

  test('that does not run, which is no fault, as before the first start', async () => {
    const detail = 'none answers on http://127.0.0.1:9: "dueday start" runs one';
    expect(await found('http://127.0.0.1:9')).toEqual({ what: 'daemon', ok: true, detail });
  });

  test('and is answered by a stranger, who has its port', async () => {
    const said = { status: 'ready', reason: null, catalog: { version: 1 }, info: { title: 'shop', version: '1' } };
    const stranger = createServer((_request, response) => response.end(JSON.stringify(said)));
    onTestFinished(() => void stranger.close());
    await once(stranger.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    expect(await found(url)).toMatchObject({ ok: false, detail: expect.stringContaining('is not dueday') });
  });

  test('of another version, which is to be restarted', async () => {
    const running = { isReady: true, reason: null, catalogVersion: 3, version: '0.0.9' };
    const { ok, detail } = daemonFinding('http://127.0.0.1:8080', running);
    expect([ok, detail]).toEqual([false, expect.stringContaining(`this command is ${manifest.version}: restart it`)]);
  });

  test('and then looks at the file and the address that it lives by, wherever the command was typed', async () => {
    const dataDir = passingDirectory();
    const daemons = readEnv({ DUEDAY_DATA_DIR: dataDir, PORT: '8123', CATALOG_FILE: 'plans/of-the-daemon.yaml' });
    writeFacts(daemons, { apiKey: null, sandboxUrl: null, sandboxKey: null, sandboxSince: null });
    const typed = readEnv({ DUEDAY_DATA_DIR: dataDir });
    const running = { isReady: true, reason: null, catalogVersion: 1, version: manifest.version };
    expect(asItRuns(typed, running)).toMatchObject({
      publicUrl: 'http://127.0.0.1:8123',
      catalogFile: resolve('plans/of-the-daemon.yaml'),
    });
    expect(asItRuns(typed, null)).toEqual(typed);
  });
});

describe('return URLs of an example', () => {
  const catalog = (url: string): string => {
    const file = join(passingDirectory(), 'catalog.yaml');
    writeFileSync(
      file,
      `defaults: { country: ID, time_zone: Asia/Jakarta, return_urls: { success: ${url}, cancel: https://shop.co.id/no } }\n` +
        'plans: { a: { name: A, price: { amount: 150000, currency: IDR }, interval: 1 month } }\n',
    );
    return file;
  };
  const key = (mode: string) => ({
    XENDIT_SECRET_KEY: `xnd_${mode}_${'x'.repeat(20)}`,
    XENDIT_WEBHOOK_TOKEN: 't'.repeat(20),
  });

  test.each([
    ['https://example.com/thanks', 'development', true],
    ['https://shop.example/thanks', 'production', false],
  ])('%s with a %s key is told', (url, mode, ok) => {
    const env = readEnv({ CATALOG_FILE: catalog(url), DUEDAY_API_KEY: 'k'.repeat(32), ...key(mode) });
    expect(examineReturnUrls(env)).toEqual([{ what: 'return URLs', ok, detail: expect.stringContaining(url) }]);
  });

  test('of a real shop nothing is said', () => {
    expect(examineReturnUrls(readEnv({ CATALOG_FILE: catalog('https://shop.co.id/yes') }))).toEqual([]);
  });
});

test.each([
  [{}, ''],
  [{ DUEDAY_DATA_DIR: "/srv/due's day" }, "DUEDAY_DATA_DIR='/srv/due'\\''s day' "],
  [{ DATABASE_URL: 'postgres://db/dueday', PORT: '8123' }, 'PUBLIC_URL=http://127.0.0.1:8123 DUEDAY_API_KEY=due_made '],
])('with %j, the hint at a command beside the daemon works as it is printed: %s', (variables, before) => {
  expect(settingsBeside(readEnv(variables), 'due_made')).toBe(before);
});
