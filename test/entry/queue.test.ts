import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { queueDocument } from '../../src/entry/http/dashboard/queue/queue-page.ts';
import { html } from '../../src/entry/http/pages/html.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { holdCharge } from '../../src/flows/charges/change-charge.ts';
import { type Queue, queue, queueCount } from '../../src/flows/queue/queue.ts';
import { writeFindings } from '../../src/infra/tables/books/findings.ts';
import { heldSince } from '../../src/infra/tables/charges/standing.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { subscribeMany } from '../support/many.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* What waits for a person, in one list: its story, what comes if nobody acts, and what may be done. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
let rina: Visitor;

async function person(name: string, role: 'admin' | 'product' | 'finance'): Promise<Visitor> {
  const added = await addUser(ctx, { name, role, replace: false, actor: 'cli:test' });
  const visitor = visitorOf(app);
  await visitor.send('/sign-in', '/sign-in', { name, password: added.kind === 'taken' ? '' : added.password });
  return visitor;
}

beforeEach(async () => {
  await world.startOver(at);
  rina = await person('rina', 'finance');
});

const read = (page: string) => page.replaceAll(/<[^>]*>/g, '').replaceAll('&#39;', "'");
const page = async (path = '/queue') => {
  const { status, text } = await rina.get(path);
  expect([path, status]).toEqual([path, 200]);
  return text;
};
const tabs = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/<a href="\/queue[^"]*"[^>]*>([\w ]+) <span>([\d,]+)<\/span>/g)].map(([, name, count]) => [
      name,
      Number(count),
    ]),
  );
const cases = (text: string) => text.split('<li class="case">').slice(1).map(read);

/** A charge that is held by hand, one without an outcome for a day, one missed cycle, too much money, a stopped channel. */
async function mixed(): Promise<void> {
  gateway.script(unknown());
  const silent = await world.onboard('sub-silent');
  gateway.finds(`due_${silent}_0_1`, { kind: 'unanswered', detail: 'cut' });
  await world.work();
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  const poor = await world.onboard('sub-poor');
  await world.work();
  const { id } = await world.charge(poor);
  await holdCharge(ctx, id, { actor: 'user:dewi', reason: 'the customer disputes it' });
  const paid = await world.onboard('sub-twice', 'weekly');
  await world.liveUntil('2026-02-01T10:00:00Z');
  const twice = await world.charge(paid);
  await writeFindings(ctx.db, [
    {
      bucket: bucketOf(paid),
      kind: 'overpayment',
      reference: `due_${paid}_0_2`,
      subscriptionId: paid,
      chargeId: twice.id,
      amount: 25_000n,
      currency: 'IDR',
      paymentId: null,
      paymentRequestId: null,
      why: 'The charge was already paid when this attempt collected too: give it back.',
      foundAt: Temporal.Instant.from('2026-02-01T03:00:00Z'),
      closedAt: null,
      closedWhy: null,
    },
  ]);
  await world.above(`update charging set stopped_at = '2026-02-01T09:00:00Z', reason = 'INVALID_API_KEY'`);
}

