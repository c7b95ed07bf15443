import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { chargeStory } from '../../src/entry/cli/charge-story.ts';
import { shownSubscription } from '../../src/entry/cli/shown-subscription.ts';
import { offerSession } from '../../src/flows/paying/offer-session.ts';
import { behindLink } from '../../src/flows/paying/pay-link.ts';
import { payPage } from '../../src/flows/paying/pay-page.ts';
import { withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { changePreviewView } from '../../src/flows/views/change-view.ts';
import {
  captured,
  completed,
  LATER,
  payFirst,
  payFirstCatalog,
  START,
  standing,
  TO_MAX,
} from '../support/pay-first.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: START, catalog: payFirstCatalog });
const { ctx, gateway } = world;
const { ask, running, extra, changes, linkTo, press, expectWhole, lives } = payFirst(world);
beforeEach(() => world.startOver(START));

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
