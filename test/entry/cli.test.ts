import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Daemon, Runtime } from '../../src/context.ts';
import { straight } from '../../src/entry/cli/screen/screen.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migratedDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { partsOf, rowsOf } from '../support/workbook.ts';
import { type Ran, run, runtimeWith } from './cli-stand.ts';

const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));

let url: string;
let directory: string;
let daemon: Daemon;
let runtime: Runtime;
let subscriptionId: string;

const dueday = (...words: readonly string[]): Promise<Ran> => run(runtime, ...words);

beforeAll(async () => {
  url = await migratedDatabase();
  directory = await mkdtemp(join(tmpdir(), 'dueday-cli-'));
  const settings = {
    DATABASE_URL: url,
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: catalog,
    DUEDAY_CLOCK: 'virtual',
    LOG_LEVEL: 'error',
    PORT: '0',
  };
  runtime = runtimeWith(settings, () => ({ url: daemon.url, apiKey: daemon.madeKey }));
  daemon = await runtime.startDaemon();
  subscriptionId = await onboard();
});

afterAll(async () => {
  await daemon?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A customer with a saved card, whose first charge is paid and whose second is declined for good. */
async function onboard(): Promise<string> {
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

/** Oldest first. */
async function charges(): Promise<readonly { readonly id: string; readonly status: string }[]> {
  const { out } = await dueday('charges', 'list', '--subscription', subscriptionId, '--json');
  return (JSON.parse(out) as { data: { id: string; status: string }[] }).data.toReversed();
}

describe('the command line', () => {
  test.each([
    ['start'],
    ['demo'],
    ['doctor'],
    ['migrate'],
    ['arm'],
    ['catalog check'],
    ['catalog diff'],
    ['catalog apply'],
    ['catalog versions'],
    ['catalog show'],
    ['import'],
    ['import switch'],
    ['import status'],
    ['forecast'],
    ['keys create'],
    ['keys list'],
    ['keys revoke'],
    ['keys rotate-tokens'],
    ['subscriptions list'],
    ['subscriptions show'],
    ['subscriptions upcoming'],
    ['subscriptions items list'],
    ['subscriptions items add'],
    ['subscriptions items withdraw'],
    ['subscriptions methods list'],
    ['subscriptions methods rank'],
    ['subscriptions methods remove'],
    ['subscriptions change'],
    ['subscriptions withdraw-change'],
    ['subscriptions changes'],
    ['subscriptions cancel'],
    ['subscriptions keep'],
    ['subscriptions grace'],
    ['subscriptions access'],
    ['subscriptions pause'],
    ['subscriptions resume'],
    ['charges list'],
    ['charges show'],
    ['charges explain'],
    ['charges retry'],
    ['charges void'],
    ['charges release'],
    ['charges forgive'],
    ['charges write-off'],
    ['charges refund'],
    ['refunds list'],
    ['refunds show'],
    ['refunds approve'],
    ['refunds withdraw'],
    ['log export'],
    ['reconcile'],
    ['verify'],
    ['clock show'],
    ['clock advance'],
  ])('"%s --help" tells what it takes, --json and the exit codes', async (command) => {
    const { code, out, err } = await dueday(...command.split(' '), '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Usage: dueday ${command}`);
    expect(out).toContain('--json');
    expect(out).toContain('Exit codes: 0 done, 1 failed');
  });

  test('a command that is not known suggests the one that was meant, and exits with 2', async () => {
    const { code, out, err } = await dueday('chrges', 'list');
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('Did you mean charges?');
  });

  test.each([
    ['chrges --help', "unknown command 'chrges'\n(Did you mean charges?)"],
    ['charges lst --help', "unknown command 'lst'\n(Did you mean list?)"],
    ['--help chrges', "unknown command 'chrges'"],
    ['help chrges', "unknown command 'chrges'"],
    ['help charges lst', "unknown command 'lst'"],
    ['keys frobnicate -h', "unknown command 'frobnicate'"],
  ])('"%s" names the verb that there is not, instead of helping with another', async (words, fault) => {
    const { code, out, err } = await dueday(...words.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(fault);
  });

  test.each(['help charges list', 'charges list -h', 'charges list --status held --help', '--help charges list'])(
    '"%s" is the help of that verb',
    async (words) => {
      const { code, out } = await dueday(...words.split(' '));
      expect(code).toBe(0);
      expect(out).toContain('Usage: dueday charges list');
    },
  );

  test.each([
    [['charges', 'show']],
    [['charges', 'list', '--colour']],
    [['keys', 'create', '--name', 'x', '--role', 'king']],
    [['keys', 'create', '--name', 'x']],
    [['subscriptions', 'cancel', 'x', '--at', 'soon']],
    [['clock', 'advance']],
    [['clock', 'advance', '--by', '3 moons']],
    [['clock', 'advance', '--by', '1 month 2 months']],
    [['clock', 'advance', '--by', '2 months 15']],
    [['clock', 'advance', '--by', '2 months, later']],
    [['clock', 'advance', '--to', 'tomorrow']],
    [['log', 'export', '--format', 'xls']],
    [['log', 'export', '--json', '--format', 'csv']],
    [['charges', 'list', '--url', 'nowhere']],
    [['arm', '--reason', '']],
    [['arm', '--reason', 'too short']],
    [['disarm']],
    [['disarm', '--reason', 'too short']],
    [['charges', 'void', '01a228a3-17ed-7914-b859-532c21447dbb']],
    [['charges', 'hold', '01a228a3-17ed-7914-b859-532c21447dbb']],
  ])('%j is not understood: 2, with nothing on stdout', async (words) => {
    const { code, out, err } = await dueday(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toBe('');
  });

  test('nobody listening says how to start the daemon, without a stack', async () => {
    const { code, err } = await dueday('charges', 'list', '--url', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(err).toMatch(/^No daemon answers on http:\/\/127\.0\.0\.1:9.*dueday start/);
    expect(err).not.toContain('    at ');
  });

  test('a key that is not taken says how to make one; the key next door is not sent elsewhere', async () => {
    const wrong = await dueday('charges', 'list', '--api-key', 'due_this_is_not_a_key');
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('dueday keys create');
    const elsewhere = await dueday('charges', 'list', '--url', daemon.url.replace('127.0.0.1', 'localhost'));
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.err).toContain('does not take the API key');
  });

  test('every bad field of a refusal is told, with what it must be, and nothing else', async () => {
    const { code, err } = await dueday('charges', 'list', '--limit', 'x', '--status', 'payed', '--failure-code', '');
    expect(code).toBe(1);
    expect(err.split('\n')).toEqual([
      'limit: must be a whole number, in digits',
      'status: must be one of due, attempting, paid, uncollectible, held, void, refunded, partially_refunded (did you mean "paid"?)',
      'failure_code: must not be empty',
    ]);
    const cursor = await dueday('charges', 'list', '--cursor', 'x');
    expect(cursor.err).toBe('cursor: The cursor is none that a list has given: take next_cursor as it is.');
  });

  test('somebody else who answers is not taken for dueday', async () => {
    const { code, err } = await dueday('charges', 'list', '--url', daemon.sandboxUrl ?? '', '--api-key', 'x');
    expect({ code, err }).toEqual({
      code: 1,
      err: `What answers on ${daemon.sandboxUrl} is not dueday, or stands before it: HTTP 404 Not Found.`,
    });
  });

  test('what turns the direction of writing is printed by its number, so that no line reads as another', () => {
    expect(straight('sub-\u202e1\u200f')).toBe('sub-\\u202e1\\u200f');
  });

  test('says which dueday it is', async () => {
    expect(await dueday('--version')).toEqual({ code: 0, out: '1.2.3', err: '' });
  });

  test.each([['verify'], ['reconcile'], ['arm'], ['keys create --role admin'], ['keys list'], ['doctor']])(
    '%s looks at a database that is there, and makes none where none is',
    async (command) => {
      const empty = passingDirectory();
      const nothing = runtimeWith({ DUEDAY_DATA_DIR: empty, CATALOG_FILE: catalog }, runtime.endpoint);
      const { code, out, err } = await run(nothing, ...command.split(' '));
      expect(code).toBe(1);
      expect(out + err).toContain(`There is no database in ${empty}: "dueday start" or "dueday migrate" makes one.`);
      expect(await readdir(empty)).toEqual([]);
    },
  );
});

describe('catalog check', () => {
  test('names every fault as file:line:column and exits with 1', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(
      file,
      'defaults: { country: ID, time_zone: Asia/Jakarta }\nplans:\n  a: { name: A, interval: 1 moon }\n',
    );
    const { code, out, err } = await dueday('catalog', 'check', file);
    expect(code).toBe(1);
    expect(out).toMatch(/^\S+bad\.yaml:3:\d+ .*interval/m);
    expect(err).toContain('fault');
  });

  test('a file that is not there is told as such', async () => {
    const { code, out } = await dueday('catalog', 'check', '/no/catalog.yaml');
    expect([code, out]).toEqual([
      1,
      '/no/catalog.yaml: there is no such file: name another file (CATALOG_FILE), or run where it is.',
    ]);
  });

  test('a file of another charset is told as such, and nothing of it is guessed', async () => {
    const file = join(directory, 'latin1.yaml');
    await writeFile(file, Buffer.from('plans: { a: { name: Caf\xe9 } }\n', 'latin1'));
    const { code, out } = await dueday('catalog', 'check', file);
    expect([code, out]).toEqual([1, `${file}: it has bytes that are not UTF-8: save it in UTF-8.`]);
  });

  test('warnings are told with their place, and are no faults', async () => {
    const file = join(directory, 'warned.yaml');
    await writeFile(
      file,
      'defaults: { country: SG, time_zone: Asia/Singapore }\nplans:\n  a: { name: A, price: { amount: 9, currency: SGD }, interval: 1 month }\n',
    );
    const { code, out } = await dueday('catalog', 'check', file);
    expect([code, out]).toEqual([
      0,
      `${file}:1:1 warning: defaults.payment_channels.SG: is left out: Xendit's page then offers all savable channels\n${file} is good: 1 plan, 1 warning.`,
    ]);
    const asJson = await dueday('catalog', 'check', file, '--json');
    expect(JSON.parse(asJson.out)).toMatchObject({
      ok: true,
      faults: [],
      warnings: [expect.stringContaining(':1:1 ')],
    });
  });

  test('a good file exits with 0, and tells how many plans it has', async () => {
    const plans = (await readFile(catalog, 'utf8')).match(/^ {4}name:/gm)?.length;
    const { code, out } = await dueday('catalog', 'check', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, plans, faults: [] });
  });
});

describe('keys', () => {
  test('a key that nobody named goes by its role', async () => {
    const made = await dueday('keys', 'create', '--role', 'product', '--json');
    expect(JSON.parse(made.out)).toMatchObject({ role: 'product', name: 'product', secret: expect.any(String) });
    const { id } = JSON.parse(made.out) as { id: string };
    expect((await dueday('keys', 'revoke', id)).code).toBe(0);
  });

  test('a key opens what its role may, is listed without its secret, and opens nothing once revoked', async () => {
    const made = await dueday('keys', 'create', '--role', 'finance', '--name', 'books', '--json');
    const { id, secret } = JSON.parse(made.out) as { id: string; secret: string };
    expect((await dueday('charges', 'list', '--api-key', secret)).code).toBe(0);
    const forbidden = await dueday('clock', 'show', '--api-key', secret);
    expect(forbidden).toMatchObject({ code: 1, err: expect.stringContaining('role finance') });

    const listed = await Promise.all([dueday('keys', 'list'), dueday('keys', 'list', '--json')]);
    for (const { out } of listed) {
      expect(out).toContain('books');
      expect(out).not.toContain(secret);
      expect(out).not.toContain(secret.slice(8));
    }

    expect((await dueday('keys', 'revoke', id)).code).toBe(0);
    expect((await dueday('charges', 'list', '--api-key', secret)).code).toBe(1);
    expect((await dueday('keys', 'revoke', id)).code).toBe(1);
    expect((await dueday('keys', 'revoke', 'nonsense')).code).toBe(1);
  });
});

describe('what the daemon knows', () => {
  test('subscriptions are listed and shown, in words and as JSON', async () => {
    const list = await dueday('subscriptions', 'list');
    expect(list.out).toMatch(/^id +reference +customer +plan +status +price +next charge \(Asia\/Jakarta\)$/m);
    expect(list.out).toContain('IDR 150,000');
    expect(list.out).toMatch(/^in all +subscriptions +per cycle\npast_due +1 +IDR 150,000$/m);
    const shown = await dueday('subscriptions', 'show', subscriptionId, '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ id: subscriptionId, status: 'past_due' });
    const added = await dueday(
      'subscriptions',
      'items',
      'add',
      subscriptionId,
      '--text',
      'Seat',
      '--amount',
      '10000',
      '--json',
    );
    const { id: item } = JSON.parse(added.out) as { id: string };
    expect((await dueday('subscriptions', 'items', 'list', subscriptionId)).out).toMatch(/Seat.*IDR 10,000.*waiting/);
    expect((await dueday('subscriptions', 'items', 'withdraw', subscriptionId, item)).out).toContain('withdrawn');
    const wrong = await dueday('subscriptions', 'items', 'add', subscriptionId, '--text', 'Seat', '--amount', '1e3');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('"1e3" is no number in plain digits') });
    const upcoming = await dueday('subscriptions', 'upcoming', subscriptionId, '--count', '3', '--json');
    expect((JSON.parse(upcoming.out) as { data: unknown[] }).data).toHaveLength(3);
    expect((await dueday('subscriptions', 'upcoming', subscriptionId)).out).toMatch(/due \(Asia\/Jakarta\)/);
  });

  test('a change is previewed, made, listed and withdrawn', async () => {
    const wanted = ['--quantity', '2', '--when', 'period_end'];
    const preview = await dueday('subscriptions', 'change', subscriptionId, ...wanted, '--preview');
    expect(preview.out).toMatch(/^Nothing was changed\. It would come to:/);
    expect(preview.out).toMatch(/nothing is asked for/);
    expect(preview.out).toMatch(/^ +1 .*IDR 150,000 .*IDR 300,000$/m);
    expect((await dueday('subscriptions', 'changes', subscriptionId)).out).toContain('There are none.');
    const made = await dueday(
      'subscriptions',
      'change',
      subscriptionId,
      ...wanted,
      '--reason',
      'they asked for two seats',
      '--json',
    );
    expect(JSON.parse(made.out)).toMatchObject({ planned_change: { number: 1, terms: { quantity: 2 } } });
    expect((await dueday('subscriptions', 'changes', subscriptionId)).out).toMatch(
      /^ *1 +quantity +period_end +planned +\S+ .*two seats/m,
    );
    expect((await dueday('subscriptions', 'show', subscriptionId)).out).toMatch(/^changes +\S+ \S+ to 2 x /m);
    await dueday('subscriptions', 'withdraw-change', subscriptionId);
    expect((await dueday('subscriptions', 'changes', subscriptionId)).out).toMatch(/withdrawn/);
    const wrong = await dueday('subscriptions', 'change', subscriptionId, '--quantity', 'two');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('"two" is no whole number') });
  });

  test('methods are listed and ranked, and the last one stays', async () => {
    const { out } = await dueday('subscriptions', 'methods', 'list', subscriptionId, '--json');
    const [method] = (JSON.parse(out) as { data: { id: string }[] }).data;
    const id = method?.id ?? '';
    expect((await dueday('subscriptions', 'methods', 'list', subscriptionId)).out).toMatch(
      new RegExp(`^ *1 +${id} +.*CARDS +active`, 'm'),
    );
    expect(await dueday('subscriptions', 'methods', 'rank', subscriptionId, id, '--rank', '1')).toMatchObject({
      code: 0,
    });
    const removed = await dueday('subscriptions', 'methods', 'remove', subscriptionId, id);
    expect(removed).toMatchObject({ code: 1, err: expect.stringContaining('no other method') });
  });

  test('a charge is explained as a story: sent, said, class, rule, counted, decided, catalog version', async () => {
    const [, second] = await charges();
    const { out } = await dueday('charges', 'explain', second?.id ?? '');
    expect(out).toContain(`sent to Xendit as due_${subscriptionId}_1_1`);
    expect(out).toMatch(/Xendit said +declined INSUFFICIENT_BALANCE/);
    expect(out).toMatch(/class +funds/);
    expect(out).toMatch(/rule +ladder/);
    expect(out).toMatch(/counted +attempt 1, /);
    expect(out).toMatch(/Try again on \d+ \w+ \d{4}, 09:00\./);
    expect(out).toMatch(/rules from +catalog version 1/);
  });

  test('a subscription goes by its reference, and charges are listed newest first, in their zone, with what they come to', async () => {
    const { reference_id, customer } = JSON.parse(
      (await dueday('subscriptions', 'show', subscriptionId, '--json')).out,
    );
    expect((await dueday('subscriptions', 'show', reference_id)).out).toContain(subscriptionId);
    expect((await dueday('subscriptions', 'list', '--reference', reference_id)).out).toContain(subscriptionId);
    const listed = await dueday('charges', 'list', '--customer', customer.reference_id);
    const [first, second] = await charges();
    expect(listed.out.indexOf(second?.id ?? '')).toBeLessThan(listed.out.indexOf(first?.id ?? ''));
    expect(listed.out).toMatch(/due \(Asia\/Jakarta\) .*paid \(Asia\/Jakarta\) .*why, or what is next/);
    expect(listed.out).toMatch(/^paid +1 +IDR 150,000 +IDR 150,000$/m);
    expect(listed.out).toMatch(/INSUFFICIENT_BALANCE, next .*, .+/);
    const explained = await dueday('charges', 'explain', second?.id ?? '');
    const due = /Due (\S+ \S+); all times are Asia\/Jakarta/.exec(explained.out)?.[1] ?? 'none';
    expect(listed.out).toContain(due);
    const none = await dueday('charges', 'list', '--customer', customer.reference_id, '--from', '2099-01-01');
    expect(none).toMatchObject({ code: 0, out: 'There are none.' });
  });

  test.each([
    [['charges', 'list', '--customer', 'nobody'], 'There is no customer with the reference or id nobody.'],
    [['charges', 'list', '--subscription', 'nobody'], 'There is no subscription with this reference.'],
    [['subscriptions', 'list', '--customer', 'nobody'], 'There is no customer with the reference or id nobody.'],
    [['subscriptions', 'list', '--reference', 'nobody'], 'There is no subscription with this reference.'],
    [['subscriptions', 'show', 'nobody'], 'There is no subscription with this reference.'],
  ])('%j names nobody, and says so', async (words, why) => {
    expect(await dueday(...words)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(why) });
  });

  test('what cannot be done is told in the words of the daemon', async () => {
    const [first] = await charges();
    const { code, err } = await dueday('charges', 'retry', first?.id ?? '');
    expect(code).toBe(1);
    expect(err).toBe('The charge is paid; only one that is due or uncollectible can be retried.');
  });

  test('a list says that nothing is charged, or not over a channel, since when, why, and how it ends; and what is held', async () => {
    const [, due] = await charges();
    const named = async (role: string) => {
      const { id, secret } = JSON.parse((await dueday('keys', 'create', '--role', role, '--json')).out);
      return { id, as: ['--api-key', secret as string] };
    };
    const [finance, product] = [await named('finance'), await named('product')];
    const lists: readonly (readonly string[])[] = [
      ['charges', 'list', ...finance.as],
      ['subscriptions', 'list', ...product.as],
      ['charges', 'list', '--status', 'held'],
      ['log', 'export', '--out', join(directory, 'told.txt'), ...finance.as],
    ];
    const told = async (list: readonly string[]) => {
      const { out, err } = await dueday(...list);
      return `${out}\n${err}`.split('\n').filter((line) => /dueday doctor|charges list --status held/.test(line));
    };
    /** One look answers all who ask within a second. */
    const seen = (expected: RegExp) =>
      vi.waitFor(async () => expect((await told(['charges', 'list'])).join()).toMatch(expected), 5_000);
    expect(await Promise.all(lists.map(told))).toEqual([[], [], [], []]);

    const why = ['--reason', 'the bank mends something'];
    const goOn = async () => {
      await dueday('arm', ...why);
      await dueday('arm', '--channel', 'CARDS', ...why);
      await dueday('charges', 'release', due?.id ?? '');
    };
    onTestFinished(goOn);
    await dueday('charges', 'hold', due?.id ?? '', ...why);
    await dueday('disarm', '--channel', 'CARDS', ...why);
    await dueday('disarm', ...why);
    await seen(/Nothing is charged.*CARDS.*waits for a person/);
    const stopped = new RegExp(
      String.raw`^Nothing is charged since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(stopped by .+: the bank mends something\): ` +
        'see "dueday doctor", end it with "dueday arm"\\. ' +
        String.raw`CARDS is stopped since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(.*the bank mends something\): ` +
        'see "dueday doctor", end it with "dueday arm --channel CARDS"\\.',
    );
    const held = ' 1 charge waits for a person: see "dueday charges list --status held".';
    for (const list of lists) {
      const [line = '', ...more] = await told(list);
      expect([list, line, more]).toEqual([list, expect.stringMatching(stopped), []]);
      expect([list, line.endsWith(held)]).toEqual([list, !list.includes('held')]);
    }
    for (const list of lists.slice(0, 3)) {
      const { out, err } = await dueday(...list, '--json');
      expect([JSON.parse(out), err]).toMatchObject([{ data: expect.any(Array), totals: expect.any(Array) }, '']);
    }
    const file = join(directory, 'told.json');
    expect(await dueday('log', 'export', '--out', file, '--json')).toMatchObject({
      out: '',
      err: `Written to ${file}.`,
    });

    await goOn();
    await vi.waitFor(async () => expect(await told(['charges', 'list'])).toEqual([]), 5_000);
    for (const { id } of [finance, product]) await dueday('keys', 'revoke', id);
  });

  test('the log is written whole or not at all', async () => {
    const file = join(directory, 'log.csv');
    const exported = await dueday('log', 'export', '--out', file);
    expect(exported).toMatchObject({ code: 0, err: expect.stringContaining('Sum the column money, by currency') });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\ufeffentry_id,at,kind,.*,at_local,time_zone,credit,detail,account$/);
    expect(lines.length).toBeGreaterThan(5);
    const refused = await dueday('log', 'export', '--from', 'nonsense', '--out', join(directory, 'none.csv'));
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('from: Must be a date') });
    const nowhere = await dueday('log', 'export', '--out', join(directory, 'no', 'such', 'place.csv'));
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('could not be written') });
    expect((await readdir(directory)).filter((name) => name.includes('.csv'))).toEqual(['log.csv']);
  });

  test.each(['charges', 'subscriptions'])(
    '%s list writes its whole list to a file, as the API has it, and leaves no half of one',
    async (list) => {
      const [csv, xlsx] = [join(directory, `${list}.csv`), join(directory, `${list}.xlsx`)];
      expect(await dueday(list, 'list', '--limit', '1', '--csv', csv)).toEqual({
        code: 0,
        out: '',
        err: `Written to ${csv}.`,
      });
      expect((await dueday(list, 'list', '--xlsx', xlsx)).code).toBe(0);
      const headers = { authorization: `Bearer ${daemon.madeKey}` };
      const told = await fetch(
        `${daemon.url}/v1/${list}?format=csv&sort=-due_at`.replace(list === 'charges' ? '' : '&sort=-due_at', ''),
        { headers },
      );
      expect(await readFile(csv, 'utf8')).toBe(`\ufeff${await told.text()}`);
      const rows = rowsOf(partsOf(await readFile(xlsx)).get('xl/worksheets/sheet1.xml') ?? '');
      expect(rows).toHaveLength((await readFile(csv, 'utf8')).trimEnd().split('\n').length);
      expect((await readdir(directory)).filter((name) => name.endsWith('.part'))).toEqual([]);
      expect(await dueday(list, 'list', '--csv', csv, '--xlsx', xlsx)).toMatchObject({ code: 2 });
      const refused = await dueday(list, 'list', '--plan', 'a\u0000b', '--csv', join(directory, 'none.csv'));
      expect([refused.code, (await readdir(directory)).includes('none.csv')]).toEqual([1, false]);
    },
  );

  test('the log and the lists narrow by the same words as the API, and the log is a workbook where that is asked for', async () => {
    const kinds = async (...words: readonly string[]) => {
      const { out } = await dueday('log', 'export', '--json', '--out', join(directory, 'narrow.json'), ...words);
      expect(out).toBe('');
      const { data } = JSON.parse(await readFile(join(directory, 'narrow.json'), 'utf8'));
      return [...new Set(data.map(({ kind }: { kind: string }) => kind))];
    };
    expect(await kinds('--kind', 'charge.paid', '--currency', 'IDR', '--amount-from', '1', '--status', 'paid')).toEqual(
      ['charge.paid'],
    );
    for (const [option, value] of [
      ['--plan', 'none'],
      ['--customer', 'nobody'],
      ['--class', 'never_again'],
      ['--failure-code', 'NONE'],
      ['--channel', 'NONE'],
      ['--amount-to', '0.01'],
      ['--account', 'other'],
    ] as const)
      expect([option, await kinds(option, value)]).toEqual([option, []]);
    const file = join(directory, 'log.xlsx');
    expect(await dueday('log', 'export', '--format', 'xlsx', '--out', file)).toMatchObject({ code: 0 });
    expect(rowsOf(partsOf(await readFile(file)).get('xl/worksheets/sheet1.xml') ?? '').length).toBeGreaterThan(5);
    for (const words of [
      [
        'charges',
        'list',
        '--plan',
        'none',
        '--class',
        'funds',
        '--channel',
        'CARDS',
        '--attempts-from',
        '1',
        '--missed',
      ],
      ['charges', 'list', '--currency', 'PHP', '--overpaid', '--refunded', '--catalog-version', '9', '--account', 'x'],
      [
        'charges',
        'list',
        '--result',
        'lost',
        '--first-channel',
        'NONE',
        '--planned-from',
        '2199-01-01',
        '--planned-to',
        '2199-01-02',
      ],
      ['charges', 'list', '--find', 'nobody', '--amount-from', '1', '--amount-to', '2'],
      ['subscriptions', 'list', '--find', 'nobody'],
      ['subscriptions', 'list', '--channel', 'NONE', '--currency', 'PHP', '--account', 'x'],
      ['subscriptions', 'list', '--next-from', '2199-01-01', '--next-to', '2199-01-02'],
    ]) {
      const { code, out } = await dueday(...words, '--json');
      expect([words, code, JSON.parse(out).data]).toEqual([words, 0, []]);
    }
  });

  test('the test clock goes forward by a time or to an instant, and waits until all is done', async () => {
    const before = JSON.parse((await dueday('clock', '--json')).out) as { now: string };
    const target = Temporal.Instant.from(before.now).add({ hours: 24 }).toString();
    const moved = await dueday('clock', 'advance', '--to', target, '--json');
    expect(JSON.parse(moved.out)).toMatchObject({ status: 'ready' });
    expect(await charges()).toMatchObject([{ status: 'paid' }, { status: 'paid' }]);
    const back = await dueday('clock', 'advance', '--to', before.now);
    expect(back).toMatchObject({ code: 1, err: expect.stringContaining('only goes forward') });
    const from = Temporal.Instant.from((JSON.parse((await dueday('clock', '--json')).out) as { now: string }).now);
    const jumped = await dueday('clock', 'advance', '--by', '2 hours 15 minutes', '--jump', '--json');
    const to = from.add({ hours: 2, minutes: 15 }).toString();
    expect(jumped).toMatchObject({ code: 0, out: expect.stringContaining(`"${to}"`) });
  });

  test('a subscription is paused, resumed and canceled', async () => {
    const status = async (...words: string[]) =>
      (JSON.parse((await dueday('subscriptions', ...words, '--json')).out) as { status: string }).status;
    expect(await status('pause', subscriptionId)).toBe('paused');
    expect(await status('resume', subscriptionId)).toBe('active');
    const resting = await dueday(
      'subscriptions',
      'pause',
      subscriptionId,
      '--at',
      'period_end',
      '--until',
      '2199-12-31',
    );
    expect(resting.out).toMatch(/^pauses {7}\d{4}-\d\d-\d\d 09:00$/m);
    expect(resting.out).toMatch(/^goes on {6}2199-12-31$/m);
    expect((await dueday('subscriptions', 'resume', subscriptionId)).out).not.toContain('pauses');
    const { customer } = JSON.parse((await dueday('subscriptions', 'show', subscriptionId, '--json')).out);
    const access = await dueday('subscriptions', 'access', customer.reference_id);
    expect(access.out).toMatch(/^let in {7}yes$/m);
    const why = ['--until', '2199-12-30', '--reason', 'their bank was closed'];
    expect((await dueday('subscriptions', 'grace', subscriptionId, ...why)).out).toMatch(/^access {7}yes/m);
    expect(await dueday('subscriptions', 'grace', subscriptionId, '--until', '2199-12-30')).toMatchObject({ code: 2 });
    const preview = await dueday('subscriptions', 'cancel', subscriptionId, '--at', 'now', '--preview');
    expect(preview.out).toContain('Nothing was changed.');
    expect(preview.out).toMatch(/^unused {7}IDR [\d,]+ for \d+ of \d+ days$/m);
    const leaving = await dueday('subscriptions', 'cancel', subscriptionId, '--reason', 'moves away');
    expect(leaving.out).toMatch(/^status {7}active$/m);
    expect(leaving.out).toMatch(/^cancels {6}\d{4}-\d\d-\d\d 09:00 \(moves away\)$/m);
    expect((await dueday('subscriptions', 'keep', subscriptionId)).out).not.toContain('cancels');
    expect(await dueday('subscriptions', 'keep', subscriptionId)).toMatchObject({ code: 1, err: expect.any(String) });
    expect(await status('cancel', subscriptionId, '--at', 'now', '--reason', 'a test has ended')).toBe('canceled');
    const again = await dueday('subscriptions', 'pause', subscriptionId);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('canceled') });
  });
});

