import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { beginCall } from '../../src/flows/access/keyed-call.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { holdCharge } from '../../src/flows/charges/change-charge.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* What people do to charges by a page: three steps, a reason, once, and only to what they saw. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
const REASON = 'the customer moved abroad';
let rina: Visitor;
let subscription: string;
let charge: string;
let password: string;

async function person(name: string, role: 'admin' | 'product' | 'finance'): Promise<Visitor> {
  const added = await addUser(ctx, { name, role, replace: false, actor: 'cli:test' });
  password = added.kind === 'taken' ? '' : added.password;
  const visitor = visitorOf(app);
  await visitor.send('/sign-in', '/sign-in', { name, password });
  return visitor;
}

beforeEach(async () => {
  await world.startOver(at);
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  subscription = await world.onboard('sub-poor');
  await world.work();
  ({ id: charge } = await world.charge(subscription));
  rina = await person('rina', 'finance');
});

const read = (page: string) => page.replaceAll(/<[^>]*>/g, '').replaceAll('&#39;', "'");
const status = async () => (await world.charge(subscription)).status;
const acted = () =>
  world.ask<{ actor: string; kind: string; about: string; reason: string }>(
    sql`select actor, kind, about, reason from activity where kind like '%/%' order by at, id`,
  );
const buttons = (text: string) =>
  [...text.matchAll(/<a class="btn" href="([^"]*)">([^<]*)…/g)].map(([, , word]) => word);
const hidden = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
const page = (verb = 'void') => `/charges/${charge}/${verb}`;

describe('the page of an act', () => {
  test('shows what would happen to what, the money and what holds, and changes nothing', async () => {
    const { status: code, text } = await rina.get(page());
    expect(code).toBe(200);
    expect(text).toContain('<h1>Void IDR 150,000?</h1>');
    expect(read(text)).toContain('It is no longer owed, and nothing of it is attempted.');
    expect(read(text)).toMatch(/sub-poor, cycle 0\s*IDR 150,000\s*In dunning\s*Void\s*Retries 1 of 4, mandate until/);
    expect(text).toContain('>Void IDR 150,000</button>');
    expect(text).toContain(`<a class="btn" href="/charges/${charge}">Go back, change nothing</a>`);
    expect(text).not.toMatch(/<button[^>]*autofocus/);
    expect(await status()).toBe('due');
    expect(await acted()).toEqual([]);
  });

  test('is offered by a charge as its state and the role of who looks allow, and by no other', async () => {
    expect(buttons((await rina.get(`/charges/${charge}`)).text)).toEqual([
      'Try at once',
      'Hold',
      'Void',
      'Write off',
      'Forgive',
      'Mark as paid',
    ]);
    expect(buttons((await (await person('pia', 'product')).get(`/charges/${charge}`)).text)).toEqual(['Try at once']);
    await holdCharge(ctx, charge, { actor: 'cli:test', reason: null });
    expect(buttons((await rina.get(`/charges/${charge}`)).text)).toEqual([
      'Release',
      'Void',
      'Write off',
      'Forgive',
      'Mark as paid',
    ]);
    const hold = await rina.get(page('hold'));
    expect([hold.status, read(hold.text)]).toEqual([
      409,
      expect.stringContaining('The charge is held; only one that is due can be held.'),
    ]);
    expect(hold.text).not.toContain('<form method="post"');
  });

  test('is closed to who may not, who is told who may; and there is none for what nobody has', async () => {
    const pia = await person('pia', 'product');
    for (const answer of [await pia.get(page()), await pia.send('/account', page(), { reason: REASON })]) {
      expect(answer.status).toBe(403);
      expect(read(answer.text)).toContain('It is for admin or finance. You are signed in as pia, product.');
    }
    expect(await status()).toBe('due');
    expect((await rina.get('/charges/019a0000-0000-7000-8000-000000000001/void')).status).toBe(404);
    expect((await rina.get('/charges/nothing/void')).status).toBe(404);
  });
});

