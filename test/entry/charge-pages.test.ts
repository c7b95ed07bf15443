import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { storyOf } from '../../src/domain/charges/story/story.ts';
import { chargeStory } from '../../src/entry/cli/charge-story.ts';
import { sessionCookie } from '../../src/entry/http/dashboard/frame/cookie.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { holdCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { createInput } from '../support/create-input.ts';
import { subscribeMany } from '../support/many.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { links } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* The list of charges and one charge, as somebody from finance is shown them. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
let rina: Visitor;
beforeEach(async () => {
  await world.startOver(at);
  const added = await addUser(ctx, { name: 'rina', role: 'finance', replace: false, actor: 'cli:test' });
  rina = visitorOf(app);
  await rina.send('/sign-in', '/sign-in', { name: 'rina', password: added.kind === 'taken' ? '' : added.password });
});

/** What a reader sees of some HTML: its texts, without what stands in tags. */
const read = (page: string) =>
  page
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(
      /&(amp|lt|gt|quot|#39);/g,
      (entity) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' })[entity] ?? "'",
    );
const page = async (path: string) => {
  const { status, text } = await rina.get(path);
  expect([path, status]).toEqual([path, 200]);
  return text;
};
/** The charges that a list shows, by subscription, in its order. */
const rows = (text: string) =>
  [...text.matchAll(/<a href="\/charges\/[0-9a-f-]{36}">([^<]*)<\/a>/g)].map(([, name]) => name);
const linkNamed = (text: string, name: string) =>
  new RegExp(`href="([^"]*)">${name}(?:</a>| <)`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
const tabs = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/<a href="[^"]*"[^>]*>([\w ]+) <span>([\d,]+)<\/span>/g)].map(([, name, count = '']) => [
      name,
      Number(count.replaceAll(',', '')),
    ]),
  );

/** One of each kind that these pages tell apart. */
async function mixed(): Promise<void> {
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.onboard('sub-poor');
  await world.work();
  gateway.script(unknown());
  await world.onboard('sub-silent', 'weekly');
  await world.work();
  gateway.script(declined('REQUIRES_ACTION', { actionUrl: 'https://bank.example/approve' }));
  await world.onboard('sub-asked', 'weekly');
  await world.work();
  await world.onboard('sub-paid', 'weekly');
  await world.work();
}

