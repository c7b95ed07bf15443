import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { listMethods } from '../../src/flows/views/list-methods.ts';
import { apiOver } from '../support/api.ts';
import { readCsv } from '../support/csv.ts';
import { subscribeMany } from '../support/many.ts';
import { declined } from '../support/scripted-gateway.ts';
import { links, type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* The list of subscriptions, as somebody from finance is shown it, and its files. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
let rina: Reader;
beforeEach(async () => {
  await world.startOver(at);
  rina = await signedIn(app, ctx, 'rina', 'finance');
});

/** The subscriptions that a list shows, in its order. */
const rows = (text: string) =>
  [...text.matchAll(/href="\/subscriptions\/[0-9a-f-]{36}">([^<]*)</g)].map(([, name]) => name);
const tabs = (text: string) =>
  Object.fromEntries(
    links(/<nav class="tabs".*?<\/nav>/s.exec(text)?.[0] ?? '').map(({ href, text: said }) => {
      const [, word = '', count = ''] = /^(.*) ([\d,]+)$/.exec(said) ?? [];
      return [word, { href, count: Number(count.replaceAll(',', '')) }];
    }),
  );
const row = (text: string, name: string) =>
  text
    .split('<tr role="row">')
    .map(seen)
    .find((line) => line.startsWith(name)) ?? '';

/** One of each state that these pages tell apart. */
async function mixed(): Promise<void> {
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.onboard('sub-poor');
  await world.work();
  await world.onboard('sub-paid', 'weekly');
  await world.work();
  await world.create('sub-new');
  const paused = await world.onboard('sub-paused', 'weekly');
  await world.work();
  await pauseSubscription(ctx, paused, { at: 'now', actor: 'user:dewi', reason: 'on holiday abroad' });
  const gone = await world.onboard('sub-gone', 'weekly');
  await world.work();
  await cancelSubscription(ctx, gone, { at: 'now', actor: 'user:dewi', reason: 'moved abroad' });
}

describe('the list of subscriptions', () => {
  test('has a tab a status, whose counts sum to All and open exactly these', async () => {
    await mixed();
    const text = await rina.page('/subscriptions');
    expect(rows(text)).toEqual(['sub-gone', 'sub-paused', 'sub-new', 'sub-paid', 'sub-poor']);
    const { All, ...states } = tabs(text);
    expect(All?.count).toBe(5);
    expect(Object.keys(states)).toEqual(['Pending', 'Active', 'Past due', 'Paused', 'Canceled']);
    expect(Object.values(states).reduce((sum, { count }) => sum + count, 0)).toBe(5);
    for (const [word, { href, count }] of Object.entries(states)) {
      const narrowed = await rina.page(href);
      expect([word, rows(narrowed).length]).toEqual([word, count]);
      expect(tabs(narrowed)[word]?.count).toBe(count);
      expect(seen(narrowed)).toContain(`${count} subscription`);
    }
  });

  test('says of each how it stands and since when, what comes next, its method with its end, and what is in dunning', async () => {
    await mixed();
    const text = await rina.page('/subscriptions');
    expect(row(text, 'sub-poor')).toContain(
      'sub-poorcustomer-sub-poormonthlyIDR 150,000Past due since 31 Jan 20261 Feb 2026VISA ···· 1000, 12/2030131 Jan 2026\n',
    );
    expect(row(text, 'sub-paid')).toContain('Active7 Feb 2026VISA');
    expect(row(text, 'sub-new')).toContain('Pending since 31 Jan 2026none plannednone yet0not yet');
    expect(row(text, 'sub-paused')).toContain('Paused since 31 Jan 2026none planned');
    expect(row(text, 'sub-gone')).toContain('Canceled since 31 Jan 2026none planned');
    const owed = links(text).find(({ text: said, href }) => said === '1' && href.startsWith('/charges'));
    expect(seen(await rina.page(owed?.href ?? ''))).toContain('1 charge of all time');
  });

  test('is narrowed by what finance holds, by plan, channel and next cycle, each of which can be taken away', async () => {
    await mixed();
    const names = async (query: string) => rows(await rina.page(`/subscriptions?${query}`));
    expect(await names('find=customer-sub-paid')).toEqual(['sub-paid']);
    expect(await names('find=sub-poor&plan=weekly')).toEqual([]);
    expect(await names('plan=weekly')).toEqual(['sub-gone', 'sub-paused', 'sub-paid']);
    expect(await names('channel=CARDS&status=active')).toEqual(['sub-paid']);
    expect(await names('next_from=2026-02-07&next_to=2026-02-07')).toEqual(['sub-paused', 'sub-paid']);
    const none = await rina.page('/subscriptions?plan=weekly&channel=DANA');
    expect(seen(none)).toContain('There is no subscription that all of this fits.');
    const chip = links(none).find(({ text }) => text.startsWith('channel DANA'));
    expect(chip?.href).toBe('/subscriptions?plan=weekly');
    // A form sends its empty fields too.
    expect(await names('find=&plan=&channel=&next_from=&next_to=&method_ends_within=')).toHaveLength(5);
  });

  test('finds the methods that end within so many days, whatever ends them: mandate, card or channel', async () => {
    const ends = [
      ['long', '2036-01-31', null, null, 'CARDS', 'ID'],
      ['mandate', '2026-03-01', null, null, 'CARDS', 'ID'],
      ['card', '2036-01-31', '03', '2026', 'CARDS', 'ID'],
      ['card-gone', '2036-01-31', '1', '2026', 'CARDS', 'ID'],
      ['unreadable', '2036-01-31', '13', '20xx', 'CARDS', 'ID'],
      ['channel', '2036-01-31', null, null, 'BPI_DIRECT_DEBIT', 'PH'],
      ['elsewhere', '2036-01-31', null, null, 'BPI_DIRECT_DEBIT', null],
    ] as const;
    const ids = new Map<string, string>();
    for (const [name, until, month, year, channel, country] of ends) {
      const id = await world.onboard(name, 'weekly');
      ids.set(name, id);
      const text = (value: string | null) => (value === null ? 'null' : `'${value}'`);
      await world.above(`update tokens t set recurring_expiry = '${until}', expiry_month = ${text(month)}, expiry_year = ${text(year)},
        channel_code = '${channel}', country = ${text(country)} from subscriptions s where s.id = '${id}' and t.id = s.token_id`);
    }
    for (const days of [1, 29, 59, 60, 88, 90, 366]) {
      const until = Temporal.PlainDate.from('2026-01-31').add({ days }).toString();
      const expected: string[] = [];
      for (const [name, id] of ids) {
        const [method] = (await listMethods(ctx, id)) ?? [];
        if ((method?.ends_on ?? '9') <= until) expected.push(name);
      }
      const found = rows(await rina.page(`/subscriptions?method_ends_within=${days}`)).toReversed();
      expect([days, found]).toEqual([days, expected]);
    }
    expect(rows(await rina.page('/subscriptions?method_ends_within=90'))).toHaveLength(4);
  });

  test('is paged by place and not by offset: to the end and back each is shown once, while others are added', async () => {
    await subscribeMany(ctx, 120, 'monthly');
    const linkNamed = (text: string, name: string) => links(text).find((one) => one.text === name)?.href ?? '';
    const found: (string | undefined)[] = [];
    const places: string[] = [];
    for (let path = '/subscriptions'; path !== ''; ) {
      const text = await rina.page(path);
      expect(Buffer.byteLength(text)).toBeLessThan(60_000);
      places.push(/<p>([\d,]+ to [\d,]+ of [\d,]+)<\/p>/.exec(text)?.[1] ?? '');
      found.push(...rows(text));
      await world.create(`late-${found.length}`);
      path = linkNamed(text, 'Next 50');
    }
    expect(places).toEqual(['1 to 50 of 120', '51 to 100 of 121', '101 to 120 of 122']);
    expect(new Set(found).size).toBe(120);
    const first = await rina.page('/subscriptions');
    const last = await rina.page(linkNamed(first, 'Last'));
    const before = await rina.page(linkNamed(last, 'Previous'));
    expect(rows(before)).toHaveLength(50);
    expect(new Set([...rows(before), ...rows(last)]).size).toBe(50 + rows(last).length);
    expect(rows(await rina.page(linkNamed(before, 'Previous')))).toEqual(rows(first).slice(0, 50));
    expect(await rina.get('/subscriptions?after=nonsense&plan=monthly')).toMatchObject({
      status: 303,
      location: '/subscriptions?plan=monthly',
    });
  });

  test('is the file: the same rows in the same order, first the columns of the page, and as many as the button says', async () => {
    await mixed();
    const text = await rina.page('/subscriptions?plan=weekly');
    const button = links(text).find((one) => one.text.startsWith('CSV'));
    expect(button?.text).toBe('CSV 3 rows');
    const { text: file, headers } = await rina.get(button?.href ?? '');
    expect(headers['content-disposition']).toContain('dueday-subscriptions-plan-weekly.csv');
    const [head = [], ...lines] = readCsv(file);
    expect(lines.map(([name]) => name)).toEqual(rows(text));
    expect(head.slice(0, 13)).toEqual([
      'reference_id',
      'customer_reference',
      'plan',
      'price',
      'currency',
      'status',
      'status_since (Asia/Jakarta)',
      'next_charge_at (Asia/Jakarta)',
      'channel',
      'method',
      'method_ends',
      'in_dunning',
      'activated_at (Asia/Jakarta)',
    ]);
    const workbook = await rina.get(links(text).find((one) => one.text === 'XLSX')?.href ?? '');
    expect([workbook.status, workbook.headers['content-type']]).toEqual([
      200,
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ]);
  });

  test.each([
    ['next_from=31/01/2026', 'next_from'],
    ['status=gone', 'status'],
    ['method_ends_within=0', 'method_ends_within'],
    ['colour=red', 'colour'],
  ])('a wrong value is told, and no list is shown as if it had been obeyed: %s', async (query, told) => {
    const { status, text } = await rina.get(`/subscriptions?${query}`);
    expect([status, text.includes(told), text.includes('<table')]).toEqual([400, true, false]);
  });

  test('of an empty book says what fills it', async () => {
    expect(seen(await rina.page('/subscriptions'))).toContain('Nobody is subscribed yet.');
  });
});