describe('a form that is sent', () => {
  test('marks a charge as paid, with the day and the evidence that it asks for', async () => {
    const without = await rina.send(page('pay'), page('pay'), { reason: REASON, received_on: '2026-01-31' });
    expect([without.status, await status()]).toEqual([422, 'due']);
    const slip = { received_on: '2026-01-31', evidence: 'statement 1, line 17' };
    const sent = await rina.send(page('pay'), page('pay'), { reason: REASON, ...slip });
    expect([sent.status, await status()]).toEqual([303, 'paid']);
    const entries = await world.ask(
      sql`select kind, actor, money::int as money from ledger where kind in ('payment.received', 'charge.paid')`,
    );
    expect(entries).toEqual([
      { kind: 'payment.received', actor: 'user:rina', money: 0 },
      { kind: 'charge.paid', actor: 'user:rina', money: 150_000 },
    ]);
  });

  test('does it, tells it with its reason and entry where its sender came from, once, and is in the ledger and the activity', async () => {
    const sent = await rina.send(`${page()}?from=/charges?status=due`, page(), { reason: ` ${REASON} ` });
    expect(sent).toMatchObject({ status: 303, location: '/charges?status=due' });
    expect(await status()).toBe('void');
    // What only leads on, or is none of these pages, tells nothing.
    expect((await rina.get('/find?q=sub-poor')).status).toBe(303);
    expect((await rina.get('/charges/none')).status).toBe(404);
    const shown = await rina.get('/charges');
    expect(read(shown.text)).toContain('Voided: sub-poor, cycle 0, IDR 150,000. It is no longer owed.');
    expect(read(shown.text)).toContain(`Reason: “${REASON}”.`);
    const [entry] = await world.ask<{ seq: number; actor: string; why: string }>(
      sql`select seq, actor, why from ledger where kind = 'charge.voided'`,
    );
    expect(entry).toMatchObject({ actor: 'user:rina', why: `void: ${REASON}` });
    expect(read(shown.text)).toContain(`It is entry ${entry?.seq} of sub-poor in the charge log.`);
    expect(read((await rina.get('/charges')).text)).not.toContain('Voided:');
    expect(await acted()).toEqual([
      { actor: 'user:rina', kind: 'charges/void', about: `/charges/${charge}`, reason: REASON },
    ]);
  });

  test('of a reference with a comma tells the whole of it', async () => {
    await world.above(`update subscriptions set reference_id = 'shop, 12'`);
    await rina.send(page('hold'), page('hold'), { reason: REASON });
    expect(read((await rina.get(`/charges/${charge}`)).text)).toMatch(
      /It is entry \d+ of shop, 12 in the charge log\./,
    );
  });

  test('while it is at work comes back as it was: it is the same form, and good for nothing newer', async () => {
    const { once = '', ...fields } = hidden((await rina.get(page())).text);
    await beginCall(ctx, 'user:rina', once, page());
    await holdCharge(ctx, charge, { actor: 'user:dewi', reason: 'she was first to see it' });
    // Its sender waits for it no longer.
    let ms = 0;
    const late = visitorOf((await apiOver({ ...ctx, monotonic: () => (ms += 10_000) })).app);
    for (const [name, value] of rina.cookies) late.cookies.set(name, value);
    const again = await late.post(page(), { ...fields, once, reason: REASON });
    expect(again.status).toBe(503);
    const seen = `seen-${charge}`;
    expect(hidden(again.text)).toMatchObject({ once, [seen]: fields[seen] });
    expect(await status()).toBe('held');
  });

  test.each([
    ['', 'Write why, in 10 letters or more'],
    ['mended', 'Write why, in 10 letters or more'],
    ['        .        ', 'Write why, in 10 letters or more'],
    ['rung the bell \u0007 at Xendit', 'The reason must not contain control characters'],
    ['moved\0 abroad last year', 'The reason must not contain NUL'],
    ['said \u202Ethe other way round', 'The reason must not contain characters that turn the direction of writing'],
  ])('without a good reason is refused at the field, with what was typed still there: %j', async (reason, told) => {
    const { status: code, text } = await rina.send(page(), page(), { reason });
    expect(code).toBe(422);
    expect(text).toContain('<title>Problem: void IDR 150,000');
    expect(text).toMatch(/<div class="note bad" role="alert" tabindex="-1" autofocus>/);
    expect(text).toContain(`<a href="#reason">${told}</a>`);
    expect(text).toMatch(/<textarea id="reason"[^>]* aria-invalid="true" aria-describedby="reason-error">/);
    expect(text).toContain(`<p class="error" id="reason-error">${told}</p>`);
    expect(text).toContain(`${reason.replaceAll('\0', '\0')}</textarea>`);
    expect(await status()).toBe('due');
    expect(await acted()).toEqual([]);
  });

  test('may break its lines: the reason is one line', async () => {
    await rina.send(page(), page(), { reason: 'moved abroad,\r\n  says her brother' });
    expect(await acted()).toMatchObject([{ reason: 'moved abroad, says her brother' }]);
  });

  test('a second time changes nothing, and shows the result of the first', async () => {
    const fields = { ...hidden((await rina.get(page('hold'))).text), reason: REASON };
    expect((await rina.post(page('hold'), fields)).status).toBe(303);
    const before = await world.told(subscription);
    await rina.get('/charges');
    const again = await rina.post(page('hold'), { ...fields, reason: 'another reason altogether' });
    expect(again).toMatchObject({ status: 303, location: `/charges/${charge}` });
    expect(read((await rina.get(`/charges/${charge}`)).text)).toContain(`Held: sub-poor, cycle 0, IDR 150,000.`);
    expect(await world.told(subscription)).toEqual(before);
    expect(await acted()).toHaveLength(1);
  });

  test('twenty times at once is done once', async () => {
    const fields = { ...hidden((await rina.get(page('retry'))).text), reason: REASON };
    const answers = await Promise.all(Array.from({ length: 20 }, () => rina.post(page('retry'), fields)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 303));
    expect((await world.told(subscription)).filter((kind) => kind === 'charge.released')).toHaveLength(1);
    expect(await acted()).toHaveLength(1);
  });

  test('from another site, or without its token, does nothing', async () => {
    const fields = { ...hidden((await rina.get(page())).text), reason: REASON };
    const { status: code, text } = await rina.post(page(), { ...fields, _csrf: 'x' } as Record<string, string>);
    expect([code, read(text)]).toEqual([403, expect.stringContaining('Nothing was done')]);
    expect(await status()).toBe('due');
  });
});