describe('the list of charges', () => {
  test('says how many there are, in tabs that sum to All, and what they come to', async () => {
    await mixed();
    const text = await page('/charges');
    expect(text).toContain('<b>4</b> charges due from 1 Jan 2026 to 31 Jan 2026');
    const { All, ...states } = tabs(text);
    expect(All).toBe(4);
    expect(Object.values<number>(states).reduce((sum, count) => sum + count, 0)).toBe(All);
    expect(read(text)).toContain('Due in IDRIDR 225,000');
    expect(read(text)).toContain('Collected in IDRIDR 25,000');
    expect(read(text)).toContain('Due, these 4 rowsIDR 225,000Collected of these: IDR 25,000');
    for (const [name, status] of [
      ['Paid', 'paid'],
      ['In dunning', 'in_dunning'],
      ['Waits for customer', 'waits_for_customer'],
      ['Unknown', 'unknown'],
    ] as const) {
      const narrowed = await page(`/charges?state=${status}`);
      expect(rows(narrowed)).toHaveLength(states[name] ?? -1);
      expect(tabs(narrowed)).toMatchObject(states);
    }
  });

  test('shows each state by its word, with why and what comes next', async () => {
    await mixed();
    const text = await page('/charges');
    const said = text.split('<tr role="row">').map(read);
    const row = (name: string) => said.find((line) => line.startsWith(`${name} ·`)) ?? '';
    expect(row('sub-poor')).toContain('In dunningNot enough money, next try 1 Feb 2026, 09:00');
    expect(row('sub-silent')).toContain('Unknown');
    expect(row('sub-asked')).toMatch(/Waits for customerIts customer has to confirm it, waits until \d+ \w+ 2026/);
    expect(row('sub-paid')).toContain('PaidFirst try');
  });

  test('is paged by place and not by offset: to the end and back each charge is shown once, while others are added and settled', async () => {
    await subscribeMany(ctx, 120, 'monthly');
    await world.work();
    const seen: (string | undefined)[] = [];
    let path = '/charges';
    const places: string[] = [];
    while (path !== '') {
      const text = await page(path);
      expect(Buffer.byteLength(text)).toBeLessThan(60_000);
      places.push(/<p>([\d,]+ to [\d,]+ of [\d,]+)<\/p>/.exec(text)?.[1] ?? '');
      seen.push(...rows(text));
      await world.onboard(`late-${seen.length}`, 'weekly');
      await world.work();
      path = linkNamed(text, 'Next 50');
    }
    expect(places.slice(0, 2)).toEqual(['1 to 50 of 120', '51 to 100 of 121']);
    const first = seen.filter((name) => name?.startsWith('s'));
    expect(new Set(first).size).toBe(120);
    expect(first).toHaveLength(120);
    const end = await page(linkNamed(await page('/charges'), 'Last'));
    const before = await page(linkNamed(end, 'Previous'));
    expect(rows(before)).toHaveLength(50);
    expect(new Set([...rows(before), ...rows(end)]).size).toBe(50 + rows(end).length);
    expect(rows(await page(linkNamed(before, 'Previous')))).toEqual(rows(await page('/charges')));
  });

  test('is turned by a link in its head, and a place that is none of ours leads to the first page', async () => {
    await mixed();
    const turned = await page('/charges?sort=-due_at');
    expect(turned).toContain('aria-sort="descending"');
    expect(rows(turned)).toEqual(rows(await page('/charges')).toReversed());
    expect(await rina.get('/charges?after=nonsense')).toMatchObject({ status: 303, location: '/charges' });
  });

  test('narrows by customer, subscription, day and failure code, each of which can be taken away', async () => {
    await mixed();
    expect(rows(await page('/charges?customer=customer-sub-poor'))).toEqual(['sub-poor · 0']);
    expect(rows(await page('/charges?subscription=sub-paid'))).toEqual(['sub-paid · 0']);
    expect(rows(await page('/charges?failure_code=INSUFFICIENT_BALANCE'))).toEqual(['sub-poor · 0']);
    expect(rows(await page('/charges?due_from=2026-01-31&due_to=2026-01-31'))).toHaveLength(4);
    const none = await page('/charges?due_from=2026-02-01&due_to=2026-02-02');
    expect(read(none)).toContain('No charge fell due from 1 Feb 2026 to 2 Feb 2026.');
    expect(read(none)).toContain('The last one before fell due on 31 Jan 2026.');
    expect(linkNamed(none, 'due from 1 Feb 2026 to 2 Feb 2026')).toBe('/charges?all_time=yes');
    // A form sends its empty fields too.
    expect(
      rows(await page('/charges?customer=&subscription=&due_from=&due_to=&failure_code=&amount_from=&missed=&find=+')),
    ).toHaveLength(4);
  });

  test.each([
    ['/charges?due_from=31/01/2026', 'must be a date like 2026-12-31'],
    ['/charges?due_from=2026-02-30', 'must be a date like 2026-12-31'],
    ['/charges?status=gone', 'status'],
    ['/charges?colour=red', 'colour'],
  ])('a wrong value is told, and no list is shown as if it had been obeyed: %s', async (path, told) => {
    const { status, text } = await rina.get(path);
    expect(status).toBe(400);
    expect(text).toContain(told);
    expect(text).not.toContain('<table');
  });
});

