import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { holdCharge, voidCharge, writeOffCharge } from '../../src/flows/charges/change-charge.ts';
import { payOutside } from '../../src/flows/paying/pay-outside.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { listMethods } from '../../src/flows/views/list-methods.ts';
import { breaches, invariants } from '../../src/infra/tables/books/invariants.ts';
import { answering } from '../support/answering.ts';
import { apiOver } from '../support/api.ts';
import { captured } from '../support/by-hand.ts';
import { createInput } from '../support/create-input.ts';
import { plainCatalog, testWorld } from '../support/world.ts';
import { sessionEvent } from './xendit-events.ts';

const START = '2026-01-31T02:00:00Z';
const catalog = plainCatalog
  .replace('name: Weekly\n', 'name: Weekly\n    first_charge: in_session\n')
  .concat('coupons:\n  HALF: { percent: 50, cycles: 2 }\n  ALL: { percent: 100, cycles: 1 }\n');
const world = await testWorld({ at: START, catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const inSession = { firstCharge: 'in_session' } as const;
const again = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const create = async (more: Partial<CreateInput> = {}, plan = 'monthly') =>
  await world.create('order-1', plan, { ...inSession, ...more });
const sessionOf = async (id: string): Promise<string> => (await world.subscription(id)).onboarding?.session_id ?? '';
const findings = async () => await world.ask(sql`select kind, amount::int as amount from findings order by kind`);

async function isWhole(): Promise<void> {
  for (const name of Object.keys(invariants) as (keyof typeof invariants)[])
    expect(await breaches(world.db, name, ctx.buckets, 5), name).toMatchObject({ count: 0 });
}

describe('a first charge that is paid in its session', () => {
  test('is there with the session as its attempt before anybody has the link', async () => {
    const id = await create();
    const session = await sessionOf(id);
    expect(await world.subscription(id)).toMatchObject({
      status: 'pending',
      token: null,
      next_charge_at: null,
      onboarding: { mode: 'PAYMENT_LINK', status: 'active', payment_link_url: `https://pay.example/${session}` },
    });
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      amount: 150_000,
      next_attempt_at: null,
      period: { start: '2026-01-31' },
      attempts: [{ number: 1, via: 'session', outcome: 'pending', reference_id: `due_${id}_0_p1` }],
    });
    expect(gateway.offers).toMatchObject([
      {
        referenceId: `due_${id}_0_p1`,
        saves: 'FORCED',
        amount: { minor: '150000', currency: 'IDR' },
        mandate: { cardOnFileType: 'RECURRING' },
        description: 'Monthly: IDR 150,000 a month, until you cancel',
        customer: { givenNames: 'Siti' },
      },
    ]);
    await world.liveUntil('2026-01-31T02:29:00Z');
    expect(gateway.sent).toEqual([]);
    await isWhole();
  });

  test('keeps no name of its customer: what is stored names them by Xendit’s id', async () => {
    await create();
    const [row] = await world.ask<{ request: string }>(sql`select request from attempts`);
    expect(row?.request).toContain('cust-of-customer-order-1');
    expect(row?.request).not.toContain('Siti');
  });

  test('that Xendit refuses, or does not answer, leaves nothing behind', async () => {
    const refused = {
      kind: 'refused',
      status: 400,
      code: 'INVALID_AMOUNT',
      message: 'x',
      retryAfterSeconds: null,
    } as const;
    gateway.offerSays(refused);
    expect(await createSubscription(ctx, createInput('a', 'monthly', inSession))).toMatchObject({ kind: 'refused' });
    gateway.offerSays({ kind: 'silent', detail: 'no answer' }, true);
    expect(await createSubscription(ctx, createInput('a', 'monthly', inSession))).toMatchObject({
      kind: 'unavailable',
    });
    for (const table of ['subscriptions', 'charges', 'attempts', 'onboardings', 'names', 'ledger'])
      expect(await world.ask(sql.raw(`select 1 from ${table}`)), table).toEqual([]);
    expect(await createSubscription(ctx, createInput('a', 'monthly', inSession))).toMatchObject({ kind: 'created' });
  });

  test('whose process died once Xendit had opened the session is asked for again, and the session that is left ends unheard', async () => {
    const dies = answering(ctx, {
      async openPaySession(body, customer) {
        await gateway.openPaySession(body, customer);
        throw new Error('the process dies');
      },
    });
    await expect(createSubscription(dies, createInput('a', 'monthly', inSession))).rejects.toThrow('dies');
    const [left] = gateway.sessions.values();
    const id = await world.create('a', 'monthly', inSession);
    const data = { payment_session_id: left?.sessionId, reference_id: left?.referenceId, status: 'EXPIRED' };
    await world.receives({ event: 'payment_session.expired', data });
    await world.work();
    expect(await world.ask(sql`select status from inbox`)).toEqual([{ status: 'ignored' }]);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await world.charges(id)).toHaveLength(1);
  });

  test('is shown wherever it is asked about', async () => {
    const api = await apiOver(ctx);
    const id = await create();
    const charge = await world.charge(id);
    for (const path of [
      `subscriptions/${id}`,
      `subscriptions/${id}/upcoming`,
      `subscriptions/${id}/changes`,
      `subscriptions/${id}/methods`,
      `subscriptions?status=pending`,
      `charges/${charge.id}`,
      'charge-log',
      'customers/customer-order-1/access',
      'reports/forecast',
    ])
      expect(await api.get(`/v1/${path}`), path).toMatchObject({ status: 200 });
    expect((await api.post(`/v1/charges/${charge.id}/retry`, {})).status).toBe(409);
  });

  const token = { event: 'payment_token.activation', data: { payment_token_id: 'pt-1', status: 'ACTIVE' } };
  test.for([
    [['session', 'capture', 'token']],
    [['capture', 'session', 'token']],
    [['token', 'capture', 'session']],
    [['capture']],
    [['session']],
    [[]],
  ])('pays cycle 0 once and begins with the method, told by %o', async ([order = []]) => {
    const id = await create();
    const session = await sessionOf(id);
    const paid = gateway.pays(session, { tokenId: 'pt-1', label: 'kept' });
    const { paymentId, paymentRequestId, referenceId } = paid;
    const ids = { payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId };
    const events = { session: sessionEvent(session, 'COMPLETED', 'pt-1'), capture: captured(ids), token };
    for (const one of order) {
      await world.receives(events[one as keyof typeof events]);
      await world.work();
    }
    await world.liveUntil('2026-01-31T02:11:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      collected: 150_000,
      overpaid: 0,
      period: { start: '2026-01-31', end: '2026-02-27' },
      attempts: [{ via: 'session', outcome: 'succeeded', payment_id: paymentId }],
    });
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      anchor_date: '2026-01-31',
      token: { label: 'kept' },
      mandate: { card_on_file_type: 'RECURRING' },
      onboarding: { status: 'completed', session_id: session },
      next_charge_at: '2026-02-28T02:00:00Z',
    });
    await world.liveUntil('2026-03-01T02:00:00Z');
    expect(gateway.sent.map((sent) => [sent.referenceId, sent.tokenId])).toEqual([[`due_${id}_1_1`, 'pt-1']]);
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    expect(await findings()).toEqual([]);
    await isWhole();
  });

  test('begins on the day on which it is paid', async () => {
    const id = await create({ linkMinutes: 3 * 24 * 60 });
    await world.liveUntil('2026-02-02T05:00:00Z');
    gateway.pays(await sessionOf(id), {});
    await world.receives(sessionEvent(await sessionOf(id), 'COMPLETED', 'pt-1'));
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      period: { start: '2026-02-02', end: '2026-03-01' },
    });
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      anchor_date: '2026-02-02',
      current_cycle: { number: 0, starts_on: '2026-02-02', ends_on: '2026-03-01' },
      next_charge_at: '2026-03-02T02:00:00Z',
    });
    await isWhole();
  });

  test('has the lines of any first charge: set-up fee, items, coupon', async () => {
    const id = await create({ coupon: 'HALF', quantity: 2, items: [{ text: 'Router', amount: 50_000 }] });
    const charge = await world.charge(id);
    expect(charge).toMatchObject({ amount: 175_000, discount: 175_000 });
    gateway.pays(await sessionOf(id), {});
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'paid', collected: 175_000 },
      { cycle: 1, amount: 150_000, status: 'paid' },
    ]);
    await isWhole();
  });

  test.each([
    [{ coupon: 'ALL' }, 'monthly'],
    [{ firstCharge: undefined, trial: { count: 14, unit: 'day' } }, 'weekly'],
    [{ firstCharge: undefined, anchorDate: Temporal.PlainDate.from('2026-02-02') }, 'weekly'],
    [{ firstCharge: undefined, saveFor: 'MERCHANT_UNSCHEDULED' }, 'weekly'],
  ] as const)('of which nothing is due now is charged after saving: %o', async (more, plan) => {
    const id = await world.create('order-1', plan, { ...inSession, ...more });
    expect(await world.charges(id)).toEqual([]);
    expect(gateway.offers).toEqual([]);
    expect(gateway.saved).toHaveLength(1);
  });

  test('is as the plan says where the request says nothing', async () => {
    const id = await world.create('order-1', 'weekly');
    expect(await world.charge(id)).toMatchObject({ attempts: [{ via: 'session' }] });
    const later = await world.create('order-2', 'weekly', { firstCharge: 'after_saving' });
    expect(await world.charges(later)).toEqual([]);
    expect([gateway.offers, gateway.saved]).toMatchObject([{ length: 1 }, { length: 1 }]);
  });

  test.each([
    [{ anchorDate: Temporal.PlainDate.from('2026-02-02') }, 'monthly'],
    [{ saveFor: 'MERCHANT_UNSCHEDULED' }, 'monthly'],
    [{ trial: { count: 14, unit: 'day' } }, 'monthly'],
    [{}, 'trial'],
    [{ useMethod: '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17' }, 'monthly'],
  ] as const)('is refused with its field where it cannot be: %o of %s', async (more, plan) => {
    const made = await createSubscription(ctx, createInput('a', plan, { ...inSession, ...more }));
    expect(made).toMatchObject({ kind: 'invalid', faults: [{ field: 'onboarding.first_charge' }] });
  });

  test('on a page of the product’s own answers the key once', async () => {
    const place = { mode: 'COMPONENTS', origins: ['https://shop.example'] } as const;
    const made = await createSubscription(ctx, createInput('a', 'monthly', { ...inSession, place }));
    if (made.kind !== 'created') throw new Error(JSON.stringify(made));
    const { id } = made.dossier.subscription;
    expect(made.sdkKey).toBe(`session-of-due_${id}_0_p1`);
    expect(gateway.offers).toMatchObject([{ ...place, saves: 'FORCED' }]);
    const rows = await world.ask<{ text: string }>(
      sql`select a::text || o::text as text from attempts a, onboardings o`,
    );
    expect(rows[0]?.text).not.toContain('session-of-');
  });

  test('under another mandate than was asked for is told of at once', async () => {
    const echo = { cardOnFileType: 'CUSTOMER_UNSCHEDULED', recurringFrequency: null, recurringExpiry: null };
    const openPaySession: AccountContext['gateway']['openPaySession'] = async (body) => {
      const answer = await gateway.openPaySession(body);
      return answer.kind === 'ok' ? { ...answer, value: { ...answer.value, echo } } : answer;
    };
    await createSubscription(answering(ctx, { openPaySession }), createInput('a', 'monthly', inSession));
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'mandate was not taken' }));
  });

  test('alone may lie on another day than it was opened for', async () => {
    const id = await create();
    gateway.pays(await sessionOf(id), {});
    await world.liveUntil('2026-03-01T02:00:00Z');
    const other = await world.onboard('order-2');
    await world.work();
    const move = (cycle: number, of: string) =>
      world.ask(
        sql`update charges set period_start = period_start + 1 where cycle = ${cycle}::int and subscription_id = ${of}::uuid`,
      );
    await expect(move(1, id)).rejects.toThrow('charges_keep_their_period');
    await expect(move(0, other)).rejects.toThrow('charges_keep_their_period');
  });

  test('is not asked for while nothing is charged', async () => {
    await world.ask(sql`update charging set stopped_at = now(), reason = 'stopped by a test'`);
    const made = await createSubscription(ctx, createInput('a', 'monthly', inSession));
    await world.ask(sql`update charging set stopped_at = null, reason = null`);
    expect(made).toMatchObject({ kind: 'unavailable' });
    expect(gateway.offers).toEqual([]);
  });
});

