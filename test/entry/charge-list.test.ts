import { beforeAll, describe, expect, test } from 'vitest';
import { type ChargeState, shownStates } from '../../src/domain/charges/shown-state.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { holdCharge } from '../../src/flows/charges/change-charge.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { readCsv } from '../support/csv.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { partsOf, rowsOf } from '../support/workbook.ts';
import { testWorld } from '../support/world.ts';

/*
 * One list, whichever way it is looked at: the page, CSV, XLSX and JSON have the same rows in the same order with the same values.
 * Elsewhere exports had other columns and values than the table (WooPayments #8183, #3657), lost their totals with a second
 * currency (WooPayments #5178), ended at 1,000 rows (capgo #2993), and were read by Excel as it liked: long numbers rounded,
 * references made dates, Thai in a wrong charset (react-csv #136, sqlyog-community #582, snipe-it #1687).
 */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);

/** What a spreadsheet would make something else of. */
const REFERENCES = [
  '12345678901234567890',
  '0012',
  '1-2',
  '3/4',
  '1e5',
  'ร้านกาแฟ',
  '=1+1',
  'blank',
  'a;=1+1',
  "it's",
  'a<b&c>',
];

let rina: Visitor;
beforeAll(async () => {
  const added = await addUser(world.ctx, { name: 'rina', role: 'finance', replace: false, actor: 'cli:test' });
  rina = visitorOf(api.app);
  await rina.send('/sign-in', '/sign-in', { name: 'rina', password: added.kind === 'taken' ? '' : added.password });
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.onboard('poor');
  await world.work();
  world.gateway.script(declined('REQUIRES_ACTION'));
  await world.onboard('asked', 'weekly');
  await world.work();
  for (const [index, reference] of REFERENCES.entries()) {
    world.moveTo(`2026-01-31T02:${String(10 + index)}:00Z`);
    await world.onboard(reference, index % 2 === 0 ? 'weekly' : 'manila');
    await world.work();
  }
  world.gateway.script(unknown());
  await world.onboard('silent', 'weekly');
  await world.work();
  // No call takes such a reference any more; a book from elsewhere may have one.
  await world.above(`update subscriptions set reference_id = ' =1+1' where reference_id = 'blank'`);
  const held = await world.onboard('held-back', 'three');
  await openCharges(world.ctx, world.now());
  const { id } = await world.charge(held);
  await holdCharge(world.ctx, id, { actor: 'user:dewi', reason: 'the customer disputes it' });
  await world.onboard('not-yet', 'weekly');
  await openCharges(world.ctx, world.now());
});

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
const seen = (text: string) =>
  text.replaceAll(/<[^>]*>/g, '').replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? "'");