describe('one charge', () => {
  const shown = async (reference: string) => {
    const [row] = await world.ask<{ id: string }>(
      sql`select c.id from charges c join subscriptions s on s.id = c.subscription_id where s.reference_id = ${reference}`,
    );
    return { id: row?.id ?? '', text: await page(`/charges/${row?.id}`) };
  };

  test.each(['sub-poor', 'sub-silent', 'sub-asked', 'sub-paid'])(
    '%s is told in the sentences of "charges explain"',
    async (name) => {
      await mixed();
      const { id, text } = await shown(name);
      const [whole] = (
        await Promise.all(
          (
            await world.ask<{ id: string }>(sql`select subscription_id as id from charges where id = ${id}`)
          ).map((one) => world.charges(one.id)),
        )
      ).flat();
      if (whole === undefined) throw new Error('There is no such charge.');
      const { sentence, steps } = storyOf(whole);
      const explained = chargeStory(whole);
      expect(steps.length).toBeGreaterThan(1);
      for (const said of [
        sentence,
        ...steps.flatMap((step) => [step.heading, ...step.text, step.decision ?? []].flat()),
      ]) {
        expect(read(text)).toContain(said);
        expect(explained).toContain(said);
      }
      for (const [fact, value] of steps.flatMap(({ facts }) => facts)) {
        expect(read(text)).toContain(`${fact}${value}`);
        expect(explained).toContain(`${fact.padEnd(18)}${value}`);
      }
    },
  );

  test('says what is left to try, and what was decided by whom', async () => {
    await mixed();
    const { id, text } = await shown('sub-poor');
    expect(read(text)).toContain('Ladder of the policy0 of 4 retries4, planned for 1 Feb 2026, 09:00');
    expect(read(text)).toContain(
      'Window of the policy0 of 28 daysuntil 28 Feb 2026, 09:00counted from the first attempt',
    );
    expect(read(text)).toMatch(
      /VISA, same method and amount in IDR1 declined of 16 in 30 days15network limits, version 1/,
    );
    expect(read(text)).toMatch(
      /Mandate of the customerone charge a day, last used on 31 Jan 2026until \d+ \w+ \d{4}saved 31 Jan 2026/,
    );
    expect(read(text)).toContain('if it is declined for a cause that is retried, 3 more retries are left.');
    expect(read(text)).toContain('Attempts on 31 Jan. The next is planned for 1 Feb; the window ends on 28 Feb.');
    await holdCharge(ctx, id, { actor: 'user:dewi', reason: 'the customer disputes it' });
    const held = await page(`/charges/${id}`);
    expect(read(held)).toContain('It waits for a person: a person held it.');
    expect(read(held)).toContain('Held for a person, by user:dewi');
    expect(rows(await page('/charges?status=held'))).toEqual(['sub-poor · 0']);
  });

  test('at the end of its ladder says what follows, counts what the network counts, and leads finance to its entries', async () => {
    gateway.script(...Array.from({ length: 4 }, () => declined('INSUFFICIENT_BALANCE')));
    await world.onboard('sub-poor');
    await world.work();
    const { id } = await shown('sub-poor');
    await world.liveUntil('2026-02-12T02:00:00Z');
    const last = read(await page(`/charges/${id}`));
    const { retries, planned } =
      /(?<retries>\d) of 4 retries1, planned for (?<planned>[^:]+:\d\d)/.exec(last)?.groups ?? {};
    expect(retries).toBe('3');
    expect(last).toContain(
      `planned for ${planned}; if it is declined for a cause that is retried, the charge is given up, and the subscription is canceled.`,
    );
    expect(last).toContain('4 declined of 16 in 30 days12');
    const log = linkNamed(await page(`/charges/${id}`), 'entries in the charge log');
    expect(log).toBe(`/log?find=${id}`);
    expect(read(await page(log))).toContain('charge.opened');
  });

  test('says what was found about it, until when it stood, and which refund is proposed', async () => {
    await mixed();
    const { id } = await shown('sub-paid');
    expect(read(await page(`/charges/${id}`))).not.toContain('What was found about it');
    await world.ask(sql`insert into findings (bucket, kind, reference, subscription_id, charge_id, amount, currency, why, found_at)
      select bucket, 'second_payment', 'py-2', subscription_id, id, 25000, 'IDR', 'It was paid by <b>two</b> attempts.', '2026-01-31T02:30:00Z'
      from charges where id = ${id}::uuid`);
    expect(read(await page(`/charges/${id}`))).toContain(
      'Second paymentIt was paid by <b>two</b> attempts.31 Jan 2026, 09:30IDR 25,000Open',
    );
    await world.ask(
      sql`update findings set closed_at = '2026-01-31T03:00:00Z', closed_why = 'It was given back.' where charge_id = ${id}::uuid`,
    );
    expect(read(await page(`/charges/${id}`))).toContain('closed on 31 Jan 2026, 10:00: It was given back.');
  });

  test('is turned by a link, and what nobody has is told with a way to look for it', async () => {
    await mixed();
    const { id, text } = await shown('sub-poor');
    const turned = await page(`/charges/${id}?order=newest`);
    const headings = (of: string) => [...of.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, heading]) => heading);
    expect(headings(turned)).toEqual(headings(text).toReversed());
    const gone = await rina.get('/charges/019a0000-0000-7000-8000-000000000001');
    expect([gone.status, gone.text.includes('action="/find"')]).toEqual([404, true]);
    expect((await rina.get('/charges/nothing"><script>')).text).not.toContain('<script');
  });

  test('shows what others wrote as text: no tag, no attribute and no script of theirs', async () => {
    await mixed();
    const { id } = await shown('sub-poor');
    const reason = `"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt;b&gt;`;
    await voidCharge(ctx, id, { actor: `user:<b>dewi</b>`, reason });
    for (const path of [`/charges/${id}`, '/charges']) {
      const text = await page(path);
      expect(text).not.toMatch(/<img|<script|<b>dewi|onerror=alert\(1\)>/);
      expect(read(text)).toContain('<script>alert(2)</script>&lt;b&gt;');
    }
  });
});

test('the address at which a customer approves a payment is on the page of nobody', async () => {
  await mixed();
  const [asked] = await world.ask<{ id: string; url: string }>(
    sql`select charge_id as id, action_url as url from attempts where action_url is not null`,
  );
  expect(asked?.url).toBe('https://bank.example/approve');
  const { status, text } = await rina.get(`/charges/${asked?.id}`);
  expect([status, text.includes('REQUIRES_ACTION'), text.includes('bank.example')]).toEqual([200, true, false]);
});

