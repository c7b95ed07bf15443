import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Daemon, Runtime } from '../../src/context.ts';
import { type Ran, run, runtimeWith } from '../entry/cli-stand.ts';
import { migratedDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';

const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8');
/** The commands of a walk, in their order; a reason in quotes is one word. */
function commandsOf(title: string): readonly (readonly string[])[] {
  return [...walkOf(title).matchAll(/^npx dueday (.+)$/gm)].map(([, line = '']) =>
    [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
  );
}

function walkOf(title: string): string {
  return page.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? '';
}

const [, edit = ''] = /```yaml\n(.*?)```/s.exec(walkOf('A price goes up')) ?? [];

const catalog = (pro: string) => `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
  payment_channels: { ID: [CARDS] }
plans:
${pro.trimEnd()}
    name: Pro
    interval: 1 month
`;

/** A daemon of the sandbox, with one customer at IDR 150,000. */
async function stage(): Promise<{ readonly file: string; readonly runtime: Runtime }> {
  const directory = passingDirectory();
  const file = join(directory, 'catalog.yaml');
  writeFileSync(file, catalog('  pro:\n    price: { amount: 150000, currency: IDR }'));
  let daemon: Daemon | undefined;
  const settings = {
    DATABASE_URL: await migratedDatabase(),
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: file,
    DUEDAY_CLOCK: 'virtual',
    LOG_LEVEL: 'error',
    PORT: '0',
  };
  const runtime = runtimeWith(settings, () => ({ url: daemon?.url ?? '', apiKey: daemon?.madeKey ?? null }));
  daemon = await runtime.startDaemon();
  onTestFinished(async () => void (await daemon?.stop()));
  await onboard(daemon, runtime);
  return { file, runtime };
}

test('the walk of a price change in docs/operate.md goes from the edit to the first charge at the new price', async () => {
  const { file, runtime } = await stage();
  writeFileSync(file, catalog(edit));
  const said = await follow(runtime, commandsOf('A price goes up'));
  expect(said.check).toContain('is good: 1 plan');
  expect(said.diff).toMatch(/pro +changed +1 +0 +0 +150,000 +175,000/);
  expect(said.apply).toMatch(/^Version 2 is in force/);
  expect(said.versions).toContain('the rent of the office went up');
  expect(said['--owed']).toMatch(/sub-1001 +cust-1001 +pro +2 +a notice and consent +14 +IDR 150,000 +IDR 175,000/);
  expect(said.notice).toMatch(/^Written down: told of the price of catalog version 2 at .*, by email\./);
  expect(said.consent).toBe('Written down as consent 1: given, about the price of catalog version 2.');
  expect(said.upcoming).toContain('175,000');
  expect(said.list).not.toContain('175,000');
  const next = await run(runtime, 'subscriptions', 'show', 'sub-1001', '--json');
  await run(runtime, 'clock', 'advance', '--to', (JSON.parse(next.out) as { next_charge_at: string }).next_charge_at);
  const charges = await run(runtime, 'charges', 'list', '--subscription', 'sub-1001', '--json');
  expect(JSON.parse(charges.out)).toMatchObject({
    data: [
      { cycle: 1, amount: 175_000, status: 'paid' },
      { cycle: 0, amount: 150_000, status: 'paid' },
    ],
  });
});

test('the walk of a price in stages goes from the dry run to the first charge at the new price', async () => {
  const { file, runtime } = await stage();
  const kept = edit.replace('next_cycle', 'new_only').replace(/^ *notice:.*\n/m, '');
  expect(kept).not.toContain('notice');
  writeFileSync(file, catalog(kept));
  const { out } = await run(runtime, 'catalog', 'diff', '--json');
  await run(runtime, 'catalog', 'apply', '--digest', (JSON.parse(out) as { digest: string }).digest);
  const [dry = [], real = [], status = [], rest = [], upcoming = []] = commandsOf('Those who have it, in stages');
  const early = (words: readonly string[]) => words.map((word) => word.replace('metadata.cohort=early', 'country=ID'));
  expect((await run(runtime, ...dry)).out).toMatch(/^Nothing to do/);
  expect((await run(runtime, ...early(dry))).out).toMatch(/^1 subscription of pro would be moved/);
  expect((await run(runtime, ...early(real))).out).toContain('Repricing 1 is written down');
  await run(runtime, 'clock', 'advance', '--by', '1 minute');
  expect((await run(runtime, ...status)).out).toContain('1 done');
  expect((await run(runtime, ...rest)).out).toMatch(/^Nothing to do/);
  expect((await run(runtime, ...upcoming)).out).toContain('175,000');
  const next = await run(runtime, 'subscriptions', 'show', 'sub-1001', '--json');
  await run(runtime, 'clock', 'advance', '--to', (JSON.parse(next.out) as { next_charge_at: string }).next_charge_at);
  const charges = await run(runtime, 'charges', 'list', '--subscription', 'sub-1001', '--json');
  expect(JSON.parse(charges.out)).toMatchObject({
    data: [{ cycle: 1, amount: 175_000, status: 'paid' }, { cycle: 0 }],
  });
});

/** Runs the commands as they stand there; what each said, by its last word that is no option. */
async function follow(
  runtime: Runtime,
  commands: readonly (readonly string[])[],
): Promise<Readonly<Record<string, string>>> {
  const said: Record<string, string> = {};
  for (const words of commands) {
    const [, digest = ''] = /--digest (\S+)/.exec(said.diff ?? '') ?? [];
    const { now } = JSON.parse((await run(runtime, 'clock', 'show', '--json')).out) as { now: string };
    const meant: Readonly<Record<string, string>> = { DIGEST: digest, SENT_AT: now };
    const ran: Ran = await run(runtime, ...words.map((word) => meant[word] ?? word));
    expect(ran, words.join(' ')).toMatchObject({ code: 0 });
    said[words[1] ?? ''] = ran.out;
  }
  return said;
}

async function onboard(daemon: Daemon, runtime: Runtime): Promise<void> {
  const made = await fetch(`${daemon.url}/v1/subscriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${daemon.madeKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      reference_id: 'sub-1001',
      plan: 'pro',
      customer: { reference_id: 'cust-1001', given_names: 'Siti' },
    }),
  });
  const { onboarding } = (await made.json()) as { onboarding: { session_id: string } };
  const complete = `${daemon.sandboxUrl}/_sandbox/sessions/${onboarding.session_id}/complete`;
  await fetch(complete, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  await run(runtime, 'clock', 'advance', '--by', '1 minute');
}
