import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Daemon, Runtime } from '../../src/context.ts';
import type { Api } from '../../src/entry/cli/api.ts';
import { reckon } from '../../src/entry/cli/demo/reckoning.ts';
import type { Stage } from '../../src/entry/cli/demo/stage.ts';
import { SECRET_FILES } from '../../src/infra/environment/secret-files.ts';
import { run, runtimeWith } from '../entry/cli-stand.ts';

const LONG = 120_000;
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

type Seen = { readonly code: number | null; readonly out: string; readonly err: string };

let directory: string;
let seen: Seen;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dueday-show-'));
  seen = await demo();
}, LONG);
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Settings of another installation, with which none could start: the demo lives without any. */
const elsewhere = {
  XENDIT_SECRET_KEY: 'xnd_production_x',
  DUEDAY_WEBHOOK_DATABASE_URL: 'postgres://127.0.0.1:1/none',
  DUEDAY_WEBHOOK_PORT: '65536',
};

/** The demo as a newcomer runs it, in a directory for temporary files of its own. */
function demo(until: (soFar: string) => boolean = () => false): Promise<Seen> {
  const child = spawn(process.execPath, [main, 'demo'], {
    env: { PATH: process.env.PATH, TMPDIR: directory, ...elsewhere },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (!until(out)) return;
    // Twice, as a child of npm gets it.
    child.kill('SIGINT');
    child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, out, err }));
  });
}

test('the demo ends with equal books, tells it in plain lines, and leaves nothing behind', async () => {
  const { code, out, err } = seen;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^IDR +IDR ([\d,]+) +IDR \1 +equal$/m);
  expect(out).toMatch(/^PHP +PHP ([\d,.]+) +PHP \1 +equal$/m);
  expect(out).toMatch(
    /^(\d+) payments at Xendit for \1 charges: each is in the charge log, and none was charged twice\.$/m,
  );
  expect(out).toContain('sent to Xendit as due_');
  // Three months at the old price for both; then the new one for whoever agreed to it.
  expect(out).toMatch(/^Ratna +studio .*IDR 1,290,000/m);
  expect(out).toMatch(/^Surya +studio .*IDR 1,200,000/m);
  expect(out).not.toContain('\u001b');
  expect(out).not.toContain('"level":');
  expect(out.split('\n').filter((line) => line.length >= 120)).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
});

test('what the calendar of the demo shows is what its stories say', () => {
  const { out } = seen;
  const row = (name: string) =>
    out.split('\n').find((line) => new RegExp(`^${name} +(pro|weekly|course|manila|trial) `).test(line)) ?? '';
  expect(row('Siti')).toMatch(/✓ +✓ +✓ +✓ +✓ +✓ +IDR 900,000/);
  expect(row('Budi')).toMatch(/✓ +↻ +✓ +✓ +✓ +✓ +IDR 900,000/);
  expect(row('Hana')).toMatch(/✓ +✓ +✓ +✗ +IDR 450,000/);
  expect(row('Indah')).toMatch(/✓ +✓ +✓ +↻ +✓ +✓ +IDR 900,000/);
  expect(row('Putri')).toMatch(/✓ +✓ +– +– +✓ +✓ +IDR 600,000/);
  expect(row('Rudi')).toMatch(/✓ +✓ +✗ +IDR 300,000/);
  expect(row('Wati')).toMatch(/✓ +– +PHP 499\.50/);
  expect(row('Vina')).toMatch(/✓ +✓ +↻ +✓ +✓ +✓ +IDR 900,000/);
  expect(row('Yani')).toMatch(/✓ +✓ +✓ +✓ +✓ +✓ +IDR 810,000/);
  expect(row('Zaki')).toMatch(/✓ +✓ +✓ +– +– +✓ +IDR 600,000/);
  expect(row('Wulan')).toMatch(/✓ +✓ +✓2 +✓ +✓ +✓ +IDR 1,451,613/);
  expect(out).toMatch(/Wulan +Asks for another plan, and is to pay the difference first/);
  expect(out).toMatch(/Wulan +The difference is paid: the plan is max from now on/);
  expect(out).toMatch(/Joko +The outcome is unknown/);
});

test('Ctrl-C on the way ends the demo with 1 and leaves nothing behind', { timeout: LONG }, async () => {
  const { code, err } = await demo((soFar) => soFar.includes('February'));
  expect({ code, err: err.trim() }).toEqual({ code: 1, err: 'Stopped; nothing is left behind.' });
  expect(await readdir(directory)).toEqual([]);
});

