import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { chargeStory } from '../../src/entry/cli/charge-story.ts';
import { shownSubscription } from '../../src/entry/cli/shown-subscription.ts';
import {
  forgiveCharge,
  holdCharge,
  releaseCharge,
  retryCharge,
  voidCharge,
  writeOffCharge,
} from '../../src/flows/charges/change-charge.ts';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { reviveMethod } from '../../src/flows/methods/revive-method.ts';
import { offerSession } from '../../src/flows/paying/offer-session.ts';
import { behindLink, openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payPage } from '../../src/flows/paying/pay-page.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/cancel-subscription.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { changePreviewView, listChanges } from '../../src/flows/views/change-view.ts';
import type { SubscriptionView } from '../../src/flows/views/subscription-view.ts';
import { breaches, invariants } from '../../src/infra/tables/books/invariants.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/** Max is paid on a page before it applies, Team over the saved method. */
const catalog = readFileSync(new URL('../fixtures/changed-plans.yaml', import.meta.url), 'utf8')
  .replace('name: Max', 'name: Max\n    changes: pay_link')
  .replace('name: Team', 'name: Team\n    changes: unscheduled')
  .replace('then: cancel', 'then: pause')
  .concat('coupons:\n  HALF: { percent: 50, cycles: 2, max_uses: 1 }\n');
const START = '2026-09-01T02:00:00Z';
const LATER = '2026-09-11T02:00:00Z';
/** Twenty of thirty days of the difference between 150,000 and 300,000, and 600,000. */
const [TO_MAX, TO_TEAM] = [100_000, 300_000];
const world = await testWorld({ at: START, catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

async function ask(id: string, body: ChangeBody) {
  const changed = await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
  if (changed.kind !== 'changed') throw new Error(JSON.stringify(changed));
  return changed;
}

/** A subscription of Pro that was paid ten days ago. */
async function running(reference = 'order-1', saveFor?: 'MERCHANT_UNSCHEDULED'): Promise<string> {
  const id = await world.onboard(reference, 'pro', saveFor === undefined ? {} : { saveFor });
  await world.work();
  world.moveTo(LATER);
  return id;
}

async function agreeing(): Promise<string> {
  const id = await running('order-1', 'MERCHANT_UNSCHEDULED');
  await recordConsent(ctx, id, { what: 'extra', answer: 'given', evidence: 'ticket 7', actor: 'siti' });
  return id;
}

/** The charge that pays for the change. */
const extra = async (id: string, number = 1) => {
  const found = (await world.charges(id))
    .filter(({ kind }) => kind === 'extra')
    .toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1));
  const charge = found[number - 1];
  if (charge === undefined) throw new Error(`There is no extra charge ${number}.`);
  return charge;
};

const changes = async (id: string) =>
  ((await listChanges(ctx, id, null, 50))?.data ?? []).map(({ number, state, why }) => [number, state, why ?? null]);

async function linkTo(chargeId: string, linkMinutes: number | null = null): Promise<string> {
  const link = await openPayLink(ctx, chargeId, { linkMinutes, saves: 'DISABLED', actor: 'siti' });
  if (!('url' in link)) throw new Error(JSON.stringify(link));
  return link.url.split('/pay/')[1] ?? '';
}

async function press(token: string): Promise<string> {
  const led = await payThrough(ctx, token);
  if (led.kind !== 'open') throw new Error(JSON.stringify(led));
  return led.session.sessionId;
}

/** What a change that is not paid must leave as it was. */
const standing = (view: SubscriptionView) => {
  const { plan, quantity, unit_amount, price, status, access, anchor_date, next_charge_at, current_cycle, credit } =
    view;
  return { plan, quantity, unit_amount, price, status, access, anchor_date, next_charge_at, current_cycle, credit };
};

const accountAtFault = {
  kind: 'refused',
  scope: 'account',
  code: 'INVALID_API_KEY',
  detail: 'no such key',
  retryAfterSeconds: null,
} as const;
const tooBusy = {
  kind: 'refused',
  scope: 'throttled',
  code: 'PAYMENT_REQUEST_RATE_LIMITED',
  detail: 'too many',
  retryAfterSeconds: 60,
} as const;
const forbidden = { kind: 'refused', status: 403, code: 'FORBIDDEN', message: '', retryAfterSeconds: null } as const;
const completed = (session: string) => ({
  event: 'payment_session.completed',
  data: { payment_session_id: session, status: 'COMPLETED' },
});
const captured = (paid: { paymentId: string; paymentRequestId: string; referenceId: string }, amount = TO_MAX) => ({
  event: 'payment.capture',
  data: {
    payment_id: paid.paymentId,
    payment_request_id: paid.paymentRequestId,
    reference_id: paid.referenceId,
    status: 'SUCCEEDED',
    currency: 'IDR',
    request_amount: amount,
  },
});

