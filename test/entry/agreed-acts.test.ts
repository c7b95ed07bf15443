import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { askedOn, doneOn, hiddenIn } from '../support/acting.ts';
import { apiOver } from '../support/api.ts';
import { type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* What the product does to a subscription by the API, done by a page: change, methods, lines of the next charge, notices and answers. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
const { app } = await apiOver(ctx);
const REASON = 'the customer asked by phone';
let pia: Reader;
let id: string;

beforeEach(async () => {
  await world.startOver(at);
  id = await world.onboard('sub-one');
  await world.work();
  pia = await signedIn(app, ctx, 'pia', 'product');
});

const page = (verb: string, of = id) => `/subscriptions/${of}/${verb}`;
const entries = async (kind: string) =>
  await world.ask<{ actor: string; why: string }>(sql`select actor, why from ledger where kind = ${kind} order by at`);
const acted = async () =>
  (
    await world.ask<{ kind: string }>(sql`select kind from activity where kind like 'subscriptions/%' order by at, id`)
  ).map(({ kind }) => kind);

describe('a change of the plan', () => {
  test('is previewed with what it costs and the next charges, and made as it was previewed', async () => {
    const shown = await askedOn(pia, page('change'), { plan: 'monthly', quantity: '3', when: 'period_end' });
    expect(shown.status).toBe(200);
    expect(seen(shown.text)).toContain('Next charges without itIDR 150,000 on 28 Feb 2026, 09:00');
    expect(seen(shown.text)).toContain('Next charges with itIDR 450,000 on 28 Feb 2026, 09:00');
    expect(await world.subscription(id)).toMatchObject({ planned_change: null });
    expect((await pia.post(page('change'), { ...hiddenIn(shown.text), reason: REASON })).status).toBe(303);
    expect(await world.subscription(id)).toMatchObject({ quantity: 1, planned_change: { state: 'planned' } });
    expect(await acted()).toEqual(['subscriptions/change']);
    expect(seen(await pia.page(`/subscriptions/${id}`))).toContain('Withdraw the change…');
    expect((await pia.send(page('withdraw-change'), page('withdraw-change'), { reason: REASON })).status).toBe(303);
    expect(await world.subscription(id)).toMatchObject({ planned_change: null });
  });

  test('without its preview, with one of another subscription, or after something moved, changes nothing', async () => {
    const other = await world.onboard('sub-two');
    await world.work();
    const theirs = hiddenIn(
      (await askedOn(pia, page('change', other), { plan: 'monthly', quantity: '3', when: 'now' })).text,
    );
    const mine = hiddenIn((await askedOn(pia, page('change'), { plan: 'monthly', quantity: '2', when: 'now' })).text);
    for (const preview_token of ['', 'forged', theirs.preview_token ?? '']) {
      const { once: _, ...form } = mine;
      const answer = await pia.post(page('change'), { ...form, preview_token, reason: REASON });
      expect([preview_token.slice(0, 6), answer.status]).toEqual([preview_token.slice(0, 6), 409]);
      expect(seen(answer.text)).toContain('It was not previewed: nothing was changed.');
    }
    await doneOn(pia, page('add-item'), { text: 'Extra seat', amount: '10000', quantity: '1' }, REASON);
    const late = await pia.post(page('change'), { ...mine, reason: REASON });
    expect([late.status, seen(late.text)]).toEqual([409, expect.stringContaining('it changed while you decided')]);
    expect(await world.subscription(id)).toMatchObject({ quantity: 1, planned_change: null });
  });

  test('that is none is told at its field', async () => {
    const none = await askedOn(pia, page('change'), { plan: 'monthly', when: 'period_end' });
    expect(none.status).toBe(422);
    const wrong = await askedOn(pia, page('change'), { plan: 'monthly', quantity: 'many', when: 'period_end' });
    expect([wrong.status, seen(wrong.text)]).toEqual([422, expect.stringContaining('How many must be a whole number')]);
    const gone = await askedOn(pia, page('change'), { plan: 'no-such-plan', when: 'period_end' });
    expect(gone.status).toBe(422);
  });
});

describe('lines of the next charge', () => {
  test('are added after their sum was shown, and taken back', async () => {
    const shown = await askedOn(pia, page('add-item'), { text: 'Extra seat in March', amount: '10000', quantity: '3' });
    expect(shown.text).toContain('>Add IDR 30,000 to the next charge</button>');
    expect(shown.text).toContain('Reason, kept in the activity for ever');
    expect(await entries('subscription.item_added')).toEqual([]);
    const fields = { ...hiddenIn(shown.text), reason: REASON };
    const answers = await Promise.all([1, 2, 3].map(() => pia.post(page('add-item'), fields)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await entries('subscription.item_added')).toMatchObject([{ actor: 'user:pia', why: 'Extra seat in March' }]);
    const { text } = await pia.get(page('withdraw-item'));
    const item = /<option value="([0-9a-f-]{36})"[^>]*>Extra seat in March, IDR 30,000</.exec(text)?.[1] ?? '';
    expect((await pia.post(page('withdraw-item'), { ...hiddenIn(text), item, reason: REASON })).status).toBe(303);
    expect(await entries('subscription.item_withdrawn')).toHaveLength(1);
    expect((await pia.get(page('withdraw-item'))).status).toBe(409);
  });

  test('of somebody else are not touched by a forged id', async () => {
    const other = await world.onboard('sub-two');
    await world.work();
    await doneOn(pia, page('add-item', other), { text: 'Theirs', amount: '5000', quantity: '1' }, REASON);
    await doneOn(pia, page('add-item'), { text: 'Ours', amount: '5000', quantity: '1' }, REASON);
    const [theirs] = await world.ask<{ id: string }>(sql`select id from items where subscription_id = ${other}`);
    const forged = await pia.send(page('withdraw-item'), page('withdraw-item'), {
      item: theirs?.id ?? '',
      reason: REASON,
    });
    expect([forged.status, seen(forged.text)]).toEqual([422, expect.stringContaining('has no such line')]);
    expect(await entries('subscription.item_withdrawn')).toEqual([]);
  });

  test.each([
    [{ text: '', amount: '1' }, 'What it says to people'],
    [{ text: 'Seat', amount: '' }, 'The price of one'],
    [{ text: 'Seat', amount: '1,000' }, 'must be a number like 49000'],
    [{ text: 'Seat', amount: '0' }, 'The price of one must be more than 0'],
    [{ text: 'Seat', amount: '999999999999', quantity: '1000000' }, 'How many comes to more than 15 digits'],
  ])('are told what is wrong with them: %j', async (asked, told) => {
    const shown = await askedOn(pia, page('add-item'), { quantity: '1', ...asked });
    expect([shown.status, seen(shown.text)]).toEqual([422, expect.stringContaining(told)]);
  });
});

describe('methods', () => {
  test('a new link is opened, and stands on the page of the subscription; of one that is over none is', async () => {
    expect((await pia.send(page('new-method'), page('new-method'), { reason: REASON })).status).toBe(303);
    expect(await pia.page(`/subscriptions/${id}`)).toContain('Open the page of session 2');
    await pia.send(page('cancel'), page('cancel'), { at: 'now', reason: REASON });
    const over = await pia.get(page('new-method'));
    expect([over.status, over.text.includes('<form method="post"')]).toEqual([409, false]);
  });

  test('the only one is not removed, and one of somebody else is not touched', async () => {
    const other = await world.onboard('sub-two');
    const [theirs] = await world.ask<{ id: string }>(sql`select token_id as id from subscriptions where id = ${other}`);
    const own = await pia.get(page('remove-method'));
    const mine = /<option value="([0-9a-f-]{36})"/.exec(own.text)?.[1] ?? '';
    const only = await pia.send(page('remove-method'), page('remove-method'), { method: mine, reason: REASON });
    expect([only.status, seen(only.text)]).toEqual([409, expect.stringContaining('save another one first')]);
    const forged = await pia.send(page('remove-method'), page('remove-method'), {
      method: theirs?.id ?? '',
      reason: REASON,
    });
    expect([forged.status, seen(forged.text)]).toEqual([422, expect.stringContaining('no such method any more')]);
    expect(await entries('token.removed')).toEqual([]);
  });
});

describe('what a customer was told and answered', () => {
  test('a notice is written down with where it is kept, once', async () => {
    const fields = {
      subject: '1',
      sent_at: '2026-01-30T02:00:00Z',
      channel: 'email',
      evidence: 'mailing 4711',
      reason: REASON,
    };
    expect((await pia.send(page('notice'), page('notice'), fields)).status).toBe(303);
    expect(seen(await pia.page(`/subscriptions/${id}`))).toContain('mailing 4711');
    const again = await pia.send(page('notice'), page('notice'), fields);
    expect([again.status, seen(again.text)]).toEqual([409, expect.stringContaining('recorded already')]);
    const ahead = await pia.send(page('notice'), page('notice'), {
      ...fields,
      subject: '9',
      sent_at: '2027-01-30T02:00:00Z',
    });
    expect([ahead.status, seen(ahead.text)]).toEqual([422, expect.stringContaining('must not lie ahead')]);
    expect(await entries('notice.sent')).toHaveLength(1);
  });

  test('an answer is written down; one to a price that nobody asked about is refused', async () => {
    const fields = { what: 'extra', answer: 'given', evidence: 'checkout 4711', reason: REASON };
    expect((await pia.send(page('consent'), page('consent'), fields)).status).toBe(303);
    expect(await entries('subscription.consent_given')).toHaveLength(1);
    const price = await pia.send(page('consent'), page('consent'), { ...fields, what: 'price' });
    expect([price.status, seen(price.text)]).toEqual([409, expect.stringContaining('asked about no price')]);
  });
});

test('whoever saw a subscription as it no longer is does none of it', async () => {
  const forms: [string, Readonly<Record<string, string>>][] = [];
  for (const verb of ['new-method', 'notice', 'consent'])
    forms.push([verb, hiddenIn((await pia.get(page(verb))).text)]);
  await doneOn(pia, page('add-item'), { text: 'Extra seat', amount: '10000', quantity: '1' }, REASON);
  const fields = {
    what: 'extra',
    answer: 'given',
    evidence: 'checkout 4711',
    subject: '1',
    sent_at: at,
    channel: 'email',
  };
  for (const [verb, form] of forms) {
    const { status } = await pia.post(page(verb), { ...form, ...fields, reason: REASON });
    expect([verb, status]).toEqual([verb, 409]);
  }
  expect([...(await entries('notice.sent')), ...(await entries('subscription.consent_given'))]).toEqual([]);
});