describe('the queue', () => {
  test('of a house with nothing to do says so calmly, and the menu has no number', async () => {
    const text = await page();
    expect(read(text)).toContain('Nothing waits for a person. dueday decides everything else alone, and says why.');
    expect(Object.values<number>(tabs(text)).every((count) => count === 0)).toBe(true);
    expect(text).not.toMatch(/class="count"|class="case"|<button class="btn" type="submit"/);
  });

  test('has all that waits, by deadline and then by age, in tabs that sum to All; the menu says the same number', async () => {
    await mixed();
    const text = await page();
    const { All, ...kinds } = tabs(text);
    expect(All).toBe(4);
    expect(Object.values<number>(kinds).reduce((sum, count) => sum + count, 0)).toBe(All);
    expect(kinds).toMatchObject({ Held: 1, 'Unknown outcome': 1, 'Too much collected': 1, Stopped: 1 });
    expect(await queueCount(ctx, world.now())).toBe(All);
    expect(text).toContain('<span class="count">4<span class="vh"> to decide</span></span>');
    const told = await queue(ctx, world.now());
    expect(told.matters.map(({ kind }) => kind)).toEqual(['held', 'unknown', 'overpaid', 'stopped']);
    for (const [name, path] of [
      ['Held', '/queue?kind=held'],
      ['Unknown outcome', '/queue?kind=unknown'],
      ['Stopped', '/queue?kind=stopped'],
    ] as const) {
      const narrowed = await page(path);
      expect(cases(narrowed)).toHaveLength(kinds[name] ?? -1);
      expect(tabs(narrowed)).toEqual({ All, ...kinds });
    }
  });

  test('tells each matter’s story, its money, since when, what comes if nobody acts, and what may be done', async () => {
    await mixed();
    const [poor = '', silent = '', twice = '', stopped = ''] = cases(await page());
    expect(silent).toContain('No answer in a day: sub-silent, cycle 0');
    expect(silent).toMatch(/Its last attempt over \w+ was sent on 31 Jan 2026, 09:00 and has no outcome\./);
    expect(silent).toContain('A second attempt could charge twice, so nothing is tried.');
    expect(silent).toContain('should Xendit still tell of a success, it is paid by that.');
    expect(silent).toContain('IDR 150,000');
    expect(silent).toMatch(/Decide by 28 Feb, \d\d:\d\d/);
    expect(poor).toContain('Held by a person: the customer disputes it.');
    expect(poor).toContain('Since 31 Jan, 09:00');
    expect(poor).toMatch(/Release….*Void….*Write off….*Forgive…/s);
    expect(twice).toContain('Overpayment: sub-twice, cycle 0');
    expect(twice).toContain('dueday gives no money back by itself.');
    expect(twice).toContain('IDR 25,000');
    expect(twice).toContain('No deadline');
    expect(stopped).toContain('INVALID_API_KEY.');
    expect(stopped).toContain('nothing is lost, and nothing is charged twice');
  });

  test('offers what the role of who looks allows', async () => {
    await mixed();
    const { text } = await (await person('pia', 'product')).get('/queue');
    expect(text).not.toContain('Release…');
    expect(text).toContain('No answer in a day: sub-silent');
  });

  test('names those with the same cause', async () => {
    for (const name of ['sub-a', 'sub-b', 'sub-c']) {
      gateway.script(declined('INSUFFICIENT_BALANCE'));
      const subscription = await world.onboard(name);
      await world.work();
      const { id } = await world.charge(subscription);
      await holdCharge(ctx, id, { actor: 'user:dewi', reason: null });
    }
    expect(cases(await page())[0]).toMatch(/The same cause as sub-\w, cycle 0, and 1 more\./);
  });

  test('is read by its key: a matter that is decided meanwhile leads to the first page, and a page has 25', async () => {
    for (let number = 0; number < 53; number += 1) gateway.script(declined('INSUFFICIENT_BALANCE'));
    await subscribeMany(ctx, 53, 'monthly');
    await world.work();
    for (const { id } of await world.ask<{ id: string }>(sql`select id from charges`))
      await holdCharge(ctx, id, { actor: 'user:dewi', reason: null });
    const first = await page();
    expect(cases(first)).toHaveLength(25);
    expect(Buffer.byteLength(first)).toBeLessThan(60_000);
    const next = /href="([^"]*)">Next 25/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await page(next);
    expect(cases(second)).toHaveLength(25);
    expect(read(second)).toContain('26 to 50 of 53');
    const both = [...cases(first), ...cases(second)].map((one) => /: (\w+), cycle/.exec(one)?.[1]);
    expect(new Set(both).size).toBe(50);
    expect(cases(await page('/queue?after=gone'))).toHaveLength(25);
  });

  test('of more than are read says so, has the oldest of them, and sums up none', async () => {
    await mixed();
    const told = await queue(ctx, world.now());
    expect(told.cut).toEqual(new Set());
    const seen = {
      place: 1,
      next: null,
      subjects: { charges: [], refunds: [], paid: [], disputes: [] },
      session: { who: 'rina', role: 'finance', credential: 'user', credentialId: 'rina' },
      csrf: '',
      now: world.now(),
      zone: 'UTC',
    } as const;
    const cut: Queue = { ...told, cut: new Set(['held', 'unknown', 'missed']) };
    const whole = queueDocument({ ...seen, queue: cut, kind: null, shown: cut.matters });
    expect([whole.title, read(html`${whole.lede}`.html)]).toEqual([
      'Queue, 4+ matters',
      expect.stringContaining('More than 3 matters wait for a person: 1+ charge held'),
    ]);
    expect(whole.body.html).not.toContain('At stake in');
    expect(whole.body.html).toContain('All <span>4+</span>');
    const twice = queueDocument({ ...seen, queue: cut, kind: 'overpaid', shown: [] });
    expect(twice.body.html).toContain('At stake in');
    const held = await heldSince(ctx.db, null, 9);
    const [{ id } = { id: '' }] = await world.ask<{ id: string }>(
      sql`select id from charges where hold_reason is not null order by created_at desc, id desc limit 1`,
    );
    expect(held).toHaveLength(2);
    expect(await heldSince(ctx.db, null, 1)).toEqual(held.filter((one) => one.id !== id));
  });

  test('refuses a kind that there is not', async () => {
    expect(await rina.get('/queue?kind=odd')).toMatchObject({ status: 400 });
  });
});