test('what its customer is asked is on the page of a charge, a number as it is, an address as being there', async () => {
  const until = Temporal.Instant.from('2026-01-31T02:00:54Z').toString();
  gateway.script(
    declined('REQUIRES_ACTION', {
      actions: [
        { type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'xendit.co/of-dewi' },
        { type: 'PRESENT_TO_CUSTOMER', descriptor: 'VIRTUAL_ACCOUNT_NUMBER', value: '9999<0001>' },
      ],
    }),
  );
  const id = await world.onboard('sub-asked', 'weekly', {}, { channelCode: 'OVO', network: null });
  await world.work();
  const charge = await world.charge(id);
  expect(charge.actions.map(({ expires_at }) => expires_at)).toEqual([until, until]);
  const text = await page(`/charges/${charge.id}`);
  expect(read(text)).toContain('A page to be opened by its customer, until 31 Jan 2026, 09:00');
  expect(read(text)).toContain('9999<0001>');
  expect(text).not.toContain('of-dewi');
});

describe('find', () => {
  test('leads from whatever somebody holds to the thing, in one step', async () => {
    await mixed();
    const [named] = await world.ask<{ id: string; reference: string }>(
      sql`select c.id, a.reference_id as reference from charges c join subscriptions s on s.id = c.subscription_id
        join attempts a on a.charge_id = c.id where s.reference_id = 'sub-poor'`,
    );
    const { id, reference } = named ?? { id: '', reference: '' };
    const find = async (q: string) => (await rina.get(`/find?${new URLSearchParams({ q }).toString()}`)).location;
    expect(await find(id)).toBe(`/charges/${id}`);
    expect(await find(` ${reference}`)).toBe(`/charges/${id}`);
    const [poor] = await world.ask<{ id: string }>(sql`select id from subscriptions where reference_id = 'sub-poor'`);
    expect(await find('sub-poor')).toBe(`/subscriptions/${poor?.id}`);
    expect(await find(poor?.id ?? '')).toBe(`/subscriptions/${poor?.id}`);
    expect(await find('customer-sub-poor')).toBe(`/subscriptions/${poor?.id}`);
    await world.onboard('sub-second', 'weekly', {
      customer: { ...createInput('sub-second', 'weekly', {}).customer, referenceId: 'customer-sub-poor' },
    });
    expect(await find('customer-sub-poor')).toBe('/subscriptions?find=customer-sub-poor');
    expect(await rina.get('/find?q=nobody')).toMatchObject({
      status: 404,
      text: expect.stringContaining('value="nobody"'),
    });
  });

  test('leaves out nothing that a text names: neither the subscription of that name nor those of the customer of that name', async () => {
    await mixed();
    await world.onboard('of-both', 'weekly', {
      customer: { ...createInput('of-both', 'weekly', {}).customer, referenceId: 'sub-poor' },
    });
    const { location } = await rina.get('/find?q=sub-poor');
    const rows = links(await page(location ?? '')).filter(({ href }) => /^\/subscriptions\/[0-9a-f-]{36}$/.test(href));
    expect(rows.map(({ text }) => text)).toEqual(['of-both', 'sub-poor']);
  });

  test('and every other address refuses what Postgres cannot hold', async () => {
    expect((await rina.get('/find?q=a%00b')).status).toBe(400);
    expect((await rina.get('/queue/decided/%00')).status).toBe(404);
    const { toldName } = sessionCookie(ctx);
    rina.cookies.set(toldName, '%00');
    expect((await rina.get('/charges')).status).toBe(200);
    expect(rina.cookies.has(toldName)).toBe(false);
  });
});

describe('every page', () => {
  test('says that nothing is charged, since when, why, and what mends it', async () => {
    await world.above(`update charging set stopped_at = '2026-01-31T01:00:00Z', reason = 'INVALID_API_KEY'`);
    const fresh = await apiOver(ctx);
    const visitor = visitorOf(fresh.app);
    for (const [name, value] of rina.cookies) visitor.cookies.set(name, value);
    const { text } = await visitor.get('/charges');
    expect(read(text)).toContain(
      'Nothing is charged since 31 Jan 2026, 08:00:00: charging is stopped. INVALID_API_KEY.',
    );
    expect(text).toContain('dueday arm');
    expect(read(text)).toContain('Charging is stopped');
  });

  test('without its database says so, and shows no figure', async () => {
    const gone = { look: () => Promise.reject(Object.assign(new Error('gone'), { statusCode: 503 })) };
    const { app: broken } = await apiOver(ctx, { pages: gone });
    const visitor = visitorOf(broken);
    for (const [name, value] of rina.cookies) visitor.cookies.set(name, value);
    const { status, text, headers } = await visitor.get('/charges');
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(read(text)).toContain('Charging waits safely until it answers: nothing is lost');
    expect(text).toContain('<title>Problem: The database does not answer · dueday</title>');
  });
});