describe('the installation', () => {
  test('doctor finds nothing, migrate has nothing to do, and charging was not stopped', async () => {
    const doctor = await dueday('doctor', '--json');
    expect({ code: doctor.code, ok: (JSON.parse(doctor.out) as { ok: boolean }).ok }).toEqual({ code: 0, ok: true });
    expect((await dueday('migrate')).code).toBe(0);
    expect(JSON.parse((await dueday('arm', '--json')).out)).toMatchObject({ stopped_for: null, differences: [] });
  });

  test('doctor exits with 1 and names what is wrong', async () => {
    const sick = runtimeWith(
      { DATABASE_URL: 'postgres://127.0.0.1:9/none', CATALOG_FILE: '/nowhere.yaml' },
      runtime.endpoint,
    );
    const { code, out, err } = await run(sick, 'doctor');
    expect(code).toBe(1);
    expect(out).toContain('/nowhere.yaml');
    expect(out).toContain('Look whether it runs, and where DATABASE_URL leads.');
    expect(err).toBe('2 faults: catalog, database.');
  });

  test('an environment that makes no sense is told, without a stack', async () => {
    const { code, err } = await run(runtimeWith({ PORT: 'x' }, runtime.endpoint), 'start');
    expect(code).toBe(1);
    expect(err).toContain('PORT: must be a port');
    expect(err).not.toContain('    at ');
  });
});

describe('the proof of the ledger', () => {
  test('is that it is whole, or names the first bad entry and exits with 1', async () => {
    expect(await dueday('verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The ledger is whole: \d+ entries/),
    });
    const db = openDatabase({ url, poolSize: 1 });
    const behindOurBack = (change: string) =>
      db.run(sql.raw(`do $$ begin set local session_replication_role = replica; ${change}; end $$`));
    await behindOurBack("update ledger set actor = 'x' || actor where seq = 2");
    const { code, out, err } = await dueday('verify');
    expect([code, err]).toEqual([1, expect.stringMatching(/^1 chain of the ledger broken, in \d+ entries/)]);
    expect(out).toMatch(/^sub-1 +[0-9a-f-]{36} +2 +[0-9a-f-]{36} +it is not as it was written$/m);
    const json = JSON.parse((await dueday('verify', '--json')).out);
    expect(json).toMatchObject({ ok: false, broken: 1, breaks: [{ seq: 2 }] });
    await behindOurBack('update ledger set actor = substr(actor, 2) where seq = 2');
    expect((await dueday('verify', '--json')).code).toBe(0);
    await db.close();
  });
});
