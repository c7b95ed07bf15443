import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { addUser } from '../../src/flows/access/users.ts';
import { holdCharge, voidCharge, writeOffCharge } from '../../src/flows/charges/change-charge.ts';
import type { Sql } from '../../src/infra/database/sql.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* Several charges at once: what all of them allow, what would happen to each, and what came of each. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
/** What comes between a page and the database. */
let wreck: ((statement: string, params: readonly unknown[]) => Promise<void>) | null = null;
const run: typeof ctx.db.run = async (query) => {
  const { text, params } = (query as Sql).statement();
  await wreck?.(text, params);
  return await ctx.db.run(query);
};
const { app } = await apiOver({ ...ctx, db: { ...ctx.db, run } });
const REASON = 'the whole branch has closed';
const DECIDE = '/queue/decide';
let rina: Visitor;
let password: string;
let held: string;
let due: string;
let paid: string;

async function person(name: string, role: 'admin' | 'product' | 'finance'): Promise<Visitor> {
  const added = await addUser(ctx, { name, role, replace: false, actor: 'cli:test' });
  password = added.kind === 'taken' ? '' : added.password;
  const visitor = visitorOf(app);
  await visitor.send('/sign-in', '/sign-in', { name, password });
  return visitor;
}

async function chargeOf(name: string, isPoor: boolean): Promise<string> {
  if (isPoor) gateway.script(declined('INSUFFICIENT_BALANCE'));
  const subscription = await world.onboard(name);
  await world.work();
  return (await world.charge(subscription)).id;
}

beforeEach(async () => {
  wreck = null;
  await world.startOver(at);
  held = await chargeOf('sub-held', true);
  await holdCharge(ctx, held, { actor: 'user:dewi', reason: null });
  due = await chargeOf('sub-due', true);
  paid = await chargeOf('sub-paid', false);
  rina = await person('rina', 'finance');
});

const read = (page: string) => page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
const choice = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [`charge-${id}`, 'yes']));
const hidden = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
const statuses = async () =>
  Object.fromEntries(
    (await world.ask<{ id: string; status: string }>(sql`select id, status from charges`)).map(({ id, status }) => [
      id,
      status,
    ]),
  );
const asked = async (verb: string, ...ids: readonly string[]) =>
  await rina.send('/account', DECIDE, { ...choice(...ids), verb });
const confirm = async (text: string, reason = REASON) => await rina.post(DECIDE, { ...hidden(text), reason });