/** Every promise that the books make of themselves is kept. */
async function expectWhole(): Promise<void> {
  for (const name of Object.keys(invariants) as (keyof typeof invariants)[])
    expect(await breaches(ctx.db, name, ctx.buckets, 5)).toEqual({ count: 0, first: [] });
}

async function lives(id: string, until = '2026-10-02T00:00:00Z') {
  await world.liveUntil(until);
  return await world.subscription(id);
}

describe('an upgrade that is paid on a page before it applies', () => {
  test('is previewed with what is asked, and how, and the money that is taken is that of the preview', async () => {
    const id = await running();
    const previewed = await previewChange(ctx, id, { body: { plan: 'max' }, actor: 'siti' });
    if (previewed.kind !== 'shown') throw new Error(JSON.stringify(previewed));
    const view = changePreviewView(previewed.shown);
    expect(view).toMatchObject({ due: 'now', pay_first: 'pay_link', amount: TO_MAX, currency: 'IDR' });
    expect(view.warnings.join()).toContain('2026-09-12T02:00:00Z');
    // Paid before it applies, it stands on none of the charges after it.
    expect(view.after.map(({ amount, lines }) => [amount, lines.length])).toEqual([
      [300_000, 1],
      [300_000, 1],
      [300_000, 1],
    ]);
    await ask(id, { plan: 'max' });
    expect(await extra(id)).toMatchObject({ amount: TO_MAX, status: 'due', lines: view.lines, next_attempt_at: null });
  });

  test('changes nothing before it is paid, and then all of it at once; the next cycle costs the new price alone', async () => {
    const id = await running();
    const before = standing(await world.subscription(id));
    await ask(id, { plan: 'max', charge_at: '18:00' });
    const charge = await extra(id);
    const waiting = await world.subscription(id);
    expect(standing(waiting)).toEqual(before);
    expect(shownSubscription(waiting)).toContain(
      `once it is paid (charge ${charge.id}) to 1 x max, IDR 300,000 (change 1)`,
    );
    expect(waiting.planned_change).toEqual({
      number: 1,
      state: 'awaiting_payment',
      when: 'now',
      at: null,
      terms: expect.objectContaining({ plan: 'max', amount: 300_000, charge_at: '18:00' }),
      charge_id: charge.id,
    });
    expect(charge).toMatchObject({ period: { start: '2026-09-11', end: '2026-09-30' }, plan: 'max' });
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    const token = await linkTo(charge.id);
    expect(await payPage(ctx, token)).toMatchObject({ kind: 'owed', plan: 'Max', amount: String(TO_MAX) });
    const session = await press(token);
    expect(gateway.offers).toMatchObject([
      { referenceId: `due_${id}_x1_p1`, item: { reference: 'max', name: 'Max' }, amount: { minor: String(TO_MAX) } },
    ]);
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(await world.subscription(id)).toMatchObject({
      plan: 'max',
      price: { amount: 300_000 },
      planned_change: null,
    });
    expect(await extra(id)).toMatchObject({ status: 'paid', collected: TO_MAX });
    expect(await world.told(id)).toEqual(
      expect.arrayContaining([
        'subscription.change_planned',
        'charge.opened',
        'charge.link_opened',
        'charge.paid',
        'subscription.changed',
      ]),
    );
    const story = chargeStory(await extra(id));
    expect(story).toContain('hange 1 applies once it is paid, on a page where its customer pays');
    expect(story).toContain('The subscription was changed, by siti');
    await lives(id);
    expect(await world.charge(id, 1)).toMatchObject({
      amount: 300_000,
      due_at: '2026-10-01T11:00:00Z',
      lines: [{ kind: 'plan' }],
    });
    await expectWhole();
  });

  test.for([
    ['the session first', ['session', 'capture']],
    ['the payment first', ['capture', 'session']],
    ['both twice', ['capture', 'session', 'capture', 'session']],
  ] as const)('applies once, the webhooks in any order: %s', async ([, order]) => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    const paid = gateway.pays(session);
    const events = { session: completed(session), capture: captured(paid) };
    for (const name of order) {
      await world.receives(events[name]);
      await world.work();
    }
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect((await world.told(id)).filter((kind) => kind === 'subscription.changed')).toHaveLength(1);
    await expectWhole();
  });

  test.for(['before-settle', 'after-settle'] as const)('survives a daemon that dies %s', async (point) => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    gateway.pays(session);
    let isDead = false;
    const dying = world.another({
      failpoint: (name: string) => {
        if (name !== point || isDead) return;
        isDead = true;
        throw new Error('died');
      },
    });
    await world.receives(completed(session));
    await world.workAs(dying).catch(() => undefined);
    expect(isDead).toBe(true);
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'max' });
    await expectWhole();
  });

  test('that is never paid lapses when its link ends, and all is as it was', async () => {
    const id = await running();
    const before = standing(await world.subscription(id));
    await ask(id, { plan: 'max' });
    const token = await linkTo((await extra(id)).id, 60);
    await world.liveUntil('2026-09-11T02:59:00Z');
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    await world.liveUntil('2026-09-11T03:00:00Z');
    expect(await changes(id)).toEqual([[1, 'lapsed', 'it was not paid in time']]);
    expect(standing(await world.subscription(id))).toEqual(before);
    expect(await extra(id)).toMatchObject({ status: 'void' });
    expect(await behindLink(ctx, token)).toMatchObject({ kind: 'over', as: 'void' });
    expect(await world.told(id)).toContain('subscription.change_lapsed');
    expect(await lives(id)).toMatchObject({ plan: 'pro', status: 'active' });
    expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000 });
    await expectWhole();
  });

  test('that nobody opened a link for lapses after a day, or when the period ends', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    await world.liveUntil('2026-09-12T02:00:00Z');
    expect(await changes(id)).toEqual([[1, 'lapsed', 'it was not paid in time']]);
    world.moveTo('2026-09-30T12:00:00Z');
    await ask(id, { plan: 'max' });
    expect(await linkTo((await extra(id, 2)).id, 60 * 24 * 30)).toEqual(expect.any(String));
    await world.liveUntil('2026-10-01T02:00:00Z');
    expect(await changes(id)).toEqual([
      [2, 'lapsed', 'it was not paid in time'],
      [1, 'lapsed', 'it was not paid in time'],
    ]);
    expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000, status: 'paid' });
  });

  test('lapses when the page expires that its customer was led to', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    gateway.expires(session);
    await world.receives({
      event: 'payment_session.expired',
      data: { payment_session_id: session, status: 'EXPIRED' },
    });
    await world.work();
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('did not pay')]]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', planned_change: null });
    await expectWhole();
  });

  test('waits on where a page of the product opens another session in the place of the first', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const { id: chargeId } = await extra(id);
    const offer = { mode: 'COMPONENTS', origins: ['https://shop.example'], saves: 'DISABLED', minutes: 30 } as const;
    const opened = [];
    for (let n = 0; n < 2; n += 1) opened.push(await offerSession(ctx, chargeId, { ...offer, actor: 'siti' }));
    const [first, second] = opened.flatMap((one) => (one.kind === 'open' ? [one.session.sessionId] : []));
    expect(gateway.sessions.get(first ?? '')).toMatchObject({ status: 'canceled' });
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    gateway.pays(second ?? '');
    await world.receives(completed(second ?? ''));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
  });

  test('whose page expired and which is paid all the same is given back, whenever that is told', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    const paid = gateway.pays(session);
    gateway.expires(session);
    await world.receives({
      event: 'payment_session.expired',
      data: { payment_session_id: session, status: 'EXPIRED' },
    });
    await world.work();
    expect((await changes(id))[0]?.[1]).toBe('lapsed');
    await world.receives(captured(paid));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro' });
    expect(await extra(id)).toMatchObject({ status: 'void', collected: 0, overpaid: TO_MAX });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test('that is paid after it lapsed is given back, and never half a change', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    await withdrawChange(ctx, id, 'siti');
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro' });
    expect(await extra(id)).toMatchObject({ status: 'void', collected: 0, overpaid: TO_MAX });
    expect(await world.ask(sql`select kind, amount::int as amount from findings`)).toEqual([
      { kind: 'overpayment', amount: TO_MAX },
    ]);
    expect(await changes(id)).toEqual([[1, 'withdrawn', 'it was withdrawn']]);
    await expectWhole();
  });

  test('that is paid on a page which outlasts its period is given back too', async () => {
    const id = await running();
    world.moveTo('2026-09-30T10:00:00Z');
    await ask(id, { plan: 'max' });
    world.moveTo('2026-10-01T01:50:00Z');
    const session = await press(await linkTo((await extra(id)).id));
    await world.liveUntil('2026-10-01T02:05:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000 });
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the period is over')]]);
    expect(await extra(id)).toMatchObject({ status: 'void', collected: 0, overpaid: 5_000 });
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', status: 'active' });
    await expectWhole();
  });

  test.for([
    { asked: '2026-09-30T10:00:00Z', body: { plan: 'max', anchor_date: '2026-10-20' }, over: '2026-10-01T02:00:00Z' },
    {
      asked: LATER,
      body: { plan: 'max', quantity: 8, anchor_date: '2026-09-14' },
      over: '2026-09-14T02:00:00Z',
    },
  ])(
    'that moves the next period, and is paid on a page after the first of both, is given back: $body',
    async ({ asked, body, over }) => {
      const id = await running();
      const before = standing(await world.subscription(id));
      world.moveTo(asked);
      await ask(id, body);
      const token = await linkTo((await extra(id)).id, 60 * 24 * 30);
      world.moveTo(Temporal.Instant.from(over).subtract({ minutes: 10 }).toString());
      const session = await press(token);
      world.moveTo(Temporal.Instant.from(over).add({ minutes: 5 }).toString());
      gateway.pays(session);
      await world.receives(completed(session));
      await world.work();
      const paid = await extra(id);
      expect(paid).toMatchObject({ status: 'void', collected: 0, overpaid: paid.amount });
      expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the period is over')]]);
      // Each day of October is asked for once, at the price of the old plan.
      await world.liveUntil('2026-11-02T00:00:00Z');
      const { anchor_date, plan } = await world.subscription(id);
      expect({ anchor_date, plan }).toEqual({ anchor_date: before.anchor_date, plan: 'pro' });
      expect(await world.charge(id, 1)).toMatchObject({
        amount: 150_000,
        period: { start: '2026-10-01', end: '2026-10-31' },
      });
      await expectWhole();
    },
  );

  test('that brings the next period nearer waits for its customer no longer than until then', async () => {
    const id = await running();
    await ask(id, { plan: 'max', quantity: 8, anchor_date: '2026-09-14' });
    expect(await linkTo((await extra(id)).id, 60 * 24 * 30)).toEqual(expect.any(String));
    await world.liveUntil('2026-09-14T02:05:00Z');
    expect(await changes(id)).toEqual([[1, 'lapsed', 'it was not paid in time']]);
  });

  test('that credit pays for applies at once, without a call', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    await ask(id, { plan: 'pro' });
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: TO_MAX });
    world.moveTo('2026-09-21T02:00:00Z');
    // Ten of thirty days of 150,000, of which credit pays all.
    expect(await previewChange(ctx, id, { body: { plan: 'max' }, actor: 'siti' })).toMatchObject({ kind: 'shown' });
    await ask(id, { plan: 'max' });
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', credit: 50_000, planned_change: null });
    expect(await extra(id, 2)).toMatchObject({ status: 'paid', amount: 0, credit_used: 50_000, attempts: [] });
    expect((await changes(id))[0]).toEqual([3, 'applied', null]);
    await lives(id);
    expect(await world.charge(id, 1)).toMatchObject({ amount: 250_000, credit_used: 50_000 });
    await expectWhole();
  });
});

