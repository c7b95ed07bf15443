import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import { client, daemon, daemonVariables, eventually, type Json } from '../support/daemon.ts';
import { migratedDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { run, runtimeWith } from './cli-stand.ts';

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
type Settings = Record<string, string>;

const dueday = (settings: Settings, ...words: readonly string[]) =>
  run(
    runtimeWith(settings, () => ({ url: '', apiKey: null })),
    ...words,
  );

/** What the doctor says of the payment tokens. */
async function examined(settings: Settings): Promise<Json> {
  const { out } = await dueday(settings, 'doctor', '--json');
  return JSON.parse(out).findings.find((one: Json) => one.what === 'payment tokens');
}

/** Starts a daemon, has something charged, and stops it. */
async function bill(settings: Settings, reference: string): Promise<void> {
  const started = await daemon(settings);
  const product = street(client(started.url, adminKey), client(started.sandboxUrl ?? ''));
  const id = await product.subscribe(reference);
  await eventually(async () => expect((await product.charges(id))[0]?.status).toBe('paid'));
  await started.stop();
}

async function stored(url: string): Promise<readonly string[]> {
  const db = openDatabase({ url, poolSize: 1 });
  const rows = await db.run<{ token_id: string }>(sql`select token_id from tokens order by saved_at`);
  await db.close();
  return rows.map((row) => row.token_id);
}

test('an admin turns keys on, rotates them and drops the old one; at every step the doctor knows what is left to do', async () => {
  const url = await migratedDatabase();
  const without = daemonVariables(url);
  const first = { ...without, DUEDAY_TOKEN_KEYS: key('k1', 1) };
  const second = { ...without, DUEDAY_TOKEN_KEYS: `${key('k2', 2)},${key('k1', 1)}` };
  await bill(without, 'order-1');
  expect(await stored(url)).toEqual([expect.stringMatching(/^pt-/)]);
  expect(await examined(without)).toMatchObject({
    ok: true,
    detail: expect.stringContaining('DUEDAY_TOKEN_KEYS=k1:$(openssl'),
  });
  expect((await dueday(without, 'keys', 'rotate-tokens')).err).toContain('There is no key to seal with');

  await bill(first, 'order-2');
  expect(await stored(url)).toEqual([expect.stringMatching(/^pt-/), expect.stringMatching(/^due1:k1:/)]);
  expect(await examined(first)).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/not yet: run "dueday keys rotate-tokens"/),
  });
  expect((await dueday(first, 'keys', 'rotate-tokens')).out).toMatch(/^Sealed with k1: 1 payment token, \d webhooks?/);
  expect(await examined(first)).toMatchObject({ ok: true, detail: 'sealed with k1' });

  const rotated = await dueday(second, 'keys', 'rotate-tokens', '--json');
  expect([rotated.code, JSON.parse(rotated.out)]).toMatchObject([0, { key: 'k2', tokens: 2, left: 0 }]);
  await bill({ ...without, DUEDAY_TOKEN_KEYS: key('k2', 2) }, 'order-3');
  expect(await stored(url)).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^due1:k2:/)));
});

test.each<[string, string | null]>([
  ['without the key', null],
  ['with another key of the same name', key('k1', 7)],
  ['with a newer key only', key('k2', 2)],
])('a daemon %s does not start, says which key it lacks, and the doctor agrees', async (_, keys) => {
  const url = await migratedDatabase();
  await bill(daemonVariables(url, { DUEDAY_TOKEN_KEYS: key('k1', 1) }), 'order-1');
  const settings = daemonVariables(url, keys === null ? {} : { DUEDAY_TOKEN_KEYS: keys });
  await expect(daemon(settings)).rejects.toThrow(/sealed with k1, which this process does not have.*Put that key back/);
  expect(await examined(settings)).toMatchObject({ ok: false, detail: expect.stringContaining('sealed with k1') });
  expect((await dueday(settings, 'doctor')).code).toBe(1);
});

test('an embedded database has its own key, beside it and for nobody else, and is nothing without it', async () => {
  const directory = passingDirectory();
  const settings = daemonVariables('', { DUEDAY_DATA_DIR: directory });
  const file = join(directory, 'token-keys');
  await bill(settings, 'order-1');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const kept = readFileSync(file, 'utf8');
  const [id = ''] = kept.split(':');
  expect(await examined(settings)).toMatchObject({ ok: true, detail: `sealed with ${id}` });

  writeFileSync(file, key('k9', 9));
  await expect(daemon(settings)).rejects.toThrow(`sealed with ${id}, which this process does not have`);

  // A newer key in front: what is older is sealed anew by the start itself.
  writeFileSync(file, `${key('k9', 9)}\n${kept}`);
  await bill(settings, 'order-2');
  await eventually(async () => expect(await examined(settings)).toMatchObject({ ok: true, detail: 'sealed with k9' }));
});

test('keys may come from a file', async () => {
  const file = join(passingDirectory(), 'keys');
  writeFileSync(file, `${key('k1', 1)}\n`);
  const url = await migratedDatabase();
  await bill(daemonVariables(url, { DUEDAY_TOKEN_KEYS_FILE: file }), 'order-1');
  expect(await stored(url)).toEqual([expect.stringMatching(/^due1:k1:/)]);
  await expect(daemon(daemonVariables(url, { DUEDAY_TOKEN_KEYS_FILE: `${file}.gone` }))).rejects.toThrow(
    `DUEDAY_TOKEN_KEYS_FILE: ${file}.gone cannot be read (ENOENT).`,
  );
});