describe('a session that ends unpaid', () => {
  test('closes the attempt, and the next session is the next attempt of the same charge', async () => {
    const id = await create();
    gateway.expires(await sessionOf(id));
    await world.receives(sessionEvent(await sessionOf(id), 'EXPIRED', null));
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      next_attempt_at: null,
      attempts: [{ outcome: 'refused', failure_code: 'SESSION_EXPIRED' }],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'expired' } });
    await world.liveUntil('2026-02-02T02:00:00Z');
    expect(gateway.sent).toEqual([]);
    const opened = await replaceMethod(ctx, id, again);
    expect(opened).toMatchObject({ kind: 'opened' });
    expect(gateway.offers.at(-1)).toMatchObject({ referenceId: `due_${id}_0_p2`, saves: 'FORCED' });
    gateway.pays(await sessionOf(id), {});
    await world.liveUntil('2026-02-02T02:06:00Z');
    expect(await world.charges(id)).toMatchObject([
      {
        cycle: 0,
        status: 'paid',
        period: { start: '2026-02-02' },
        attempts: [{}, { number: 2, outcome: 'succeeded' }],
      },
    ]);
    expect(await world.subscription(id)).toMatchObject({ status: 'active', onboarding: { status: 'completed' } });
    await isWhole();
  });

  test('a second link closes the first, so that nobody pays in two', async () => {
    const id = await create();
    const first = await sessionOf(id);
    await replaceMethod(ctx, id, { ...again, linkMinutes: 120, locale: 'id' });
    expect(gateway.sessions.get(first)).toMatchObject({ status: 'canceled' });
    expect(gateway.offers.at(-1)).toMatchObject({ locale: 'id', expiresAt: '2026-01-31T04:00:00Z' });
    expect(await sessionOf(id)).not.toBe(first);
  });

  test('a second link for one that was just paid is refused, and its payment is taken', async () => {
    const id = await create();
    gateway.pays(await sessionOf(id), {});
    expect(await replaceMethod(ctx, id, again)).toMatchObject({
      kind: 'forbidden',
      detail: expect.stringContaining('it is paid'),
    });
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(gateway.offers).toHaveLength(1);
  });

  test('another session may not save for charges outside of the plan', async () => {
    const id = await create();
    const opened = await replaceMethod(ctx, id, { ...again, saveFor: 'MERCHANT_UNSCHEDULED' });
    expect(opened).toMatchObject({ kind: 'invalid', faults: [{ field: 'save_for' }] });
  });

  test('a canceled subscription owes nothing, its session is closed, and a late payment is to be given back', async () => {
    const id = await create();
    const session = await sessionOf(id);
    const open = gateway.sessions.get(session);
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'void' });
    expect(gateway.sessions.get(session)).toMatchObject({ status: 'canceled' });
    if (open !== undefined) gateway.sessions.set(session, open);
    const { paymentId, paymentRequestId, referenceId } = gateway.pays(session, {});
    await world.receives(
      captured({ payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId }),
    );
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'void', overpaid: 150_000 });
    expect(await findings()).toEqual([{ kind: 'overpayment', amount: 150_000 }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });

  test.each([
    ['held', holdCharge],
    ['written off', writeOffCharge],
  ] as const)('a canceled subscription whose charge was %s before can be paid no more', async (_, acts) => {
    const id = await create({ linkMinutes: 600 });
    await acts(ctx, (await world.charge(id)).id, { actor: 'a', reason: 'a person looks at it first' });
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(gateway.sessions.get(await sessionOf(id))).toMatchObject({ status: 'active' });
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    await world.liveUntil('2026-01-31T02:20:00Z');
    expect(gateway.sessions.get(await sessionOf(id))).toMatchObject({ status: 'canceled' });
    await isWhole();
  });

  test('once its charge is void a method is saved as for any other, and cycle 1 is the first that is charged', async () => {
    const id = await create();
    await voidCharge(ctx, (await world.charge(id)).id, { actor: 'a', reason: 'the first month is on us' });
    await world.work();
    expect(await replaceMethod(ctx, id, again)).toMatchObject({ kind: 'opened' });
    await world.saveMethod(id);
    await world.liveUntil('2026-03-01T02:00:00Z');
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'void' },
      { cycle: 1, status: 'paid' },
    ]);
    await isWhole();
  });
});

