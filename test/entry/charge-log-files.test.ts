import { sql } from 'drizzle-orm';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportsOf } from '../../src/entry/http/guard/exports.ts';
import { sendFile } from '../../src/entry/http/lists/file.ts';
import type { Column } from '../../src/flows/views/files/column.ts';
import { MOST_SHEET_ROWS } from '../../src/flows/views/files/xlsx-sheet.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { readCsv } from '../support/csv.ts';
import { declined } from '../support/scripted-gateway.ts';
import { partsOf, rowsOf, type SheetCell } from '../support/workbook.ts';
import { testWorld } from '../support/world.ts';

/*
 * Finance has one log in three forms. Elsewhere an export had other columns, values and rows than what was on the screen
 * (WooPayments #8183, #3657), ended at 1,000 rows (capgo #2993), lost all sums with a second currency (WooPayments #5178), and was
 * read by Excel as it liked: long numbers rounded, references made dates, Thai in a wrong charset (react-csv #136, sqlyog-community
 * #582, snipe-it #1687).
 */

const world = await testWorld({ at: '2026-01-31T16:00:00Z' });
const api = await apiOver(world.ctx);

type Line = Readonly<Record<string, string | number | null>>;

/** What Excel would make something else of. */
const REFERENCES = [
  '12345678901234567890',
  '0012',
  '1-2',
  '3/4',
  '1e5',
  'ร้านกาแฟ',
  '=1+1',
  ' =1+1',
  'a;=1+1',
  "it's",
  '_x0041_',
  'a<b&c>',
];

beforeAll(async () => {
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.onboard('declined-once');
  await world.onboard('other-plan', 'weekly');
  await world.liveUntil('2026-02-03T03:00:00Z');
  const [first] = await world.ask<{ id: string }>(sql`select subscription_id::text as id from ledger limit 1`);
  for (const [index, reference] of REFERENCES.entries()) {
    await world.ask(sql`insert into ledger (bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan,
        customer_reference, period_start, amount, currency, money, credit, detail, account, why, actor, prev_hash, hash)
      select l.bucket, l.subscription_id, ${1_000 + index}, gen_random_uuid(), '2026-03-01T00:00:00Z'::timestamptz,
        'credit.used', ${reference}, 'odd', ${reference}, '2026-03-01', ${index === 0 ? null : 49_950}::bigint,
        ${index === 0 ? null : 'PHP'}, 0, ${-50 * index}::bigint, '{"a":1}', 'acc-1',
        ${`${reference}\r\nsaid`}, 'test', l.hash, l.hash
      from ledger l where l.subscription_id = ${first?.id}::uuid and l.seq = 1`);
  }
});

async function json(query = ''): Promise<readonly Line[]> {
  return (await api.get(`/v1/charge-log?${query}`)).body.data;
}

async function csv(query = ''): Promise<readonly (readonly string[])[]> {
  return readCsv((await api.get(`/v1/charge-log?format=csv&${query}`)).text);
}

async function workbook(query = ''): Promise<ReadonlyMap<string, string>> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const answer = await api.app.inject({ url: `/v1/charge-log?format=xlsx&${query}`, headers });
  expect(answer.headers['content-type']).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
  return partsOf(answer.rawPayload);
}

/** The rows of the first sheet as CSV has them, each cell by its own kind: a date is a number of days. */
async function sheet(query = ''): Promise<readonly (readonly (SheetCell | null)[])[]> {
  const rows = rowsOf((await workbook(query)).get('xl/worksheets/sheet1.xml') ?? '');
  const letters = [...(rows[0]?.keys() ?? [])];
  return rows.map((row) => letters.map((letter) => row.get(letter) ?? null));
}

const dates = ['period_start', 'period_end'];
const numbers = ['cycle', 'attempt', 'amount', 'money', 'catalog_version', 'credit'];

/** What a cell of XLSX says, in the words of CSV. */
function said(name: string, cell: SheetCell | null): string {
  if (cell === null) return '';
  if (!dates.includes(name) && name !== 'at_local') return cell.text;
  const at = Temporal.PlainDateTime.from('1899-12-30').add({ seconds: Math.round(Number(cell.text) * 86_400) });
  return dates.includes(name) ? at.toPlainDate().toString() : at.toString().replace('T', ' ');
}

