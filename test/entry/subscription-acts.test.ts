import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { addUser } from '../../src/flows/access/users.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { testWorld } from '../support/world.ts';

/* What people do to a subscription by a page. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
const { app } = await apiOver(ctx);
const REASON = 'the customer asked by phone';
let pia: Visitor;
let id: string;

async function person(name: string, role: 'admin' | 'product' | 'finance'): Promise<Visitor> {
  const added = await addUser(ctx, { name, role, replace: false, actor: 'cli:test' });
  const visitor = visitorOf(app);
  await visitor.send('/sign-in', '/sign-in', { name, password: added.kind === 'taken' ? '' : added.password });
  return visitor;
}

beforeEach(async () => {
  await world.startOver(at);
  id = await world.onboard('sub-one');
  await world.work();
  pia = await person('pia', 'product');
});

const read = (page: string) =>
  page
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');
const page = (verb: string) => `/subscriptions/${id}/${verb}`;
const send = (verb: string, fields: Record<string, string> = {}) =>
  pia.send(page(verb), page(verb), { reason: REASON, ...fields });
const acts = (text: string) =>
  [...text.matchAll(/<a class="btn" href="\/subscriptions\/[^/"]*\/([\w-]+)/g)].map(([, verb]) => verb);
const entry = async (kind: string) =>
  (await world.ask<{ actor: string; why: string | null }>(sql`select actor, why from ledger where kind = ${kind}`))[0];

/** Of one that runs over one method, with nothing planned. */
const ALWAYS = ['change', 'new-method', 'remove-method', 'add-item', 'notice', 'consent'];

test('its page offers what state and role allow, and no more', async () => {
  expect(acts((await pia.get(`/subscriptions/${id}`)).text)).toEqual(['pause', 'cancel', 'grace', ...ALWAYS]);
  const rina = await person('rina', 'finance');
  expect(acts((await rina.get(`/subscriptions/${id}`)).text)).toEqual([]);
  expect((await rina.get(page('cancel'))).status).toBe(403);
  await send('cancel', { at: 'period_end' });
  expect(acts((await pia.get(`/subscriptions/${id}`)).text)).toEqual(['pause', 'cancel', 'keep', 'grace', ...ALWAYS]);
});

test('to cancel says what is void and until when, does it as chosen, and can be taken back', async () => {
  const { text } = await pia.get(page('cancel'));
  expect(text).toContain('<h1>Cancel sub-one?</h1>');
  expect(read(text)).toContain('on 28 Feb 2026, it is billed no further; until then this can be taken back.');
  expect(read(text)).toContain('Nothing of it is due, next cycle 28 Feb 2026, 09:00');
  expect(await send('cancel', { at: 'period_end' })).toMatchObject({ status: 303, location: `/subscriptions/${id}` });
  expect(await world.subscription(id)).toMatchObject({ status: 'active', cancel_at: '2026-02-28T02:00:00Z' });
  expect(await entry('subscription.cancel_requested')).toMatchObject({ actor: 'user:pia', why: REASON });
  expect(read((await pia.get(`/subscriptions/${id}`)).text)).toContain(
    `Cancellation written down: sub-one. Its page says from when on.`,
  );
  await send('keep');
  expect(await world.subscription(id)).toMatchObject({ cancel_at: null });
  expect(await entry('subscription.cancel_withdrawn')).toMatchObject({
    actor: 'user:pia',
    why: expect.stringContaining(REASON),
  });
  await send('cancel', { at: 'now' });
  expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  expect((await pia.get(page('cancel'))).status).toBe(409);
});

test('to pause and to resume carry the reason into the ledger, and a wrong day is told at its field', async () => {
  const wrong = await send('pause', { at: 'now', until: '31/03/2026', cycles: 'skip', on_resume: 'charge' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain('<a href="#until">Day on which it goes on must be a date like 2026-01-31</a>');
  expect(wrong.text).toContain('value="31/03/2026"');
  expect(wrong.text).toMatch(/<option value="now" selected>/);
  const past = await send('pause', { at: 'now', until: '2026-01-30', cycles: 'skip', on_resume: 'charge' });
  expect([past.status, read(past.text)]).toEqual([422, expect.stringContaining('must lie after 2026-01-31')]);
  expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  await send('pause', { at: 'now', until: '2026-03-05', cycles: 'skip', on_resume: 'charge' });
  expect(await world.subscription(id)).toMatchObject({ status: 'paused', resumes_on: '2026-03-05' });
  expect(await entry('subscription.paused')).toMatchObject({ actor: 'user:pia', why: REASON });
  expect(acts((await pia.get(`/subscriptions/${id}`)).text)).toEqual(['resume', 'cancel', 'grace', ...ALWAYS.slice(1)]);
  await send('resume', { on_resume: 'charge' });
  expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  expect(await entry('subscription.resumed')).toMatchObject({ actor: 'user:pia', why: REASON });
});

test('to let somebody in needs a day, and is told with its reason', async () => {
  const none = await send('grace');
  expect([none.status, none.text]).toEqual([
    422,
    expect.stringContaining('The last day must be a date like 2026-01-31'),
  ]);
  await send('grace', { until: '2026-02-15' });
  expect(await entry('subscription.grace_granted')).toMatchObject({
    actor: 'user:pia',
    why: expect.stringContaining(REASON),
  });
});

test('what moved meanwhile is left alone', async () => {
  const { text } = await pia.get(page('cancel'));
  world.moveTo('2026-02-28T03:00:00Z');
  await world.work();
  await world.above(`update sessions set seen_at = now()`);
  const hidden = Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const moved = await pia.post(page('cancel'), { ...hidden, at: 'now', reason: REASON });
  expect([moved.status, read(moved.text)]).toEqual([
    409,
    expect.stringContaining('Nothing was done: it changed while you decided.'),
  ]);
  expect(await world.subscription(id)).toMatchObject({ status: 'active' });
});
