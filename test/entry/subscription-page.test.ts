import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { apiOver } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { links, type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* One subscription, as people are shown it: whether each of its cycles is accounted for, what comes, what happened. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
let rina: Reader;
beforeEach(async () => {
  await world.startOver(at);
  rina = await signedIn(app, ctx, 'rina', 'finance');
});

/** One that lives to May: declined once in February, void in March, declined now. */
async function lived(): Promise<string> {
  const id = await world.onboard('sub-old');
  await world.liveUntil('2026-02-28T01:00:00Z');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.liveUntil('2026-03-15T02:00:00Z');
  await world.liveUntil('2026-03-31T02:00:00Z');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.liveUntil('2026-04-30T02:00:00Z');
  return id;
}
const rows = (text: string) => text.split('<tr').map(seen);
const dots = (svg: string, kind: string) =>
  (new RegExp(`class="${kind}" d="([^"]*)"`).exec(svg)?.[1]?.match(/M/g) ?? []).length;
const month = (text: string, name: string) =>
  new RegExp(`<h3>${name}</h3>(.*?)</svg>`, 's').exec(/<ol class="cal".*?<\/ol>/s.exec(text)?.[0] ?? '')?.[1] ?? '';

describe('one subscription', () => {
  test('says how it stands, since when and why, and what comes next', async () => {
    const id = await lived();
    const text = seen(await rina.page(`/subscriptions/${id}`));
    expect(text).toContain(
      'Past due since 30 Apr 2026, 09:00. IDR 150,000 for cycle 3: not enough money, next try 1 May 2026, 09:00. The next charge is planned for 1 May 2026, 09:00.',
    );
    expect(text).toContain('Collected, less what was given backIDR 450,000');
    expect(text).toContain('MethodVISA ···· 1000');
    expect(text).toContain('Anchor31 Jan 2026');
  });

  test('has each cycle of the year as a row, in a calendar that is hidden from who hears it, and none is missing', async () => {
    const id = await lived();
    const text = await rina.page(`/subscriptions/${id}`);
    expect(rows(text).some((row) => row.includes('4 cycles, none missingIDR 450,000'))).toBe(true);
    const cycle = (number: number) =>
      rows(text).find((row) => new RegExp(`^[^>]*>${number}\\d+ \\w+ to`).test(row)) ?? '';
    expect(cycle(3)).toContain('330 Apr to 30 MayIn dunning0Not enough money, next try 1 May 2026, 09:001');
    expect(cycle(1)).toContain('128 Feb to 30 MarPaidIDR 150,000With attempt 22');
    expect(cycle(0)).toContain('031 Jan to 27 FebPaidIDR 150,000First try1');
    expect(text).toContain('<ol class="cal" aria-hidden="true">');
    expect(month(text, 'January')).toMatch(/cov-ok.*class="due".*dot-ok/);
    // Declined on the last of February, and paid the next day.
    expect(month(text, 'February')).toMatch(/cov-wait.*class="due".*dot-bad/);
    expect(dots(month(text, 'March'), 'dot-ok')).toBe(2);
    expect(month(text, 'April')).toMatch(/class="due".*class="now".*dot-bad/);
    expect(month(text, 'May')).toMatch(/cov-wait.*dot-next/);
    expect(month(text, 'May').split('class="due"')).toHaveLength(2);
    expect(text).not.toContain('style=');
    expect(Buffer.byteLength(text)).toBeLessThan(60_000);
  });

  test('tells every cycle that has no charge, loudly, whatever year is looked at', async () => {
    const id = await lived();
    await world.above(`alter table attempts disable trigger all; alter table charges disable trigger all;
      delete from attempts where charge_id in (select id from charges where cycle in (1, 2));
      delete from charges where cycle in (1, 2);
      alter table attempts enable trigger all; alter table charges enable trigger all`);
    const text = await rina.page(`/subscriptions/${id}`);
    expect(text).toContain('class="note bad"');
    expect(seen(text)).toContain('Cycles 1 and 2 of its life have no charge.');
    expect(seen(text)).toContain('2 cycles; missing: 1 and 2');
    expect(seen(await rina.page(`/subscriptions/${id}?year=2027`))).toContain(
      'Cycles 1 and 2 of its life have no charge.',
    );
  });

  test('counts who came from another biller from the cycle of the file', async () => {
    const id = await lived();
    await world.above(`insert into terms (bucket, subscription_id, number, origin, from_cycle, anchor, anchor_cycle, interval_count, interval_unit, time_zone,
        charge_at, plan, catalog_version, unit_amount, quantity, amount, currency, actor, agreed_at)
      select bucket, id, 1, 'imported', 2, anchor, 2, interval_count, interval_unit, time_zone, charge_at, plan, catalog_version, amount, 1, amount,
        currency, 'cli:test', created_at from subscriptions;
      alter table attempts disable trigger all; alter table charges disable trigger all;
      delete from attempts where charge_id in (select id from charges where cycle < 2);
      delete from charges where cycle < 2;
      alter table attempts enable trigger all; alter table charges enable trigger all`);
    expect(seen(await rina.page(`/subscriptions/${id}`))).toContain('2 cycles, none missing');
  });

  test('shows the year that is asked for, with the way to those beside it', async () => {
    const id = await lived();
    const text = await rina.page(`/subscriptions/${id}`);
    const years = links(text).filter(({ href }) => href.includes('year='));
    expect(years.map(({ text: said }) => said)).toEqual(['2027']);
    const next = await rina.page(years[0]?.href ?? '');
    expect(seen(next)).toContain('Nothing fell due in 2027.');
    expect(links(next).map(({ text: said }) => said)).toContain('2026');
    expect((await rina.get(`/subscriptions/${id}?year=26`)).status).toBe(400);
    expect((await rina.get(`/subscriptions/${id}?yaer=2026`)).status).toBe(400);
  });

  test('lists the next five tries and cycles, and the last ten entries with who made them', async () => {
    const id = await lived();
    const [charge] = (await world.charges(id)).filter(({ status }) => status === 'due');
    await voidCharge(ctx, charge?.id ?? '', { actor: 'user:dewi', reason: 'forgotten <by> us' });
    const text = await rina.page(`/subscriptions/${id}`);
    expect(seen(text)).toMatch(/31 May 2026, 09:00Cycle 4IDR 150,000/);
    expect(rows(/id="coming".*?<\/section>/s.exec(text)?.[0] ?? '').length - 2).toBe(5);
    const happened = rows(/id="happened".*?<\/section>/s.exec(text)?.[0] ?? '').slice(2);
    expect(happened).toHaveLength(10);
    expect(happened.some((row) => /Cycle 3: voided: no longer owed void: forgotten <by> ususer:dewi/.test(row))).toBe(
      true,
    );
    expect(happened.some((row) => row.includes('Cycle 3: attempt 1 was declined'))).toBe(true);
    expect(text).not.toContain('<by>');
  });

  test('shows its methods with their life, and the link of an open session to who may act alone', async () => {
    const id = await world.create('sub-new');
    const dewi = await signedIn(app, ctx, 'dewi', 'product');
    const [session] = await world.ask<{ url: string }>(sql`select payment_link_url as url from onboardings`);
    const href = session?.url ?? 'none';
    expect(links(await dewi.page(`/subscriptions/${id}`)).map((one) => one.href)).toContain(href);
    const hidden = await rina.page(`/subscriptions/${id}`);
    expect(hidden).not.toContain(href);
    expect(seen(hidden)).toContain('open; the link is for product and admin');
    expect(seen(hidden)).toContain('Its customer has not saved a method yet');
    await world.saveMethod(id);
    const saved = await dewi.page(`/subscriptions/${id}`);
    expect(seen(saved)).toMatch(/VISA ···· 1000charged first31 Jan 2026, 09:0031 Dec 2030, by what is printed on it/);
    expect(links(saved).map((one) => one.href)).not.toContain(href);
  });

  test('keeps what the customer answered, with where it is kept', async () => {
    const id = await world.onboard('sub-asked');
    await recordConsent(ctx, id, {
      what: 'extra',
      answer: 'given',
      evidence: 'ticket 77',
      actor: 'api:product:shop',
    });
    expect(seen(await rina.page(`/subscriptions/${id}`))).toContain(
      '31 Jan 2026, 09:00Agreed to charges outside of the planticket 77api:product:shop',
    );
  });

  test('that is over says so, and one that nobody has is told', async () => {
    const id = await world.onboard('sub-gone');
    await cancelSubscription(ctx, id, { at: 'now', actor: 'user:dewi', reason: 'moved <abroad>' });
    const text = await rina.page(`/subscriptions/${id}`);
    expect(seen(text)).toContain('Canceled since 31 Jan 2026, 09:00. It is over. Moved <abroad>.');
    expect(text).not.toContain('<abroad>');
    expect((await rina.get('/subscriptions/019a0000-0000-7000-8000-000000000001')).status).toBe(404);
  });
});

test('a year of daily charges is no heavy page: the newest stand in it, and a link opens all', async () => {
  const id = await world.onboard('sub-daily');
  await world.work();
  await world.ask(sql`insert into charges select (jsonb_populate_record(c, jsonb_build_object('cycle', n,
      'id', overlay(gen_random_uuid()::text placing right(c.id::text, 2) from 35), 'due_at', c.due_at + n * interval '1 day',
      'period_start', c.period_start + n, 'period_end', c.period_start + n))).*
    from charges c, generate_series(1, 333) n where c.subscription_id = ${id}`);
  await world.ask(sql`insert into attempts select (jsonb_populate_record(a, jsonb_build_object('charge_id', c.id,
      'id', overlay(gen_random_uuid()::text placing right(a.id::text, 2) from 35), 'reference_id', 'due_' || c.id || '_1',
      'payment_request_id', 'pr-' || c.id, 'payment_id', 'py-' || c.id, 'sent_at', c.due_at))).*
    from attempts a, charges c where c.subscription_id = ${id} and c.cycle > 0`);
  const text = await rina.page(`/subscriptions/${id}?year=2026`);
  expect(dots(month(text, 'May'), 'dot-ok')).toBe(31);
  expect(text.match(/href="\/charges\/[0-9a-f-]{36}"/g)).toHaveLength(40);
  expect(seen(text)).toContain('334 cycles, none missing');
  expect(Buffer.byteLength(text)).toBeLessThan(60_000);
  const all = links(text).find(({ text: said }) => said === 'all that fell due in 2026')?.href ?? '';
  expect(seen(await rina.page(all))).toContain('1 to 50 of 334');
});

test('who lives in another zone has their times told in it, and the page says in which, and what that is for us', async () => {
  const id = await world.onboard('sub-tokyo');
  await world.ask(sql`update subscriptions set time_zone = 'Asia/Tokyo' where id = ${id}`);
  await world.work();
  const { id: charge } = await world.charge(id);
  for (const path of [`/subscriptions/${id}`, `/charges/${charge}`]) {
    const text = await rina.page(path);
    expect([path, seen(text)]).toEqual([
      path,
      expect.stringMatching(
        /As of 31 Jan 2026, 11:00:\d\d, all times Asia\/Tokyo, .*in Asia\/Jakarta it is 31 Jan 2026, 09:00:\d\d/,
      ),
    ]);
    const offsets = new Set([...text.matchAll(/datetime="[^"]*([+-]\d\d:\d\d)"/g)].map(([, offset]) => offset));
    expect([path, offsets]).toEqual([path, new Set(['+09:00'])]);
  }
  const list = await rina.page('/charges');
  expect(seen(list)).toMatch(/all times Asia\/Jakarta · Look again/);
});