describe('several charges', () => {
  test('are shown with what all of them allow first, and what only some do with how many', async () => {
    const { status, text } = await rina.send('/account', DECIDE, choice(held, due, paid));
    expect(status).toBe(200);
    expect(text).toContain('<h1>Decide about 3 charges</h1>');
    const offered = [...text.matchAll(/<button class="btn" name="verb" value="([^"]*)">([^<]*)</g)];
    expect(offered.map(([, verb, words]) => [verb, words])).toEqual([
      ['void', 'Void 2 of 3…'],
      ['write-off', 'Write off 2 of 3…'],
      ['forgive', 'Forgive 2 of 3…'],
      ['release', 'Release 1 of 3…'],
      ['retry', 'Try 1 of 3 at once…'],
      ['hold', 'Hold 1 of 3…'],
    ]);
    const both = await rina.send('/account', DECIDE, choice(held, due));
    expect(both.text).toContain('Void all 2…');
    expect(await statuses()).toMatchObject({ [held]: 'held', [due]: 'due', [paid]: 'paid' });
  });

  test('that do not allow it are set apart with why, and the others are done, each with its result', async () => {
    const { text } = await asked('void', held, due, paid);
    expect(text).toContain('<h1>Void 2 charges?</h1>');
    expect(read(text)).toContain('Left as it is: 1 charge');
    expect(read(text)).toMatch(
      /sub-paid, cycle 0 Paid The charge is paid; only one that is due, held or uncollectible/,
    );
    const sent = await confirm(text);
    expect(sent).toMatchObject({ status: 303, location: expect.stringMatching(/^\/queue\/decided\/[0-9a-f-]{36}$/) });
    expect(await statuses()).toMatchObject({ [held]: 'void', [due]: 'void', [paid]: 'paid' });
    const results = await rina.get(sent.location ?? '');
    expect(read(results.text)).toContain('Voided: 2 of 3 charges.');
    expect(read(results.text)).toMatch(/sub-held, cycle 0 IDR 150,000 Done It is no longer owed\./);
    expect(read(results.text)).toMatch(
      /sub-paid, cycle 0 IDR 150,000 Not done The charge is paid; only one that is due/,
    );
    expect(read(results.text)).toContain(`Reason: “${REASON}”.`);
    const acts = await world.ask<{ actor: string; kind: string; about: string; reason: string }>(
      sql`select actor, kind, about, reason from activity where kind like '%/%' order by about`,
    );
    expect(acts).toEqual(
      [due, held]
        .toSorted()
        .map((id) => ({ actor: 'user:rina', kind: 'charges/void', about: `/charges/${id}`, reason: REASON })),
    );
  });

  test('a second time change nothing, and show the results of the first', async () => {
    const fields = { ...hidden((await asked('void', held, due)).text), reason: REASON };
    const answers = await Promise.all(Array.from({ length: 5 }, () => rina.post(DECIDE, fields)));
    expect(new Set(answers.map(({ status, location }) => `${status} ${location}`)).size).toBe(1);
    const [n] = await world.ask<{ n: number }>(sql`select count(*)::int as n from ledger where kind = 'charge.voided'`);
    expect(n?.n).toBe(2);
  });

  test('of which one moved meanwhile: nothing is done to that one, and its row says what happened', async () => {
    const { text } = await asked('void', held, due);
    await voidCharge(ctx, held, { actor: 'user:dewi', reason: 'the customer paid in the shop' });
    const results = await rina.get((await confirm(text)).location ?? '');
    expect(read(results.text)).toContain('Voided: 1 of 2 charges.');
    expect(read(results.text)).toMatch(
      /sub-held, cycle 0 IDR 150,000 Not done It changed while you decided, and was left as it is: Voided: no longer owed, by user:dewi/,
    );
    expect(read(results.text)).toMatch(/sub-due, cycle 0 IDR 150,000 Done/);
  });

  describe('of one subscription', () => {
    let first = '';
    let second = '';
    beforeEach(async () => {
      world.moveTo('2026-03-01T02:00:00Z');
      for (let n = 0; n < 4; n += 1) gateway.script(declined('INSUFFICIENT_BALANCE'));
      await world.work();
      await world.above(`update sessions set seen_at = now()`);
      const of = await world.ask<{ id: string }>(
        sql`select c.id from charges c join subscriptions s on s.id = c.subscription_id where s.reference_id = 'sub-due'
          order by c.cycle`,
      );
      [first = '', second = ''] = of.map(({ id }) => id);
      expect(of).toHaveLength(2);
    });

    test('are all done: what the run did to one is no news to it', async () => {
      const results = await rina.get((await confirm((await asked('void', first, second)).text)).location ?? '');
      expect(read(results.text)).toContain('Voided: 2 of 2 charges.');
    });

    test('are left where the same person did something to it meanwhile on another page', async () => {
      const { text } = await asked('void', first, second);
      await rina.send(`/charges/${first}/write-off`, `/charges/${first}/write-off`, { reason: REASON });
      const results = await rina.get((await confirm(text)).location ?? '');
      expect(read(results.text)).toContain('Voided: 0 of 2 charges.');
      expect(await statuses()).toMatchObject({ [first]: 'uncollectible', [second]: 'due' });
    });

    test('are left from the moment at which another moves it between two of them', async () => {
      const { text } = await asked('void', first, second);
      wreck = async (statement, params) => {
        if (!statement.includes('insert into activity')) return;
        wreck = null;
        const other = params.includes(`/charges/${first}`) ? second : first;
        await writeOffCharge(ctx, other, { actor: 'user:rina', reason: 'by a key of hers' });
      };
      const results = await rina.get((await confirm(text)).location ?? '');
      expect(read(results.text)).toContain('Voided: 1 of 2 charges.');
      expect(await statuses()).toSatisfy((all: Record<string, string>) => {
        return new Set([all[first], all[second]]).symmetricDifference(new Set(['uncollectible', 'void'])).size === 0;
      });
    });
  });

  test('of which one cannot be done by a fault of ours: the others are, and all have their result', async () => {
    const { text } = await asked('void', held, due);
    wreck = async (statement, params) => {
      if (statement.includes('insert into ledger') && params.some((one) => String(one).includes(held)))
        throw new Error('the disk is full');
    };
    const sent = await confirm(text);
    expect(sent.status).toBe(303);
    const results = read((await rina.get(sent.location ?? '')).text);
    expect(results).toContain('Voided: 1 of 2 charges.');
    expect(results).toMatch(/sub-held, cycle 0 IDR 150,000 Not done A fault of ours, which was logged\./);
    expect(await statuses()).toMatchObject({ [held]: 'held', [due]: 'void' });
    expect(world.logged.filter(({ event }) => event === 'one of many was not decided')).toHaveLength(1);
  });

  test('that are done are told as done where their line in the activity cannot be written', async () => {
    const { text } = await asked('void', held, due);
    wreck = async (statement) => {
      if (statement.includes('insert into activity')) throw new Error('the disk is full');
    };
    const results = await rina.get((await confirm(text)).location ?? '');
    expect(read(results.text)).toContain('Voided: 2 of 2 charges.');
    expect(world.logged.filter(({ event }) => event === 'an act is missing in the activity')).toHaveLength(2);
  });

  test('need a reason, at its field, with the choice still there', async () => {
    const { text } = await asked('void', held, due);
    const short = await confirm(text, 'mended');
    expect(short.status).toBe(422);
    expect(short.text).toContain('<a href="#reason">Write why, in 10 letters or more</a>');
    expect(short.text).toContain('mended</textarea>');
    expect(await statuses()).toMatchObject({ [held]: 'held', [due]: 'due' });
    expect((await confirm(short.text)).status).toBe(303);
    expect(await statuses()).toMatchObject({ [held]: 'void', [due]: 'void' });
  });

  test('are none, or too many: the page says so', async () => {
    expect(read((await rina.send('/account', DECIDE, {})).text)).toContain('No charge was chosen');
    const ids = Array.from({ length: 501 }, (_, n) => `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}`);
    const many = await rina.send('/account', DECIDE, choice(...ids));
    expect([many.status, read(many.text)]).toEqual([422, expect.stringContaining('At most 500 charges')]);
  });

  test('are decided about by who may: others are offered less, and refused the rest', async () => {
    const pia = await person('pia', 'product');
    const { text } = await pia.send('/account', DECIDE, choice(held, due));
    expect([...text.matchAll(/name="verb" value="([^"]*)"/g)].map(([, verb]) => verb)).toEqual(['retry']);
    for (const more of [{}, { confirmed: 'yes', reason: REASON, [`seen-${due}`]: '5' }]) {
      const refused = await pia.send('/account', DECIDE, { ...choice(due), verb: 'void', ...more });
      expect([refused.status, read(refused.text)]).toEqual([
        403,
        expect.stringContaining('It is for admin or finance'),
      ]);
    }
    expect(await statuses()).toMatchObject({ [held]: 'held', [due]: 'due' });
    const own = (await confirm((await asked('void', held)).text)).location ?? '';
    expect((await pia.get(own)).status).toBe(404);
  });

  test('whose form comes when the session is over are asked about again, as they were chosen and typed', async () => {
    const { text } = await asked('void', held, due);
    await person('dewi', 'finance');
    await world.above(`update sessions set ended_at = now(), ended_why = 'sign_out'`);
    const over = await confirm(text);
    expect(over).toMatchObject({ status: 303, location: expect.stringContaining('/sign-in?to=%2Fqueue%2Fdecide') });
    await rina.send(over.location ?? '', '/sign-in', { name: 'dewi', password });
    const again = await rina.get(DECIDE);
    expect(again.text).toContain('<h1>Void 2 charges?</h1>');
    expect(again.text).toContain(`${REASON}</textarea>`);
    expect(await statuses()).toMatchObject({ [held]: 'held', [due]: 'due' });
  });

  test('that are too many to be kept while their sender signs in are lost, and the page says so', async () => {
    const { text } = await asked('void', held, due);
    await person('dewi', 'finance');
    await world.above(`update sessions set ended_at = now(), ended_why = 'sign_out'`);
    const ids = Array.from({ length: 100 }, (_, n) => `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}`);
    const over = await rina.post(DECIDE, { ...hidden(text), ...choice(...ids), reason: REASON });
    await rina.send(over.location ?? '', '/sign-in', { name: 'dewi', password });
    const again = await rina.get(DECIDE);
    expect([again.status, read(again.text)]).toEqual([
      422,
      expect.stringMatching(/what you chose is lost: .* Choose again\. You wrote: “the whole branch has closed”\./),
    ]);
    expect(await statuses()).toMatchObject({ [held]: 'held', [due]: 'due' });
  });
});
