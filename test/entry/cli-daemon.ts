import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Daemon, Runtime } from '../../src/context.ts';
import { migratedDatabase } from '../support/database.ts';
import { type Ran, run, runtimeWith } from './cli-stand.ts';

const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));

/** A daemon with one customer, and the command line that asks it: for one test file, which calls it at its top. */
export async function cliDaemon() {
  const url = await migratedDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'dueday-cli-'));
  const settings = {
    DATABASE_URL: url,
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: catalog,
    DUEDAY_CLOCK: 'virtual',
    LOG_LEVEL: 'error',
    PORT: '0',
  };
  const runtime: Runtime = runtimeWith(settings, () => ({ url: daemon.url, apiKey: daemon.madeKey }));
  const daemon = await runtime.startDaemon();
  afterAll(async () => {
    await daemon.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const subscriptionId = await onboard(runtime, daemon);
  const dueday = (...words: readonly string[]): Promise<Ran> => run(runtime, ...words);
  /** Oldest first. */
  const charges = async (): Promise<readonly { readonly id: string; readonly status: string }[]> => {
    const { out } = await dueday('charges', 'list', '--subscription', subscriptionId, '--json');
    return (JSON.parse(out) as { data: { id: string; status: string }[] }).data.toReversed();
  };
  return { catalog, url, directory, daemon, runtime, subscriptionId, dueday, charges };
}

/** A customer with a saved card, whose first charge is paid and whose second is declined for good. */
async function onboard(runtime: Runtime, daemon: Daemon): Promise<string> {
  const made = await fetch(`${daemon.url}/v1/subscriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${daemon.madeKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      reference_id: 'sub-1',
      plan: 'monthly',
      customer: { reference_id: 'Siti', given_names: 'Siti' },
    }),
  });
  const { id, onboarding } = (await made.json()) as { id: string; onboarding: { session_id: string } };
  const sandbox = (path: string, body: object) =>
    fetch(`${daemon.sandboxUrl}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await sandbox('scenarios', {
    match: { reference_id: `due_${id}_1_1` },
    do: { kind: 'decline', failure_code: 'INSUFFICIENT_BALANCE' },
  });
  await sandbox(`sessions/${onboarding.session_id}/complete`, {});
  await run(runtime, 'clock', 'advance', '--by', '1 minute');
  // To the instant itself: how far it is depends on the hour at which the tests run.
  const { out } = await run(runtime, 'subscriptions', 'show', id, '--json');
  await run(runtime, 'clock', 'advance', '--to', (JSON.parse(out) as { next_charge_at: string }).next_charge_at);
  return id;
}