test('what credit was used for a change that lapses is there again, and a change that is replaced gives it to the next', async () => {
  const id = await running();
  await ask(id, { plan: 'max' });
  gateway.pays(await press(await linkTo((await extra(id)).id)));
  await world.liveUntil('2026-09-11T04:00:00Z');
  world.moveTo('2026-09-16T02:00:00Z');
  await ask(id, { plan: 'pro' });
  expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: 75_000 });
  await ask(id, { plan: 'max', quantity: 2 });
  expect(await extra(id, 2)).toMatchObject({ credit_used: 75_000, amount: 150_000 });
  await ask(id, { plan: 'max', quantity: 3 });
  expect(await extra(id, 3)).toMatchObject({ credit_used: 75_000, amount: 300_000 });
  expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: 0 });
  await world.liveUntil('2026-09-17T03:00:00Z');
  expect(await world.subscription(id)).toMatchObject({ plan: 'pro', credit: 75_000 });
  await expectWhole();
});

describe('an upgrade over the saved method', () => {
  test('is refused without a method that was saved for it, and without consent, with the way out', async () => {
    const id = await running();
    const body = { plan: 'team' };
    const refusal = async () => await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
    expect(await refusal()).toEqual({
      kind: 'refused',
      detail: expect.stringContaining('save_for: MERCHANT_UNSCHEDULED'),
    });
    expect(await previewChange(ctx, id, { body, actor: 'siti' })).toMatchObject({ kind: 'refused' });
    const other = await running('order-2', 'MERCHANT_UNSCHEDULED');
    const asked = async () => await changeTerms(ctx, other, { body, reason: null, actor: 'siti' });
    expect(await asked()).toEqual({ kind: 'refused', detail: expect.stringContaining('what: extra, answer: given') });
    const consent = { evidence: 'ticket 7', actor: 'siti' } as const;
    await recordConsent(ctx, other, { what: 'extra', answer: 'given', ...consent });
    await recordConsent(ctx, other, { what: 'extra', answer: 'refused', ...consent });
    await recordConsent(ctx, other, { what: 'save_again', answer: 'given', ...consent });
    expect(await asked()).toEqual({ kind: 'refused', detail: expect.stringContaining('refused charges outside') });
    await recordConsent(ctx, other, { what: 'extra', answer: 'given', ...consent });
    await recordConsent(ctx, other, { what: 'save_again', answer: 'refused', ...consent });
    expect(await asked()).toMatchObject({ kind: 'changed' });
    expect(await world.ask(sql`select 1 from changes where subscription_id = ${id}`)).toEqual([]);
  });

  test('is asked for as MERCHANT_UNSCHEDULED, under a reference of its own, and applies when it is paid', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', planned_change: { state: 'awaiting_payment' } });
    await world.work();
    expect(gateway.sent.at(-1)).toMatchObject({ referenceId: `due_${id}_x1_1`, amount: String(TO_TEAM) });
    expect(gateway.sent.at(-1)?.body).toContain('MERCHANT_UNSCHEDULED');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(await lives(id)).toMatchObject({ plan: 'team' });
    expect(await world.charge(id, 1)).toMatchObject({ amount: 600_000 });
    await expectWhole();
  });

  test.for(['INSUFFICIENT_BALANCE', 'EXPIRED_CARD', 'STOLEN_CARD', 'ISSUER_SUSPECT_FRAUD'])(
    'that is declined with %s lapses: plan, amount, dates and access are what they were, and nobody is dunned',
    async (code) => {
      const id = await agreeing();
      const before = standing(await world.subscription(id));
      await ask(id, { plan: 'team' });
      gateway.script(declined(code));
      await world.work();
      expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining(code)]]);
      expect(standing(await world.subscription(id))).toEqual(before);
      expect(await extra(id)).toMatchObject({
        status: 'void',
        attempts: [{ outcome: 'declined', decision: { kind: 'void' } }],
      });
      await world.liveUntil('2026-09-20T00:00:00Z');
      expect(gateway.sent).toHaveLength(2);
      await expectWhole();
    },
  );

  test('of which nobody knows the end waits, and applies once it is found paid', async () => {
    const id = await agreeing();
    const before = standing(await world.subscription(id));
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    gateway.finds(`due_${id}_x1_1`, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await world.liveUntil('2026-09-11T10:00:00Z');
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    expect(standing(await world.subscription(id))).toEqual(before);
    expect(await withdrawChange(ctx, id, 'siti')).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('nobody knows'),
    });
    expect(await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'siti' })).toMatchObject({
      kind: 'refused',
    });
    const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
    gateway.finds(`due_${id}_x1_1`, { kind: 'found', outcome: paid });
    await world.liveUntil('2026-09-11T12:00:00Z');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(gateway.sent).toHaveLength(2);
    await expectWhole();
  });

  test('whose end is heard of after its period is given back', async () => {
    const id = await agreeing();
    world.moveTo('2026-09-30T10:00:00Z');
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    const name = `due_${id}_x1_1`;
    gateway.finds(name, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await world.liveUntil('2026-10-01T03:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000 });
    gateway.finds(name, { kind: 'found', outcome: { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } });
    await world.liveUntil('2026-10-01T06:00:00Z');
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the period is over')]]);
    expect(await extra(id)).toMatchObject({ status: 'void', overpaid: 15_000 });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test('that never reached the issuer is tried again in minutes, and applies when it is paid', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    gateway.script(declined('CHANNEL_UNAVAILABLE'));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    await world.liveUntil('2026-09-11T03:00:00Z');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
  });

  test('is not sent any more once its customer has taken the consent back', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    await recordConsent(ctx, id, { what: 'extra', answer: 'refused', evidence: 'ticket 8', actor: 'siti' });
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('refused charges outside')]]);
  });
});

