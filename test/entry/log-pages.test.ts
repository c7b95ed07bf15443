import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { logColumns } from '../../src/domain/books/ledger.ts';
import { apiOver } from '../support/api.ts';
import { readCsv } from '../support/csv.ts';
import { subscribeMany } from '../support/many.ts';
import { declined } from '../support/scripted-gateway.ts';
import { links, type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* The charge log as finance is shown it: line by line, as its file has it, and one entry with its place in the chain. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { app } = await apiOver(world.ctx);
let rina: Reader;

beforeAll(async () => {
  rina = await signedIn(app, world.ctx, 'rina', 'finance');
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.onboard('ร้านกาแฟ');
  await world.work();
  await world.onboard('in-manila', 'manila');
  await world.work();
  await subscribeMany(world.ctx, 40, 'monthly');
  await world.work();
});

const body = (text: string) => /<tbody role="rowgroup">(.*?)<\/tbody>/s.exec(text)?.[1] ?? '';
/** The lines of a page, each as its cells; of an id the whole, which its link has. */
const lines = (text: string) =>
  [...body(text).matchAll(/<tr role="row">(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell),
  );
const entries = (text: string) =>
  [...text.matchAll(/href="(\/log\/[0-9a-f-]{36}\/\d+)"/g)].map(([, href = '']) => href);
const link = (text: string, name: string) => links(text).find((one) => one.text === name)?.href ?? '';

async function all(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let next = path; next !== ''; ) {
    const text = await rina.page(next);
    found.push(...entries(body(text)));
    next = link(text, 'Next 25');
  }
  return found;
}

describe('the charge log', () => {
  test('has the lines of its file in their order, with the columns under the names of the log', async () => {
    const text = await rina.page('/log?columns=all&rows=200');
    const [head = [], ...rows] = readCsv((await rina.get('/log?format=csv')).text);
    const shown = lines(text);
    const [{ count }] = (await world.ask<{ count: number }>(sql`select count(*)::int as count from ledger`)) as [
      { count: number },
    ];
    expect(rows).toHaveLength(count);
    expect(seen(text)).toContain(`CSV ${count} lines`);
    expect(shown).toHaveLength(Math.min(200, count));
    for (const [index, cells] of shown.entries()) {
      const file = Object.fromEntries(head.map((name, place) => [name, rows[index]?.[place] ?? '']));
      for (const [place, name] of logColumns.entries()) {
        const cell = cells[place] ?? '';
        const said = file[name] ?? '';
        if (said === '') expect([name, seen(cell)]).toEqual([name, 'none']);
        else if (name === 'hash') expect(said.startsWith(seen(cell))).toBe(true);
        else if (/^(entry|charge|subscription)_id$/.test(name)) expect(said.endsWith(seen(cell).slice(1))).toBe(true);
        else if (name === 'at')
          expect(Temporal.Instant.from(/datetime="([^"]*)"/.exec(cell)?.[1] ?? '').toString()).toBe(
            Temporal.Instant.from(said).round('second').toString(),
          );
        else
          expect([name, seen(cell).replaceAll(',', '').replace('\u2212', '-')]).toEqual([
            name,
            said.replaceAll(',', ''),
          ]);
      }
    }
  });

  test('shows the first ten columns, and the others at an address of their own', async () => {
    const text = await rina.page('/log');
    const heads = (of: string) =>
      [...of.matchAll(/<th role="columnheader"[^>]*>(.*?)<\/th>/g)].map(([, name = '']) => seen(name));
    expect(heads(text)).toEqual(['entry_id', ...logColumns.slice(1, 10)]);
    const whole = await rina.page(link(text, 'All columns'));
    expect(heads(whole)).toEqual(['entry_id', ...logColumns.slice(1)]);
    expect(entries(body(whole))).toEqual(entries(body(text)));
    expect(Buffer.byteLength(text)).toBeLessThan(60_000);
  });

  test('is paged by place, to its end and back, each line once, while others are written', async () => {
    const before = await world.ask<{
      href: string;
    }>(sql`select '/log/' || subscription_id || '/' || seq as href from ledger
      order by at, bucket, subscription_id, seq`);
    const first = await rina.page('/log?rows=25');
    expect(seen(first)).toContain(`1 to 25 of ${before.length}`);
    await world.onboard('late', 'weekly');
    await world.work();
    const found = await all('/log?rows=25');
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThan(before.length);
    const end = await rina.page(link(first, 'Last'));
    expect(entries(body(end)).at(-1)).toBe(found.at(-1));
    const back = await rina.page(link(end, 'Previous'));
    expect([...entries(body(back)), ...entries(body(end))]).toEqual(found.slice(-25 - entries(body(end)).length));
    const [atFirst, second] = [
      link(await rina.page(link(back, 'First')), 'Previous'),
      await rina.page(link(first, 'Next 25')),
    ];
    expect(atFirst).toBe('');
    expect(entries(body(await rina.page(link(second, 'Previous'))))).toEqual(found.slice(0, 25));
    expect(await rina.get('/log?after=nonsense')).toMatchObject({ status: 303, location: '/log' });
  });

  test('says by currency what moved, over the whole filter, and narrows by what finance holds', async () => {
    const text = seen(await rina.page('/log?rows=25'));
    expect(text).toMatch(/Money that moved in IDRIDR [\d,]+/);
    expect(text).toMatch(/Money that moved in PHPPHP [\d,]+\.\d\d/);
    const [paid] = await world.ask<{
      id: string;
      payment: string;
    }>(sql`select charge_id::text as id, payment_id as payment
      from ledger where kind = 'charge.paid' and subscription_reference = 'in-manila'`);
    for (const held of [paid?.id ?? '', paid?.payment ?? '', 'in-manila', 'customer-in-manila']) {
      const found = await rina.page(`/log?find=${held}&rows=200`);
      expect([held, lines(found).length > 0]).toEqual([held, true]);
      expect(new Set(lines(found).map((cells) => cells[3]))).toEqual(new Set(['in-manila']));
    }
    expect(new Set(lines(await rina.page(`/log?find=${paid?.id}`)).map((cells) => seen(cells[7] ?? '')))).toEqual(
      new Set([`…${paid?.id.slice(-8)}`]),
    );
    expect(new Set(lines(await rina.page('/log?kind=charge.paid')).map((cells) => cells[2]))).toEqual(
      new Set(['charge.paid']),
    );
    const none = await rina.page('/log?find=nobody&kind=charge.paid');
    expect(seen(none)).toContain('The log has no line of all time, charge.paid, named by nobody.');
    const chips = links(none).filter(({ text: name }) => name.endsWith('take away'));
    expect(chips.map(({ href }) => href)).toEqual([
      '/log?find=nobody&all_time=yes',
      '/log?kind=charge.paid&all_time=yes',
    ]);
  });

  test.each([
    ['from=31/01/2026', 'from'],
    ['status=gone', 'status'],
    ['from=2026-02-02&to=2026-02-01', 'to'],
    ['amount_from=2&amount_to=1', 'amount_to'],
    ['colour=red', 'colour'],
  ])('tells what cannot be asked at its field, and shows no line: %s', async (query, field) => {
    const { status, text } = await rina.get(`/log?${query}`);
    expect([status, text.includes(`href="#${field}"`), text.includes('<table')]).toEqual([400, true, false]);
  });

  test('is for finance, and its file is named for its question', async () => {
    const product = await signedIn(app, world.ctx, 'budi', 'product');
    for (const path of ['/log', '/log?format=csv', entries(await rina.page('/log'))[0] ?? ''])
      expect([path, (await product.get(path)).status]).toEqual([path, 403]);
    const named = (await rina.get('/log?format=csv&from=2026-01-31&to=2026-01-31&kind=charge.paid')).headers;
    expect(named['content-disposition']).toBe(
      'attachment; filename="dueday-charge-log-2026-01-31-kind-charge.paid.csv"',
    );
  });
});

