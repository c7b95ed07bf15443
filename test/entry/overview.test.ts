import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { addUser } from '../../src/flows/access/users.ts';
import { holdCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import type { Sql } from '../../src/infra/database/sql.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { between, chance, oneOf } from '../support/chance.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* The first page: how the day goes, and that each of its figures is what its link shows. */

const at = '2026-01-01T02:00:00Z';
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

const page = async (path = '/') => {
  const { status, text } = await rina.get(path);
  expect([path, status]).toEqual([path, 200]);
  return text;
};
/** What a reader sees of some HTML: its texts, without what stands in tags. */
const read = (text: string) =>
  text
    .replaceAll(/<title>[^<]*<\/title>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const ledeOf = (text: string) => read(/<p class="lede">(.*?)<\/p>/s.exec(text)?.[1] ?? '').trim();
const partOf = (text: string, id: string) =>
  new RegExp(`<section[^>]*aria-labelledby="${id}".*?</section>`, 's').exec(text)?.[0] ?? '';
/** Every number that is a link to a list, with where it leads. */
const figures = (text: string) =>
  [...text.matchAll(/<a href="(\/(?:charges|subscriptions)\?[^"]*)">(?:<b>)?([\d,]+)(?:<\/b>)?<\/a>/g)].map(
    ([, href = '', shown = '']) => [href.replaceAll('&amp;', '&'), Number(shown.replaceAll(',', ''))] as const,
  );
const countOf = (text: string) =>
  Number(/<b>([\d,]+)<\/b>/.exec(/<p class="lede">(.*?)<\/p>/s.exec(text)?.[1] ?? '')?.[1]?.replaceAll(',', '') ?? -1);

/** Five weeks of a book in which everything happens that a charge can come to. */
async function lived(seed: number): Promise<void> {
  const random = chance(seed);
  const outcome = () =>
    oneOf(random, [
      succeeded,
      succeeded,
      succeeded,
      () => declined('INSUFFICIENT_BALANCE'),
      () => declined('REQUIRES_ACTION'),
      unknown,
    ])();
  for (let day = 1; day <= 35; day += 1) {
    world.moveTo(
      Temporal.Instant.from(at)
        .add({ hours: 24 * day })
        .toString(),
    );
    for (let n = between(random, 0, 2); n > 0; n -= 1) {
      gateway.script(outcome());
      await world.onboard(`sub-${day}-${n}`, oneOf(random, ['weekly', 'monthly']));
    }
    gateway.script(outcome(), outcome());
    await world.work();
  }
  for (const name of ['last-one', 'last-two']) {
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.onboard(name, 'monthly');
    await world.work();
  }
  const rows = await world.ask<{ id: string }>(sql`select id from charges where status = 'due' order by id limit 3`);
  const [first, second] = rows.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error('Nothing is due in this book.');
  await holdCharge(ctx, first, { reason: 'looks odd to me', actor: 'cli:test' });
  await voidCharge(ctx, second, { reason: 'they moved away', actor: 'cli:test' });
}

describe('a book that has lived', () => {
  test.each([1, 2])('each figure is a link to the list of exactly that many: %i', async (seed) => {
    await lived(seed);
    const text = await page();
    const all = figures(text);
    expect(all.length).toBeGreaterThan(30);
    for (const [href, shown] of all) expect([href, countOf(await page(href))]).toEqual([href, shown]);
    expect(Buffer.byteLength(text)).toBeLessThan(60_000);
    expect(text).not.toMatch(/style=|<script/);
  });

  test('what waits for a person stands there as the queue has it, the most urgent first', async () => {
    await lived(4);
    const text = await page();
    const queued = await page('/queue');
    const count = countOf(queued);
    expect(count).toBeGreaterThan(0);
    expect(ledeOf(text)).toMatch(new RegExp(`${count} matters? waits? for a person\\.$`));
    const shown = [...partOf(text, 'needs').matchAll(/<th scope="row"><a href="([^"]*)">/g)].map(([, path]) => path);
    expect(shown.length).toBeGreaterThanOrEqual(Math.min(5, count));
    for (const path of shown.slice(0, Math.min(5, count))) expect(queued).toContain(`href="${path}"`);
  });

  test('the states sum to what fell due, and the charge log has the same charges, by id', async () => {
    await lived(3);
    const today = partOf(await page(), 'today');
    const body = figures(/<tbody.*?<\/tbody>/s.exec(today)?.[0] ?? '').map(([, count]) => count);
    const foot = figures(/<tfoot.*?<\/tfoot>/s.exec(today)?.[0] ?? '').map(([, count]) => count);
    expect(body.length).toBeGreaterThan(1);
    expect([body.reduce((sum, count) => sum + count, 0)]).toEqual(foot);
    expect(read(today)).toContain(`Counted again, by the charge log ${foot[0]} equal, by id`);
  });
});

describe('the sentence', () => {
  test('of an empty book says what will stand here, and what fills it', async () => {
    const text = await page();
    expect(ledeOf(text)).toBe('Nothing is subscribed yet, so nothing falls due.');
    expect(read(text)).toContain('POST /v1/subscriptions');
    expect(read(text)).toContain('dueday import FILE');
  });

  test('of a day without charges says when the next fall due, and how many', async () => {
    await world.onboard('sub-one');
    await world.onboard('sub-two');
    await world.work();
    world.moveTo('2026-01-30T02:00:00Z');
    const text = await page();
    expect(ledeOf(text)).toBe(
      'Nothing fell due today. The next cycles, 2 , fall due on Sunday, 1 February 2026 from 09:00 . Nothing waits for a person.',
    );
    world.moveTo('2026-01-31T02:00:00Z');
    expect(ledeOf(await page())).toContain('fall due tomorrow from 09:00');
    const [[href, shown] = []] = figures(text);
    expect([href, countOf(await page(href ?? ''))]).toEqual([
      '/subscriptions?next_from=2026-02-01&next_to=2026-02-01',
      shown,
    ]);
  });

  test('of a day that goes on says what is in line, and until when at the pace of the last minute', async () => {
    for (const name of ['sub-one', 'sub-two', 'sub-three']) await world.onboard(name);
    await world.work();
    await world.above(`update charges set status = 'due', collected = 0, attempts = 0, next_attempt_at = due_at
      where id = (select max(id::text)::uuid from charges)`);
    const text = await page();
    expect(ledeOf(text)).toBe(
      '3 charges fell due today. 2 are paid, 1 is still in line and done by about 09:00 . Nothing waits for a person.',
    );
    expect(partOf(text, 'today')).toContain('66.7 % done at 09:00');
  });
});

test('of a day on which charging is stopped says that what is in line stays there', async () => {
  await world.onboard('sub-one');
  await world.work();
  await world.above(`update charges set status = 'due', collected = 0, attempts = 0, next_attempt_at = due_at`);
  await ctx.db.run(sql`update charging set stopped_at = now(), reason = 'INVALID_API_KEY'`);
  const other = await apiOver(ctx);
  const [named, value] = [...rina.cookies][0] ?? ['', ''];
  const { body } = await other.app.inject({ url: '/', headers: { cookie: `${named}=${value}` } });
  expect(ledeOf(body)).toContain('0 are paid, 1 is still in line, and stay there: charging is stopped');
});

describe('the second count', () => {
  test('names a charge that the charge log does not tell of', async () => {
    const id = await world.onboard('sub-one');
    await world.onboard('sub-two');
    await world.work();
    const { id: charge } = await world.charge(id);
    await world.above(`delete from ledger where charge_id = '${charge}' and kind = 'charge.opened'`);
    const today = partOf(await page(), 'today');
    expect(read(today)).toContain('Counted again, by the charge log 1 differs not in the charge log:');
    expect(today).toContain(`<a href="/charges/${charge}">`);
  });

  test('counts a charge whose opening lies on another day', async () => {
    const id = await world.onboard('sub-one');
    await world.work();
    const { id: charge } = await world.charge(id);
    world.moveTo('2026-01-02T02:00:00Z');
    await world.above(`update charges set due_at = due_at + interval '1 day' where id = '${charge}'`);
    expect(read(partOf(await page(), 'today'))).toContain('by the charge log 1 equal, by id');
  });
});

test('shows what is to come to who may read the forecast, and to nobody else', async () => {
  await world.onboard('sub-one');
  await world.work();
  const added = await addUser(ctx, { name: 'pia', role: 'product', replace: false, actor: 'cli:test' });
  const pia = visitorOf(app);
  await pia.send('/sign-in', '/sign-in', { name: 'pia', password: added.kind === 'taken' ? '' : added.password });
  expect(partOf(await page(), 'next')).toContain('Next 30 days');
  const { status, text } = await pia.get('/');
  expect([status, text.includes('Last 30 days'), text.includes('Next 30 days')]).toEqual([200, true, false]);
  expect(text).not.toContain('/reports/forecast');
});

describe('a look whose time is over', () => {
  test('leaves out what was not read, says so in its place, and links to it alone', async () => {
    await world.onboard('sub-one');
    await world.work();
    // The look ends when the days back are asked for: as a database does that is too busy for them.
    const late = Object.assign(new Error('late'), { code: 'DEADLINE' });
    const slow = async <T>(work: (db: typeof ctx.db) => Promise<T>): Promise<T> =>
      await work({
        ...ctx.db,
        run: async (query) => {
          if ((query as Sql).statement().text.includes('width_bucket(c.due_at')) throw late;
          return await ctx.db.run(query);
        },
      });
    const other = await apiOver(ctx, { pages: { look: slow } });
    const [name, value] = [...rina.cookies][0] ?? ['', ''];
    const { body, statusCode } = await other.app.inject({ url: '/', headers: { cookie: `${name}=${value}` } });
    expect(statusCode).toBe(200);
    expect(ledeOf(body)).toContain('1 charge fell due today. 1 is paid');
    for (const part of ['days', 'channels'])
      expect(body).toContain(`This took longer than 2 s. <a href="/?part=${part}">Show it alone</a>`);
    expect(read(partOf(body, 'today'))).toContain('Counted again, by the charge log This took longer than 2 s');
    expect(read(await page('/?part=days'))).toContain('Last 30 days: nothing fell due');
  });
});

test('where a state has no money of a currency there stands a 0, in grey, and no amount', async () => {
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  const owing = await world.onboard('sub-owing', 'weekly');
  await world.onboard('sub-paid', 'weekly');
  await world.work();
  // No charge changes its currency: past the trigger that says so.
  await world.ask(
    sql.raw(`do $$ begin perform set_config('session_replication_role', 'replica', true);
      update charges set currency = 'PHP' where subscription_id = '${owing}'; end $$`),
  );
  const cells = [...partOf(await page(), 'today').matchAll(/data-c="(\w+)">(.*?)<\/td>/g)].map(([, of, cell]) => [
    of,
    cell,
  ]);
  expect(cells).toContainEqual(['PHP', '<span class="quiet">0</span>']);
  expect(cells.filter(([, cell]) => cell === '0.00' || cell === '0')).toEqual([]);
});