test('a coupon that comes with a change is taken when it is paid, and not before; where its last use is gone by then, the money is given back', async () => {
  const id = await running();
  const other = await running('order-2');
  const uses = () => world.ask(sql`select subscription_id as id from coupon_uses where given_back_at is null`);
  await ask(id, { plan: 'max', coupon: 'HALF' });
  await withdrawChange(ctx, id, 'siti');
  for (const one of [id, other]) await ask(one, { plan: 'max', coupon: 'HALF' });
  expect(await uses()).toEqual([]);
  gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
  await world.liveUntil('2026-09-11T04:00:00Z');
  expect(await world.subscription(id)).toMatchObject({ plan: 'max', coupon: { code: 'HALF' } });
  expect(await uses()).toEqual([{ id }]);
  gateway.pays(await press(await linkTo((await extra(other)).id)));
  await world.liveUntil('2026-09-11T06:00:00Z');
  expect(await changes(other)).toEqual([[1, 'lapsed', expect.stringContaining('no use of the coupon HALF is left')]]);
  expect(await world.subscription(other)).toMatchObject({ plan: 'pro', coupon: null });
  expect(await extra(other)).toMatchObject({ status: 'void', overpaid: 150_000 });
  await lives(id);
  expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000, discount: 150_000 });
  await expectWhole();
});