describe('one entry', () => {
  test('is shown whole, with its hash and its neighbours in the chain', async () => {
    const path = entries(await rina.page('/log?find=in-manila'))[1] ?? '';
    const text = await rina.page(path);
    expect(seen(text)).toContain('As written');
    const [subscription = '', seq = ''] = path.split('/').slice(2);
    const [row] = await world.ask<{ hash: string; prev_hash: string }>(
      sql`select hash, prev_hash from ledger where subscription_id = ${subscription}::uuid and seq = ${seq}::int`,
    );
    expect(seen(text)).toContain(`Hash before it${row?.prev_hash}`);
    expect(seen(text)).toContain(`Its hash${row?.hash}`);
    expect(entries(text)).toContain(`/log/${subscription}/${Number(seq) + 1}`);
    expect(entries(text)).toContain(`/log/${subscription}/${Number(seq) - 1}`);
    expect(seen(await rina.page(`/log/${subscription}/1`))).toContain('none: the chain begins here');
    expect((await rina.get(`/log/${subscription}/999`)).status).toBe(404);
  });

  test('that somebody changed, or whose forerunner is gone, is told so in words', async () => {
    const path = entries(await rina.page('/log?find=in-manila'))[2] ?? '';
    const [subscription = '', seq = ''] = path.split('/').slice(2);
    await world.above('alter table ledger disable trigger all');
    await world.ask(
      sql`update ledger set why = 'nothing' where subscription_id = ${subscription}::uuid and seq = ${seq}::int`,
    );
    expect(seen(await rina.page(path))).toContain('Not as written Its columns do not come to its hash');
    await world.ask(sql`delete from ledger where subscription_id = ${subscription}::uuid and seq = ${seq}::int`);
    expect(seen(await rina.page(`/log/${subscription}/${Number(seq) + 1}`))).toContain(
      'It does not follow the entry before it.',
    );
    await world.above('alter table ledger enable trigger all');
  });
});