/** The rows of the page, each as the texts of its cells; of a time the whole of it. */
async function onPage(query = ''): Promise<readonly (readonly string[])[]> {
  const { status, text } = await rina.get(`/charges?${query}`);
  expect(status).toBe(200);
  const body = /<tbody role="rowgroup">(.*?)<\/tbody>/s.exec(text)?.[1] ?? '';
  return [...body.matchAll(/<tr role="row">(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)]
      .slice(1)
      .map(([, cell = '']) => seen(cell.replace(/<time datetime="([^"]*)">.*<\/time>/, '$1'))),
  );
}

const byName = (head: readonly string[], row: readonly string[]) =>
  Object.fromEntries(head.map((name, index) => [name, row[index] ?? '']));

async function inCsv(query = '', of = (path: string) => rina.get(path)) {
  const { text } = await of(`/charges?format=csv&${query}`);
  const [head = [], ...rows] = readCsv(text);
  return rows.map((row) =>
    byName(
      head,
      row.map((cell) => cell.replace(/(^|[,;|\t\r\n])'/g, '$1')),
    ),
  );
}

async function inSheet(query = '') {
  const headers = {
    cookie: [...rina.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    accept: 'text/html',
  };
  const answer = await api.app.inject({ url: `/charges?format=xlsx&${query}`, headers });
  const [head, ...rows] = rowsOf(partsOf(answer.rawPayload).get('xl/worksheets/sheet1.xml') ?? '');
  const letters = [...(head ?? [])];
  return rows.map((row) => Object.fromEntries(letters.map(([letter, { text }]) => [text, row.get(letter) ?? null])));
}

const AT = 'last_attempt_at (Asia/Jakarta)';
const DUE = 'due_at (Asia/Jakarta)';
const inMinutes = (at: string) => at.slice(0, 16);

describe.each([
  '',
  'sort=-due_at',
  'sort=amount',
  'sort=-charge',
  'sort=last_attempt',
  'plan=manila',
  'state=in_dunning',
  'currency=IDR&sort=-amount',
])('the list of "%s"', (query) => {
  test('has the same rows in the same order on the page, in CSV, in XLSX and in JSON', async () => {
    const [page, csv, sheet] = [await onPage(query), await inCsv(query), await inSheet(query)];
    const { data } = (await api.get(`/v1/charges?limit=500&due_from=2026-01-01&due_to=2026-01-31&${query}`)).body;
    expect(page.length).toBeGreaterThan(0);
    expect([csv.length, sheet.length, data.length]).toEqual([page.length, page.length, page.length]);
    for (const [index, [charge, customer, plan, amount = '', state, why, last = '', due = '']] of page.entries()) {
      const [file, cells, json] = [csv[index], sheet[index], data[index]];
      const [currency, figure = ''] = amount.split(' ');
      expect({
        charge: `${file?.subscription_reference} · ${file?.cycle || 'once'}`,
        customer: file?.customer_reference,
        plan: file?.plan,
        money: [file?.currency, Number(file?.amount)],
        state: file?.state,
        why: file?.why,
        last: file?.[AT] || 'none yet',
        due: file?.[DUE],
      }).toEqual({
        charge,
        customer,
        plan,
        money: [currency, Number(figure.replaceAll(',', ''))],
        state,
        why,
        last,
        due,
      });
      for (const [name, cell] of Object.entries(cells ?? {}))
        if (cell?.kind === 'text') expect([name, cell.text]).toEqual([name, file?.[name]]);
      expect(Number(cells?.amount?.text)).toBe(json.amount);
      expect(json).toMatchObject({
        id: file?.charge_id,
        subscription_reference: file?.subscription_reference,
        currency: file?.currency,
        amount: Number(file?.amount),
        status: file?.status,
        plan: file?.plan,
      });
      expect(
        inMinutes(Temporal.Instant.from(json.due_at).toZonedDateTimeISO('Asia/Jakarta').toPlainDateTime().toString()),
      ).toBe(inMinutes(due));
    }
  });
});

describe('the orders of the list', () => {
  const sums = (rows: readonly (readonly string[])[]) => rows.map(([, , , amount = '']) => amount);

  test('by amount keep currencies apart, by last attempt begin with what was never tried, and by charge go by cycle', async () => {
    const amounts = sums(await onPage('sort=amount'));
    const idr = amounts.filter((one) => one.startsWith('IDR')).map((one) => Number(one.slice(4).replaceAll(',', '')));
    expect(idr).toEqual(idr.toSorted((a, b) => a - b));
    expect(amounts.findLastIndex((one) => one.startsWith('IDR'))).toBe(idr.length - 1);
    const tried = (await onPage('sort=last_attempt')).map((row) => row[6] ?? '');
    expect(tried).toEqual(
      tried.toSorted((a, b) => (a === 'none yet' ? -1 : b === 'none yet' ? 1 : a < b ? -1 : a > b ? 1 : 0)),
    );
    expect(sums(await onPage('sort=-amount'))).toEqual(amounts.toReversed());
  });

  test('are read part by part, forward and from the end, each row once', async () => {
    const rows = (text: string) => [...text.matchAll(/<a href="\/charges\/([0-9a-f-]{36})">/g)].map(([, id]) => id);
    const link = (text: string, name: string) =>
      new RegExp(`href="([^"]*)">${name}</a>`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    for (const sort of ['amount', '-charge', 'last_attempt', '-due_at']) {
      const all = (await api.get(`/v1/charges?limit=500&sort=${sort}`)).body.data.map(({ id }: { id: string }) => id);
      const list = [];
      for (let cursor = ''; cursor !== 'none'; ) {
        const { body } = await api.get(`/v1/charges?limit=4&sort=${sort}${cursor && `&cursor=${cursor}`}`);
        list.push(...body.data.map(({ id }: { id: string }) => id));
        cursor = body.next_cursor ?? 'none';
      }
      expect([sort, list]).toEqual([sort, all]);
      const end = await rina.get(`/charges?sort=${sort}&rows=25&before=last`);
      expect([sort, rows(end.text)]).toEqual([sort, all.slice(all.length - (all.length % 25 || 25))]);
      expect(link(end.text, 'Next 25')).toBe('');
    }
    expect((await rina.get('/charges?sort=amount&after=eyJhdCI6IjIwMjYifQ')).status).toBe(303);
  });
});

test('each state that a row shows is the one that its tab counts and its filter leaves', async () => {
  const page = await onPage();
  const counted = Map.groupBy(page, (row) => row[4] ?? '');
  for (const [state, { word }] of Object.entries(shownStates) as [ChargeState, { word: string }][]) {
    const { text } = await rina.get(`/charges?state=${state}`);
    const many = counted.get(word)?.length ?? 0;
    expect([state, (await onPage(`state=${state}`)).length]).toEqual([state, many]);
    expect([state, text.includes(`aria-current="page">${word} <span>${many}</span>`)]).toEqual([state, true]);
  }
  expect([...counted.keys()].sort()).toEqual(
    expect.arrayContaining(['In dunning', 'Paid', 'Unknown', 'Waits for customer']),
  );
});

test('totals stand by currency, and the sums of the rows below them too', async () => {
  const text = seen((await rina.get('/charges')).text);
  for (const currency of ['IDR', 'PHP']) expect(text).toMatch(new RegExp(`Due in ${currency}${currency} [\\d,.]+`));
  expect(text).toMatch(/Due, these \d+ rowsIDR [\d,]+PHP [\d,]+\.\d\dCollected of these: IDR [\d,]+ and PHP [\d,.]+/);
});

describe('the file of the list', () => {
  const named = async (path: string) => (await rina.get(path)).headers['content-disposition'];

  test.each([
    ['due_from=2026-01-31&due_to=2026-01-31', 'dueday-charges-due-2026-01-31.csv'],
    ['', 'dueday-charges-due-from-2026-01-01-to-2026-01-31.csv'],
    ['due_from=2026-01-31&plan=weekly', 'dueday-charges-due-from-2026-01-31-plan-weekly.csv'],
    ['due_to=2026-01-31&state=paid&sort=-due_at', 'dueday-charges-due-until-2026-01-31-state-paid-sort-due-at.csv'],
    ['all_time=yes', 'dueday-charges.csv'],
  ])('is named for its question: %s', async (query, name) => {
    expect((await named(`/charges?format=csv&${query}`))?.toString().split('"')[1]?.split('-').toSorted()).toEqual(
      name.split('-').toSorted(),
    );
  });

  test('says on its button how many rows it has, and has so many', async () => {
    const { text } = await rina.get('/charges?state=paid');
    const [, href = '', many = ''] =
      /href="([^"]*format=csv)"[^>]*><svg[^>]*>.*?<\/svg>CSV <span class="quiet">(\d+) rows/.exec(text) ?? [];
    expect(readCsv((await rina.get(href.replaceAll('&amp;', '&'))).text)).toHaveLength(Number(many) + 1);
  });

  test('is not for who is not signed in', async () => {
    const answer = await api.app.inject({ url: '/charges?format=csv', headers: { accept: 'text/html' } });
    expect([answer.statusCode, answer.body]).toEqual([303, '']);
  });
});

describe('what cannot be asked', () => {
  test('is told at its field and above, with what was typed still there, and no list is shown', async () => {
    const { status, text } = await rina.get('/charges?due_from=31/01/2026&amount_from=50&amount_to=abc&plan=weekly');
    expect(status).toBe(400);
    expect(text).toContain('<title>Problem: ');
    expect(text).toMatch(/role="alert" tabindex="-1" autofocus/);
    expect(text).toContain('<a href="#due_from">due_from must be a date like 2026-12-31</a>');
    expect(text).toMatch(
      /id="due_from"[^>]*value="31\/01\/2026"[^>]*aria-invalid="true" aria-describedby="due_from-error"/,
    );
    expect(text).toMatch(/<details open><summary>More filters.*id="amount_to"[^>]*value="abc"/s);
    expect(text).not.toContain('<table');
  });

  test.each([
    ['due_from=2026-02-02&due_to=2026-02-01', 'due_to'],
    ['amount_from=10&amount_to=9', 'amount_to'],
    ['rows=7', 'rows'],
    ['state=gone', 'state'],
    ['colour=red', 'colour'],
  ])('%s', async (query, field) => {
    const { status, text } = await rina.get(`/charges?${query}`);
    expect([status, text.includes(`href="#${field}"`)]).toEqual([400, true]);
  });
});

test('those that are chosen on the page, and no others, stand on the page that asks what is to be done', async () => {
  const { text } = await rina.get('/charges?state=in_dunning&sort=amount');
  const boxes = [
    ...text.matchAll(/type="checkbox" name="(charge-[0-9a-f-]{36})" value="yes" aria-label="Choose ([^"]*)"/g),
  ];
  expect(boxes.length).toBeGreaterThan(0);
  const [, name = '', words = ''] = boxes[0] ?? [];
  const asked = await rina.send('/charges?state=in_dunning&sort=amount', '/queue/decide', { [name]: 'yes' });
  expect([asked.status, seen(asked.text).includes(words.split(' · ')[0] ?? '')]).toEqual([200, true]);
  expect(asked.text).toContain('value="/charges?state=in_dunning&amp;sort=amount"');
  expect((await rina.send('/charges', '/queue/decide', {})).status).toBe(422);
});

test('one hit of what somebody holds goes straight to it, and several are listed', async () => {
  const { location } = await rina.get('/charges?find=0012');
  expect(location).toMatch(/^\/charges\/[0-9a-f-]{36}$/);
  expect((await rina.get('/charges?find=nobody')).text).toContain('No charge of all time, named by nobody.');
});