describe('what moved between the page and its form', () => {
  test('is not touched, and the page says what happened meanwhile; sent anew, it is done', async () => {
    const fields = { ...hidden((await rina.get(page('hold'))).text), reason: REASON };
    world.moveTo('2026-02-02T02:00:00Z');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const moved = await rina.post(page('hold'), fields);
    expect(moved.status).toBe(409);
    expect(read(moved.text)).toContain('Nothing was done: it changed while you decided.');
    expect(read(moved.text)).toContain('sub-poor, cycle 0 is in dunning now.');
    expect(read(moved.text)).toMatch(/Attempt sent, by dueday/);
    expect(moved.text).toContain(`${REASON}</textarea>`);
    expect(await status()).toBe('due');
    expect(await acted()).toEqual([]);
    const anew = await rina.post(page('hold'), { ...hidden(moved.text), reason: REASON });
    expect(anew.status).toBe(303);
    expect(await status()).toBe('held');
  });

  test('that is paid meanwhile is told as paid, without a form', async () => {
    const fields = { ...hidden((await rina.get(page())).text), reason: REASON };
    world.moveTo('2026-02-02T02:00:00Z');
    await world.work();
    expect(await status()).toBe('paid');
    const moved = await rina.post(page(), fields);
    expect(moved.status).toBe(409);
    expect(read(moved.text)).toContain('sub-poor, cycle 0 is paid now.');
    expect(moved.text).not.toContain('<form method="post"');
    expect(await status()).toBe('paid');
  });

  test('even between the look of the form and its writing is not touched', async () => {
    const fields = { ...hidden((await rina.get(page())).text), reason: REASON };
    // Whoever is faster does it after this form has been looked at, and before it is written.
    let faster = true;
    const hasty = await apiOver({
      ...ctx,
      clock: {
        ...ctx.clock,
        now: async () => {
          const now = await ctx.clock.now();
          if (faster && (await beganCalls()) > 0) {
            faster = false;
            await holdCharge(ctx, charge, { actor: 'user:dewi', reason: 'the customer disputes it' });
          }
          return now;
        },
      },
    });
    const visitor = visitorOf(hasty.app);
    for (const [name, value] of rina.cookies) visitor.cookies.set(name, value);
    const moved = await visitor.post(page(), fields);
    expect(faster).toBe(false);
    expect(moved.status).toBe(409);
    expect(read(moved.text)).toContain('Held for a person, by user:dewi');
    expect(await status()).toBe('held');
    expect(await acted()).toEqual([]);
  });
});

const beganCalls = async () =>
  (await world.ask<{ n: number }>(sql`select count(*)::int as n from idempotency_keys`))[0]?.n ?? 0;

test('a form that is sent when the session is over is not lost: after sign-in it stands there as it was typed', async () => {
  const fields = { ...hidden((await rina.get(`${page()}?from=/queue`)).text), reason: REASON };
  await world.above(`update sessions set seen_at = seen_at - interval '3 hours'`);
  const over = await rina.post(page(), fields);
  expect(over).toMatchObject({ status: 303, location: `/sign-in?${new URLSearchParams({ to: page() }).toString()}` });
  expect(await status()).toBe('due');
  const back = await rina.send(over.location ?? '', '/sign-in', { name: 'rina', password });
  expect(back).toMatchObject({ status: 303, location: page() });
  const { text } = await rina.get(page());
  expect(text).toContain(`${REASON}</textarea>`);
  expect(text).toContain('<a class="btn" href="/queue">Go back, change nothing</a>');
  expect(await status()).toBe('due');
  expect((await rina.post(page(), { ...hidden(text), reason: REASON })).status).toBe(303);
  expect(await status()).toBe('void');
  expect((await rina.get(page('hold'))).text).not.toContain(`${REASON}</textarea>`);
});

test('whoever releases what has no outcome vouches that they looked', async () => {
  const asked = await rina.get(page('release'));
  expect(asked.status).toBe(409);
  gateway.script(unknown());
  gateway.finds(`due_${subscription}_0_2`, { kind: 'unanswered', detail: 'cut' });
  await world.liveUntil('2026-02-04T02:00:00Z');
  expect(await status()).toBe('held');
  await world.above(`update sessions set seen_at = now()`);
  const { text } = await rina.get(page('release'));
  expect(text).toContain('<input type="checkbox" id="vouched" name="vouched" value="yes">');
  const unticked = await rina.send(page('release'), page('release'), { reason: REASON });
  expect([unticked.status, read(unticked.text)]).toEqual([422, expect.stringContaining('Look at Xendit first')]);
  const ticked = await rina.send(page('release'), page('release'), { reason: REASON, vouched: 'yes' });
  expect(ticked.status).toBe(303);
  expect(await status()).toBe('due');
});
