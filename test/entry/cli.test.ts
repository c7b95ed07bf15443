import { readdir } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { straight } from '../../src/entry/cli/screen/screen.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { cliDaemon } from './cli-daemon.ts';
import { run, runtimeWith } from './cli-stand.ts';

const { catalog, url, daemon, runtime, dueday } = await cliDaemon();

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
    ['disputes list'],
    ['disputes show'],
    ['disputes release'],
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