describe('a first charge that is paid where no method is saved', () => {
  const unsaved = async () => {
    const id = await create();
    gateway.pays(await sessionOf(id));
    await world.receives(sessionEvent(await sessionOf(id), 'COMPLETED', null));
    await world.work();
    return id;
  };

  test('begins what was paid for, and its next cycle waits for the customer', async () => {
    const id = await unsaved();
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      token: null,
      methods: [],
      mandate: null,
      anchor_date: '2026-01-31',
      onboarding: { status: 'completed' },
    });
    expect(await listMethods(ctx, id)).toEqual([]);
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({
      status: 'due',
      next_attempt_at: null,
      waits_until: expect.any(String),
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    expect(gateway.sent).toEqual([]);
    await replaceMethod(ctx, id, again);
    await world.saveMethod(id);
    await world.work();
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', methods: [{ rank: 1 }] });
    await isWhole();
  });

  test('is begun once, whoever else is at it', async () => {
    const id = await create();
    gateway.pays(await sessionOf(id));
    await world.receives(sessionEvent(await sessionOf(id), 'COMPLETED', null));
    world.moveTo('2026-01-31T02:06:00Z');
    await Promise.all([world.work(), world.workAs(world.another())]);
    expect((await world.told(id)).filter((kind) => kind === 'subscription.active')).toHaveLength(1);
  });

  test.each(['expired', 'canceled'] as const)('begins too where Xendit calls the session %s', async (status) => {
    const id = await create();
    const session = await sessionOf(id);
    const { paymentId, paymentRequestId, referenceId } = gateway.pays(session);
    const paid = gateway.sessions.get(session);
    if (paid !== undefined) gateway.sessions.set(session, { ...paid, status });
    await world.receives(
      captured({ payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId }),
    );
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: null });
    await isWhole();
  });

  test('begins where the answer about its session was lost, and its payment is found', async () => {
    const id = await create();
    gateway.expires(await sessionOf(id));
    await world.liveUntil('2026-01-31T02:31:00Z');
    gateway.offerSays({ kind: 'silent', detail: 'no answer' }, true);
    expect(await replaceMethod(ctx, id, again)).toMatchObject({ kind: 'unavailable' });
    const lost = [...gateway.sessions.values()].at(-1)?.sessionId ?? '';
    const { paymentId, paymentRequestId, referenceId } = gateway.pays(lost, { label: 'kept' });
    await world.receives(
      captured({ payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId }),
    );
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: null });
    await isWhole();
    const completed = { payment_session_id: lost, reference_id: `due_${id}_0_p2`, status: 'COMPLETED' };
    await world.receives({ event: 'payment_session.completed', data: completed });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { label: 'kept' } });
    await isWhole();
  });

  test('begins on the day of such a payment, and not on the day it was asked for: no cycle before it is charged', async () => {
    const id = await create();
    gateway.expires(await sessionOf(id));
    await world.liveUntil('2026-04-15T02:31:00Z');
    gateway.offerSays({ kind: 'silent', detail: 'no answer' }, true);
    await replaceMethod(ctx, id, again);
    const lost = [...gateway.sessions.values()].at(-1)?.sessionId ?? '';
    const { paymentId, paymentRequestId, referenceId } = gateway.pays(lost, {});
    await world.receives(
      captured({ payment_id: paymentId, payment_request_id: paymentRequestId, reference_id: referenceId }),
    );
    await world.work();
    await world.receives(sessionEvent(lost, 'COMPLETED', 'pt-1'));
    await world.liveUntil('2026-04-16T02:31:00Z');
    expect(await world.charges(id)).toMatchObject([
      { cycle: 0, status: 'paid', period: { start: '2026-04-15', end: '2026-05-14' } },
    ]);
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      anchor_date: '2026-04-15',
      next_charge_at: '2026-05-15T02:00:00Z',
    });
    expect(gateway.sent).toEqual([]);
    await isWhole();
  });

  test.each(['is open', 'has ended'])('begins where it is paid outside while its session %s', async (state) => {
    const id = await create();
    if (state === 'has ended') gateway.expires(await sessionOf(id));
    await world.liveUntil('2026-01-31T02:31:00Z');
    const received = { receivedOn: Temporal.PlainDate.from('2026-01-31'), evidence: 'bank-1', chargeId: null };
    const money = { amount: 150_000, currency: 'IDR', actor: 'a', reason: 'they paid by transfer', ...received };
    expect(await payOutside(ctx, id, money)).toMatchObject({ kind: 'recorded' });
    await world.liveUntil('2026-01-31T03:31:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: null, anchor_date: '2026-01-31' });
    await isWhole();
  });
});
