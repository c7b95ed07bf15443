import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Daemon } from '../../src/context.ts';
import { run, runtimeWith } from '../entry/cli-stand.ts';
import { adminKey } from '../support/api.ts';
import { freePort, sandboxFor, xenditVariables } from '../support/daemon.ts';
import { migratedDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';

/* The move that docs/operate.md tells, with the file that stands there and the stand-in for Xendit. */

const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8');
const [, section = ''] = page.split('## Moving in from another biller');
const [walk = ''] = section.split('\n## ');
const [, head = '', line = ''] = /```csv\n(.*)\n(.*)\n```/.exec(walk) ?? [];
const commands = [...walk.matchAll(/^npx dueday (.+)$/gm)].map(([, words = '']) => words.split(' '));

const CATALOG = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
  payment_channels: { ID: [CARDS] }
plans:
  pro: { name: Pro, price: { amount: 150000, currency: IDR }, interval: 1 month }
`;

test('the walk of a move goes from the file to the first charge, which is the one of the file', async () => {
  const directory = passingDirectory();
  writeFileSync(join(directory, 'catalog.yaml'), CATALOG);
  const port = await freePort();
  const sandbox = await sandboxFor(port);
  let daemon: Daemon | undefined;
  const settings = {
    DATABASE_URL: await migratedDatabase(),
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: join(directory, 'catalog.yaml'),
    DUEDAY_CLOCK: 'virtual',
    DUEDAY_API_KEY: adminKey,
    LOG_LEVEL: 'error',
    ...xenditVariables(sandbox, port),
  };
  const runtime = runtimeWith(settings, () => ({ url: daemon?.url ?? '', apiKey: adminKey }));
  daemon = await runtime.startDaemon();
  onTestFinished(async () => void (await daemon?.stop()));
  const { now } = JSON.parse((await run(runtime, 'clock', 'show', '--json')).out) as { now: string };
  const date = Temporal.Instant.from(now).toZonedDateTimeISO('Asia/Jakarta').toPlainDate().add({ days: 5 }).toString();
  const file = join(directory, 'subscribers.csv');
  const moved = await elsewhere(sandbox.url);
  const wrong = line.replace(/\d{4}-\d\d-\d\d/, '03/04/2026').replace('120000', '120,5');
  writeFileSync(file, `${head}\n${wrong}\n`);
  const [dry = [], real = [], status = [], few = [], show = [], all = []] = commands;
  const here = (words: readonly string[]) => words.map((word) => word.replace('subscribers.csv', file));
  const faults = await run(runtime, ...here(dry));
  expect(faults.code).toBe(1);
  expect(faults.out).toContain(`${file}:2 has 9 cells, and the first line 8`);
  const good = line
    .replace(/cust-[\w-]{36}/, moved.customer_id)
    .replace(/pt-[\w-]+/, moved.payment_token_id)
    .replace(/\d{4}-\d\d-\d\d/, date);
  writeFileSync(file, `${head}\n${good}\n`);
  expect(await run(runtime, ...here(dry))).toMatchObject({ code: 0, out: expect.stringContaining('is good: 1 line') });
  expect((await run(runtime, ...here(real))).out).toContain('1 subscription imported, paused');
  expect((await run(runtime, ...here(real))).out).toMatch(/^Nothing to do/);
  expect((await run(runtime, ...status)).out).toContain('wait for the switch: 1');
  expect((await run(runtime, ...few)).out).toMatch(/^1 subscription switched: nothing was charged/);
  const shown = await run(runtime, ...show, '--json');
  const { next_charge_at } = JSON.parse(shown.out) as { next_charge_at: string };
  expect(JSON.parse(shown.out)).toMatchObject({ status: 'active', price: { amount: 120_000 } });
  expect(Temporal.Instant.from(next_charge_at).toZonedDateTimeISO('Asia/Jakarta').toPlainDate().toString()).toBe(date);
  await run(runtime, 'clock', 'advance', '--to', next_charge_at);
  const charges = await run(runtime, 'charges', 'list', '--subscription', 'sub-7', '--json');
  expect(JSON.parse(charges.out)).toMatchObject({ data: [{ cycle: 5, amount: 120_000, status: 'paid' }] });
  expect((await run(runtime, ...all)).out).toMatch(/^Nothing to do/);
  expect((await run(runtime, ...status)).out).toContain('billed here: 1');
});

/** A method that was saved with the other biller. */
async function elsewhere(url: string): Promise<{ readonly customer_id: string; readonly payment_token_id: string }> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ customer_reference: 'cust-7' });
  const answer = await fetch(`${url}/_sandbox/tokens`, { method: 'POST', headers, body });
  return (await answer.json()) as { customer_id: string; payment_token_id: string };
}