test('whatever the environment says, the demo has settings of its own', async () => {
  const text = await readFile(fileURLToPath(new URL('../../src/infra/environment/env.ts', import.meta.url)), 'utf8');
  const known = [...text.matchAll(/^ {2}([A-Z_]+): optional\(/gm)].map(([, name = '']) => name).concat(SECRET_FILES);
  expect(known).toContain('DUEDAY_TOKEN_KEYS_FILE');
  let overruled: readonly string[] = [];
  const looking: Runtime = {
    ...runtimeWith({}, () => ({ url: '', apiKey: null })),
    async startDaemon(overrides = {}) {
      overruled = Object.keys(overrides);
      throw new Error('seen');
    },
  };
  expect(await run(looking, 'demo')).toMatchObject({ code: 1, err: 'seen' });
  expect(known.filter((name) => !overruled.includes(name))).toEqual([]);
});

test('a payment that was taken behind our back makes the demo fail, and is named', { timeout: LONG }, async () => {
  let theft: Promise<unknown> = Promise.resolve();
  const honest = runtimeWith({}, () => ({ url: '', apiKey: null }));
  const tampered: Runtime = {
    ...honest,
    async startDaemon(overrides) {
      const daemon = await honest.startDaemon(overrides);
      theft = takeBehindOurBack(daemon);
      return daemon;
    },
  };
  const { code, out, err } = await run(tampered, 'demo');
  await theft;
  expect(code).toBe(1);
  expect(out).toContain('NOT EQUAL');
  expect(err).toContain('The books do not agree');
  expect(err).toContain('(somebody-else)');
});

/** As soon as a card was charged, it is charged once more, under a reference that is not ours. */
async function takeBehindOurBack({ ctx, sandboxUrl }: Daemon): Promise<void> {
  const body = await vi.waitFor(async () => {
    const response = await fetch(`${sandboxUrl}/_sandbox/requests?path=/v3/payment_requests`);
    const { data } = (await response.json()) as { data: readonly { readonly body: object }[] };
    if (data[0] === undefined) throw new Error('Nothing was charged yet.');
    return data[0].body;
  }, 30_000);
  const outcome = await ctx.gateway
    .as('')
    .pay(JSON.stringify({ ...body, reference_id: 'somebody-else' }), 'somebody-else');
  expect(outcome.kind).toBe('succeeded');
}

const subscription = '01a1fca5-250a-7215-947c-d3763dda2f98';

/** Books that were made up: what Xendit holds, and what the charge log says. */
async function reckoned(
  payments: readonly { id: string; reference: string }[],
  log: readonly { id: string; money: number }[],
) {
  const answers: Readonly<Record<string, object>> = {
    ledger: { collected: { PHP: payments.length * 499.5 }, count: payments.length },
    payments: {
      data: payments.map(({ id, reference }) => ({
        payment_id: id,
        reference_id: reference,
        status: 'SUCCEEDED',
        amount: 499.5,
        currency: 'PHP',
      })),
    },
  };
  const stage = { get: async (path: string) => answers[path] } as unknown as Stage;
  const data = log.map(({ id, money }) => ({ payment_id: id, money, currency: 'PHP' }));
  const api = { get: async () => ({ data, next_cursor: null }) } as unknown as Api;
  return await reckon(api, stage);
}

test('a cycle that was paid twice is a fault even where the sums agree', async () => {
  const payments = [1, 2].map((attempt) => ({ id: `py-${attempt}`, reference: `due_${subscription}_0_${attempt}` }));
  const { totals, faults } = await reckoned(
    payments,
    payments.map(({ id }) => ({ id, money: 499.5 })),
  );
  expect(totals).toEqual([{ currency: 'PHP', xendit: 999, dueday: 999 }]);
  expect(faults).toEqual([`cycle 0 of subscription ${subscription} was paid 2 times.`]);
});

test('money of one payment cannot stand in for that of another', async () => {
  const { faults } = await reckoned(
    [{ id: 'py-1', reference: `due_${subscription}_0_1` }],
    [{ id: 'py-2', money: 499.5 }],
  );
  expect(faults).toHaveLength(2);
});

test('books without money are equal', async () => {
  expect(await reckoned([], [])).toMatchObject({ faults: [], payments: 0, charges: 0 });
});