describe('a change that waits for its payment', () => {
  test('asked for twice is asked for once; another one takes its place, and is the one that is paid', async () => {
    const id = await running();
    const both = await Promise.all([ask(id, { plan: 'max' }), ask(id, { plan: 'max' })]);
    expect(both.map(({ replaced }) => replaced ?? null)).toEqual([null, null]);
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    const first = await extra(id);
    expect(await ask(id, { plan: 'max', quantity: 2 })).toMatchObject({ replaced: { what: 'change' } });
    expect(await changes(id)).toEqual([
      [2, 'awaiting_payment', null],
      [1, 'withdrawn', 'change 2 replaced it'],
    ]);
    expect(await openPayLink(ctx, first.id, { linkMinutes: null, saves: 'DISABLED', actor: 'siti' })).toMatchObject({
      kind: 'refused',
    });
    gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', quantity: 2 });
    await expectWhole();
  });

  test('leaves what is planned as it is until it is paid; what is planned after it takes its place', async () => {
    const id = await running();
    await ask(id, { quantity: 3, when: 'period_end' });
    await ask(id, { plan: 'max' });
    expect(await changes(id)).toEqual([
      [2, 'awaiting_payment', null],
      [1, 'planned', null],
    ]);
    expect((await world.subscription(id)).planned_change).toMatchObject({ number: 2 });
    await withdrawChange(ctx, id, 'siti');
    expect((await world.subscription(id)).planned_change).toMatchObject({ number: 1, terms: { quantity: 3 } });
    await ask(id, { plan: 'max' });
    gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await changes(id)).toEqual([
      [3, 'applied', null],
      [2, 'withdrawn', 'it was withdrawn'],
      [1, 'withdrawn', 'change 3 replaced it'],
    ]);
    await ask(id, { quantity: 2 });
    expect(await ask(id, { quantity: 4, when: 'period_end' })).toMatchObject({ replaced: { what: 'change' } });
    expect((await changes(id)).slice(0, 2)).toEqual([
      [5, 'planned', null],
      [4, 'withdrawn', 'change 5 replaced it'],
    ]);
    await expectWhole();
  });

  test('that is paid after the day of another change is given back: its days were reckoned from what was agreed before', async () => {
    const id = await running();
    await ask(id, { quantity: 3, when: '2026-09-13' });
    await ask(id, { plan: 'max' });
    const token = await linkTo((await extra(id)).id, 60 * 24 * 5);
    await world.liveUntil('2026-09-13T03:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', quantity: 3 });
    const session = await press(token);
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await changes(id)).toEqual([
      [2, 'lapsed', expect.stringContaining('what was agreed is not what it was')],
      [1, 'applied', null],
    ]);
    expect(await extra(id)).toMatchObject({ status: 'void', collected: 0, overpaid: TO_MAX });
    expect(await lives(id)).toMatchObject({ plan: 'pro', quantity: 3 });
    // Eighteen of thirty days of the two more, and then all three.
    expect(await world.charge(id, 1)).toMatchObject({ amount: 450_000 + 180_000 });
    await expectWhole();
  });

  test('leaves a cancellation planned until it is paid; one that is asked for after it takes its place', async () => {
    const id = await running();
    const cancel = { at: 'period_end', reason: null, actor: 'siti' } as const;
    await cancelSubscription(ctx, id, cancel);
    await ask(id, { plan: 'max' });
    expect(await world.subscription(id)).toMatchObject({ cancel_at: '2026-10-01T02:00:00Z' });
    expect(await cancelSubscription(ctx, id, cancel)).toMatchObject({ replaced: { what: 'change' } });
    expect(await changes(id)).toEqual([[1, 'withdrawn', 'the subscription was canceled']]);
    await ask(id, { plan: 'max' });
    gateway.pays(await press(await linkTo((await extra(id, 2)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'max', cancel_at: null });
    expect(await world.told(id)).toContain('subscription.cancel_withdrawn');
    await expectWhole();
  });

  test.for<[string, (id: string) => Promise<unknown>, string]>([
    [
      'canceled',
      (id) => cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'siti' }),
      'the subscription was canceled',
    ],
    ['paused', (id) => pauseSubscription(ctx, id, { actor: 'siti' }), 'the subscription was paused'],
  ])('ends with its subscription that is %s, and what is paid then is given back', async ([, act, why]) => {
    const id = await running();
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    await act(id);
    expect(await changes(id)).toEqual([[1, 'withdrawn', why]]);
    expect(await extra(id)).toMatchObject({ status: 'void' });
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro' });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test('that nobody pays lapses although its subscription rests since its period is over, and gives its credit back', async () => {
    const id = await running();
    await ask(id, { plan: 'max' });
    gateway.pays(await press(await linkTo((await extra(id)).id)));
    await world.liveUntil('2026-09-11T04:00:00Z');
    await ask(id, { plan: 'pro' });
    await pauseSubscription(ctx, id, { at: 'period_end', actor: 'siti' });
    world.moveTo('2026-09-30T10:00:00Z');
    const { credit } = await world.subscription(id);
    await ask(id, { plan: 'max', quantity: 50 });
    expect(await world.subscription(id)).toMatchObject({ credit: 0 });
    await world.liveUntil('2026-10-03T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', plan: 'pro', credit });
    expect((await changes(id))[0]).toEqual([3, 'lapsed', 'it was not paid in time']);
    expect(await extra(id, 2)).toMatchObject({ status: 'void', credit_used: credit });
    await expectWhole();
  });

  test('that is paid while its subscription rests, since its plan had it rest, is given back', async () => {
    const id = await running();
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-10-05T01:00:00Z');
    await ask(id, { plan: 'max' });
    const session = await press(await linkTo((await extra(id)).id));
    await world.liveUntil('2026-10-05T02:10:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', planned_change: { number: 1 } });
    gateway.pays(session);
    await world.receives(completed(session));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the subscription is paused')]]);
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', plan: 'pro' });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test.each([
    ['now', declined('CHANNEL_UNAVAILABLE')],
    ['period_end', declined('CHANNEL_UNAVAILABLE')],
    ['now', tooBusy],
    ['period_end', tooBusy],
    ['now', accountAtFault],
    ['period_end', accountAtFault],
  ] as const)(
    'is tried no further where its subscription rests (%s) before it is known that the try reached nobody (%j)',
    async (at, outcome) => {
      const id = await agreeing();
      if (at === 'period_end') await pauseSubscription(ctx, id, { at, actor: 'siti' });
      world.moveTo('2026-09-30T10:00:00Z');
      await ask(id, { plan: 'team' });
      gateway.script(unknown());
      const name = `due_${id}_x1_1`;
      gateway.finds(name, { kind: 'unanswered', detail: 'no answer' });
      await world.work();
      if (at === 'now') await pauseSubscription(ctx, id, { at, actor: 'siti' });
      await world.liveUntil('2026-10-01T03:00:00Z');
      expect(await extra(id)).toMatchObject({ status: 'attempting' });
      gateway.finds(name, { kind: 'found', outcome });
      await world.liveUntil('2026-10-02T03:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'paused', plan: 'pro', planned_change: null });
      expect(await extra(id)).toMatchObject({ status: 'void' });
      await expectWhole();
    },
  );

  test('is canceled while its payment is on its way: what comes of that is given back', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    gateway.finds(`due_${id}_x1_1`, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await cancelSubscription(ctx, id, { at: 'period_end', reason: null, actor: 'siti' });
    expect(await changes(id)).toEqual([[1, 'withdrawn', 'the subscription was canceled']]);
    const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
    gateway.finds(`due_${id}_x1_1`, { kind: 'found', outcome: paid });
    await world.liveUntil('2026-09-11T06:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', cancel_at: '2026-10-01T02:00:00Z' });
    expect(await extra(id)).toMatchObject({ status: 'void', overpaid: TO_TEAM, collected: 0 });
    await expectWhole();
  });

  test('is left to its customer: nobody tries, holds or writes off its charge; void it lapses, forgiven it applies', async () => {
    const id = await running();
    const by = { actor: 'siti', reason: 'the customer called' };
    await ask(id, { plan: 'max' });
    const { id: chargeId } = await extra(id);
    for (const act of [retryCharge, holdCharge, writeOffCharge])
      expect(await act(ctx, chargeId, by)).toMatchObject({ kind: 'refused' });
    // A new method is no reason to charge it.
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    expect(await extra(id)).toMatchObject({
      status: 'due',
      next_attempt_at: null,
      waits_until: '2026-09-12T02:00:00Z',
    });
    await world.work();
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    expect(gateway.sent).toHaveLength(1);
    await voidCharge(ctx, chargeId, by);
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the customer called')]]);
    await ask(id, { plan: 'max' });
    await forgiveCharge(ctx, (await extra(id, 2)).id, by);
    expect((await changes(id))[0]).toEqual([2, 'applied', null]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'max' });
    await expectWhole();
  });

  test('is not charged over a method that was taken for dead and is none, nor by who releases it from a hold', async () => {
    const id = await agreeing();
    const by = { actor: 'siti', reason: 'the customer called' };
    await ask(id, { plan: 'max' });
    const { tokenId } = gateway.sent[0] ?? { tokenId: '' };
    const dead = { as: 'dead', why: 'EXPIRED_CARD', actor: 'dueday', at: world.now() } as const;
    await endMethod(ctx, tokenId, dead, world.now());
    await reviveMethod(ctx, tokenId, { codes: ['EXPIRED_CARD'], since: world.now(), why: 'a test' }, world.now());
    expect(await extra(id)).toMatchObject({ status: 'due', next_attempt_at: null });
    gateway.offerSays({ kind: 'silent', detail: 'no answer' });
    await payThrough(ctx, await linkTo((await extra(id)).id));
    gateway.booksSay(...Array.from({ length: 100 }, () => forbidden));
    await world.liveUntil('2026-09-12T04:00:00Z');
    expect(await extra(id)).toMatchObject({ status: 'held' });
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    await releaseCharge(ctx, (await extra(id)).id, by);
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(await changes(id)).toEqual([[1, 'lapsed', 'only its customer pays for it']]);
    await expectWhole();
  });

  test('lapses where its charge is released from a hold after its period', async () => {
    const id = await agreeing();
    world.moveTo('2026-09-30T10:00:00Z');
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    gateway.finds(`due_${id}_x1_1`, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await world.liveUntil('2026-10-02T00:00:00Z');
    expect(await extra(id)).toMatchObject({ status: 'held' });
    const sent = gateway.sent.length;
    await releaseCharge(ctx, (await extra(id)).id, { actor: 'siti', reason: 'Xendit knows nothing of it' });
    await world.work();
    expect(gateway.sent).toHaveLength(sent);
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the period is over')]]);
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', status: 'active' });
    await expectWhole();
  });
});
