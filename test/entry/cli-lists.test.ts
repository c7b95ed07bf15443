import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { partsOf, rowsOf } from '../support/workbook.ts';
import { cliDaemon } from './cli-daemon.ts';

const { directory, daemon, subscriptionId, dueday, charges } = await cliDaemon();

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
});