describe('CSV, XLSX and JSON', () => {
  test('have the same rows in the same order, with the same values', async () => {
    const [head = [], ...rows] = await csv();
    const [titles = [], ...cells] = await sheet();
    const lines = await json();
    expect(lines.length).toBeGreaterThan(20);
    expect(titles.map((cell) => cell?.text)).toEqual(head);
    expect(cells).toHaveLength(lines.length);
    expect(rows).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) {
      const row = rows[index] ?? [];
      for (const [place, name] of head.entries()) {
        const text = row[place]?.replace(/(^|[,;|\t\r\n])'/g, '$1') ?? '';
        expect([name, said(name, cells[index]?.[place] ?? null)]).toEqual([name, text]);
        if (name === 'at_local' || name === 'time_zone') continue;
        const value = line[name] ?? '';
        expect([name, typeof value === 'number' ? Number(text) : text]).toEqual([name, value]);
      }
    }
  });

  test('end where the filter ends, not at a page', async () => {
    expect(await json('plan=odd')).toHaveLength(REFERENCES.length);
    expect((await csv('plan=odd')).slice(1)).toHaveLength(REFERENCES.length);
    expect((await sheet('plan=odd')).slice(1)).toHaveLength(REFERENCES.length);
  });

  test('are named for what was asked', async () => {
    const answer = await api.app.inject({
      url: '/v1/charge-log?format=csv&plan=odd&from=2026-03-01&customer=a%22%0Ab',
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect(answer.statusCode).toBe(400);
    const named = await api.app.inject({
      url: '/v1/charge-log?format=csv&plan=odd&from=2026-03-01&customer=a%22b',
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect(named.headers['content-disposition']).toBe(
      'attachment; filename="dueday-charge-log-from-2026-03-01-plan-odd-customer-a-b.csv"',
    );
  });
});

describe('in XLSX', () => {
  test('amounts and counts are numbers, dates are dates, and everything else is text, whatever it looks like', async () => {
    const [titles = [], ...rows] = await sheet();
    for (const [place, title] of titles.entries()) {
      const name = title?.text ?? '';
      const cells = rows.map((row) => row[place]).filter((cell) => cell != null);
      const isNumber = dates.includes(name) || numbers.includes(name) || name === 'at_local';
      expect([name, ...new Set(cells.map(({ kind }) => kind))]).toEqual([
        name,
        ...(cells.length === 0 ? [] : [isNumber ? 'number' : 'text']),
      ]);
      expect(isNumber ? null : [...new Set(cells.map(({ form }) => form))]).toEqual(
        isNumber ? null : cells.length === 0 ? [] : [2],
      );
    }
    const odd = await sheet('plan=odd');
    const at = odd[0]?.findIndex((cell) => cell?.text === 'subscription_reference') ?? -1;
    expect(odd.slice(1).map((row) => row[at]?.text)).toEqual(REFERENCES);
  });

  test('the head has a filter over all rows, stays in sight, and the second sheet says what was asked and in which zone', async () => {
    const parts = await workbook('plan=odd&kind=credit.used');
    const rows = parts.get('xl/worksheets/sheet1.xml') ?? '';
    expect(rows).toContain(`<autoFilter ref="A1:AF${REFERENCES.length + 1}"/>`);
    expect(rows).toContain('state="frozen"');
    const about = rowsOf(parts.get('xl/worksheets/sheet2.xml') ?? '').map((row) =>
      [...row.values()].map(({ text }) => text),
    );
    expect(about).toEqual([
      ['List', 'charge-log'],
      ['Filter', 'plan: odd, kind: credit.used'],
      ['Time zone', expect.stringContaining('Asia/Jakarta')],
      ['As of', '2026-02-03T10:00:00+07:00'],
    ]);
  });

  test('more rows than a sheet holds are refused before the file begins, with the ways out; in CSV they are not', async () => {
    const app = fastify();
    afterAll(() => app.close());
    const columns: readonly Column<number>[] = [{ name: 'n', kind: 'count', cell: (n) => n }];
    async function* batches() {
      yield [1, 2];
    }
    app.get('/:format', async (request, reply) => {
      const { format } = request.params as { format: 'csv' | 'xlsx' };
      const count = async () => MOST_SHEET_ROWS + 1;
      return await sendFile(world.ctx, exportsOf(world.ctx), reply, {
        format,
        name: 'n',
        query: {},
        columns,
        batches: batches(),
        count,
      });
    });
    const refused = await app.inject('/xlsx');
    expect(refused.statusCode).toBe(400);
    expect(refused.headers['content-disposition']).toBeUndefined();
    expect(refused.json().errors).toEqual([{ field: 'format', message: expect.stringContaining('ask for csv') }]);
    expect((await app.inject('/csv')).body).toBe('\ufeffn\n1\n2\n');
  });
});

describe('a filter', () => {
  const kinds = async (query: string) => [...new Set((await json(query)).map(({ kind }) => kind))];
  const references = async (query: string) => [
    ...new Set((await json(query)).map(({ subscription_reference: reference }) => reference)),
  ];

  test.each([
    ['kind=charge.paid', ({ kind }: Line) => kind === 'charge.paid'],
    ['plan=weekly', ({ plan }: Line) => plan === 'weekly'],
    ['class=funds', (line: Line) => line.class === 'funds'],
    ['failure_code=INSUFFICIENT_BALANCE', (line: Line) => line.failure_code === 'INSUFFICIENT_BALANCE'],
    ['channel=CARDS', ({ channel }: Line) => channel === 'CARDS'],
    ['currency=IDR', ({ currency }: Line) => currency === 'IDR'],
    ['account=', ({ account }: Line) => account === ''],
    ['account=acc-1', ({ account }: Line) => account === 'acc-1'],
    ['amount_from=25000&amount_to=25000', ({ amount }: Line) => amount === 25_000],
    ['amount_from=499.5&amount_to=499.50', ({ amount, currency }: Line) => amount === 499.5 && currency === 'PHP'],
    ['amount_from=500&amount_to=149999', ({ amount }: Line) => amount === 25_000],
    ['customer=customer-other-plan', (line: Line) => line.customer_reference === 'customer-other-plan'],
    ['kind=charge.paid&plan=weekly', ({ kind, plan }: Line) => kind === 'charge.paid' && plan === 'weekly'],
  ])('%s leaves exactly those', async (query, isOne) => {
    const all = (await json()).filter(isOne);
    expect(all.length).toBeGreaterThan(0);
    expect(await json(query)).toEqual(all);
    expect((await csv(query)).slice(1).map((row) => row[0])).toEqual(all.map((line) => line.entry_id));
  });

  test('of a status leaves what is about charges that are in it now', async () => {
    expect(new Set(await references('status=paid'))).toEqual(new Set(['declined-once', 'other-plan']));
    expect(await kinds('status=held')).toEqual([]);
    const [charge] = await world.ask<{ id: string }>(sql`select c.id::text as id from charges c
      join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id where s.reference_id = 'other-plan'`);
    expect(new Set((await json('status=paid&plan=weekly')).map((line) => line.charge_id))).toEqual(
      new Set([charge?.id]),
    );
  });

  test('of a customer whom nobody knows leaves nothing', async () => {
    expect(await json('customer=nobody')).toEqual([]);
    expect((await api.get('/v1/charge-log?customer=nobody&limit=5')).body).toEqual({
      data: [],
      next_cursor: null,
      totals: [],
    });
  });

  test.each([
    ['status=broken', 'status'],
    ['class=odd', 'class'],
    ['currency=EUR', 'currency'],
    ['amount_from=-5', 'amount_from'],
    ['amount_from=1.234', 'amount_from'],
    ['amount_from=10&amount_to=9', 'amount_to'],
    ['format=pdf', 'format'],
    ['plans=weekly', 'plans'],
  ])('that is none, %s, is refused by name', async (query, field) => {
    const answer = await api.get(`/v1/charge-log?${query}`);
    expect([answer.status, answer.body.errors.map((fault: { field: string }) => fault.field)]).toEqual([400, [field]]);
  });
});

test('what it comes to stands beside it by currency, the same streamed, in the first page, and added up by hand', async () => {
  const lines = await json();
  const sums = ['IDR', 'PHP', null].map((currency) => {
    const mine = lines.filter((line) => line.currency === currency);
    const sum = (name: string) => mine.reduce((total, line) => total + Number(line[name] ?? 0), 0);
    return { currency, count: mine.length, money: sum('money'), credit: sum('credit') };
  });
  expect(sums[0]?.money).toBe(175_000);
  expect(sums[1]?.credit).toBe(-33);
  expect((await api.get('/v1/charge-log')).body.totals).toEqual(sums);
  const first = (await api.get('/v1/charge-log?limit=3')).body;
  expect(first.totals).toEqual(sums);
  expect((await api.get(`/v1/charge-log?limit=3&cursor=${first.next_cursor}`)).body).not.toHaveProperty('totals');
  expect((await api.get('/v1/charge-log?limit=3&currency=PHP')).body.totals).toEqual([sums[1]]);
});
