import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { intakeState } from '../../src/infra/tables/inbox/intake.ts';
import { migrationsFolder } from '../../src/wire/schema.ts';
import { run, runtimeWith } from '../entry/cli-stand.ts';
import { adminKey } from '../support/api.ts';
import { callbackToken, client, daemon, daemonVariables, sandboxFor, xenditVariables } from '../support/daemon.ts';
import { migratedDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { testWorld } from '../support/world.ts';

const liveKey = 'xnd_production_canary0key0of0the0stories';

describe('a daemon that is not armed', () => {
  test('starts, serves reading, takes webhooks, says why it charges nothing, and its test clock stands still', async () => {
    const sandbox = await sandboxFor(9, { secretKey: liveKey });
    const variables = {
      ...daemonVariables(await migratedDatabase()),
      ...xenditVariables(sandbox, 0),
      XENDIT_SECRET_KEY: liveKey,
      DUEDAY_CLOCK: 'virtual',
    };
    const started = await daemon(variables);
    const api = client(started.url, adminKey);
    const why = expect.stringContaining('DUEDAY_CLOCK=virtual is set with a live key') as string;
    const health = await fetch(`${started.url}/health/ready`);
    expect([health.status, await health.json()]).toMatchObject([503, { charging: 'disarmed', reason: why }]);
    expect(await api.get('/metrics')).toMatch(/^dueday_charging_disarmed 1$/m);
    expect(await api.get('/v1/charges')).toEqual({ data: [], next_cursor: null, totals: [] });
    const webhook = await fetch(`${started.url}/webhooks/xendit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-callback-token': callbackToken },
      body: JSON.stringify({ event: 'payment.capture', data: {} }),
    });
    expect(webhook.status).toBe(200);
    await expect(api.post('/v1/test-clock', { now: '2099-01-01T00:00:00Z' })).rejects.toThrow('404');
    const endpoint = () => ({ url: started.url, apiKey: adminKey });
    const barred = runtimeWith(variables, endpoint);
    expect(await run(barred, 'doctor')).toMatchObject({ code: 1, out: why });
    expect(await run(barred, 'arm')).toMatchObject({ code: 1, err: why });
    // The environment mended, a person arms; the daemon itself still has the clock that keeps it from charging.
    const mended = runtimeWith({ ...variables, DUEDAY_CLOCK: 'system' }, endpoint);
    const doctor = await run(mended, 'doctor');
    expect(doctor).toMatchObject({ code: 1, out: expect.stringContaining('never armed') });
    const shown = await run(mended, 'arm', '--dry-run', '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ armed: false, is: { mode: 'live' }, asks_first: true });
    expect(await run(mended, 'arm', '--mode', 'test')).toMatchObject({ code: 1 });
    expect(await run(mended, 'arm')).toMatchObject({ code: 0, out: expect.stringContaining('Armed.') });
    // What is left: the daemon with its clock, and with a live key the example that customers come back to, and servers that do not flush.
    const after = await run(mended, 'doctor');
    expect(after).toMatchObject({ code: 1, err: expect.stringContaining('3 faults: daemon, return URLs, durability') });
    expect(after.out).toContain('fsync is off');
    for (const { out, err } of [doctor, shown]) expect(out + err).not.toContain('canary');
  });
});

/** With owners, modes and times, as a careful admin copies a data directory. */
const copyAll = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

describe('a data directory that was copied', () => {
  test('is told from the original, elsewhere or put back in its place while the daemon lives', async () => {
    const home = passingDirectory();
    const first = await startEmbedded({ dataDir: home, durable: false });
    await migrate(first.url, migrationsFolder);
    const db = openDatabase({ url: first.url, poolSize: 2, applicationName: 'dueday test' });
    onTestFinished(() => db.close());
    const { ctx } = await testWorld({ at: '2026-01-31T02:00:00Z', db });
    expect(await mayCharge(ctx)).toMatchObject({ kind: 'yes' });
    await first.stop();
    const away = passingDirectory();
    copyAll(join(home, 'pg18'), join(away, 'pg18'));

    const copy = await startEmbedded({ dataDir: away, durable: false });
    onTestFinished(copy.stop);
    const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));
    const there = runtimeWith({ DATABASE_URL: copy.url, CATALOG_FILE: catalog }, () => ({
      url: 'http://127.0.0.1:1',
      apiKey: null,
    }));
    const why = expect.stringContaining('the data directory was copied') as string;
    expect(await run(there, 'doctor')).toMatchObject({ code: 1, out: why });
    expect(await run(there, 'arm')).toMatchObject({ code: 0, out: why });
    expect(await run(there, 'doctor')).toMatchObject({ code: 0 });

    // The original again, after an ordinary restart: nothing differs. Webhooks are not stored in the copy beside it.
    const again = await startEmbedded({ dataDir: home, durable: false });
    expect(await mayCharge(ctx)).toMatchObject({ kind: 'yes' });
    const beside = openDatabase({ url: copy.url, poolSize: 1, applicationName: 'dueday test' });
    const aside = expect.stringContaining('it is another server than that of DATABASE_URL') as string;
    expect(await intakeState(db, beside)).toMatchObject({ kind: 'unfit', detail: aside });
    await beside.close();
    await copy.stop();
    await again.stop();
    renameSync(join(home, 'pg18'), join(home, 'gone'));
    copyAll(join(home, 'gone'), join(home, 'pg18'));
    const restored = await startEmbedded({ dataDir: home, durable: false });
    onTestFinished(restored.stop);
    expect(await mayCharge(ctx)).toMatchObject({ kind: 'no', reason: why });
  });
});
