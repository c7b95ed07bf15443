import { describe, expect, test } from 'vitest';
import { chargeStory } from '../../src/entry/cli/charge-story.ts';
import { apiOver, fieldsOf } from '../support/api.ts';
import { declined, refused, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);

async function chargeOf(subscriptionId: string) {
  return (await api.get(`/v1/charges?subscription=${subscriptionId}`)).body.data[0];
}

describe('reading charges', () => {
  test('a charge is found, and decided about, by the reference that Xendit shows of an attempt', async () => {
    const id = await world.onboard('by-reference');
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const { id: charge } = await chargeOf(id);
    const found = await api.get(`/v1/charges/due_${id}_0_1`);
    expect(found).toMatchObject({ status: 200, body: { id: charge } });
    const held = await api.post(`/v1/charges/due_${id}_0_1/hold`, { reason: 'the customer asked' });
    expect(held).toMatchObject({ status: 200, body: { id: charge, status: 'held' } });
    expect(await api.get(`/v1/charges/due_${id}_7_1`)).toMatchObject({ status: 404 });
    expect(await api.get(`/v1/charges/due_${charge}_0_1`)).toMatchObject({ status: 404 });
    expect(await api.get(`/v1/charges/due_${id}_s1`)).toMatchObject({ status: 404 });
  });

  test('a paid charge shows every field by its name, and its attempt', async () => {
    const id = await world.onboard('paid');
    await world.work();
    const { id: charge } = await chargeOf(id);
    const shown = await api.get(`/v1/charges/${charge}`);
    expect(shown.body).toEqual({
      id: charge,
      subscription_id: id,
      subscription_reference: 'paid',
      customer_reference: 'customer-paid',
      plan: 'monthly',
      catalog_version: 1,
      status: 'paid',
      amount: 150_000,
      currency: 'IDR',
      collected: 150_000,
      overpaid: 0,
      refunded: 0,
      charged_back: 0,
      lines: [
        {
          kind: 'plan',
          text: 'Monthly',
          quantity: 1,
          unit_amount: 150_000,
          amount: 150_000,
          period: { start: '2026-01-31', end: '2026-02-27' },
        },
      ],
      subtotal: 150_000,
      discount: 0,
      tax_included: 0,
      tax_added: 0,
      credit_used: 0,
      kind: 'cycle',
      cycle: 0,
      period: { start: '2026-01-31', end: '2026-02-27' },
      due_at: '2026-01-31T02:00:00Z',
      time_zone: 'Asia/Jakarta',
      missed: false,
      next_attempt_at: null,
      waits_until: null,
      hold_reason: null,
      retries_by_hand: 0,
      failure_code: null,
      advice: null,
      actions: [],
      note: 'Xendit collected the money.',
      settled_at: '2026-01-31T02:00:00Z',
      created_at: '2026-01-31T02:00:00Z',
      price: {
        catalog_version: 1,
        unit_amount: 150_000,
        origin: 'created',
        from_cycle: 0,
        notice: null,
        consent: null,
      },
      attempts: [
        {
          number: 1,
          via: 'token',
          reference_id: `due_${id}_0_1`,
          sent_at: '2026-01-31T02:00:00Z',
          outcome: 'succeeded',
          outcome_at: '2026-01-31T02:00:00Z',
          failure_code: null,
          class: null,
          network_code: null,
          advice_code: null,
          action_url: null,
          payment_request_id: expect.stringMatching(/^pr-/),
          payment_id: expect.stringMatching(/^py-/),
          next_check_at: null,
          decision: expect.objectContaining({ kind: 'paid', why: expect.any(String) }),
        },
      ],
      history: ['charge.opened', 'attempt.sent', 'attempt.settled', 'charge.paid'].map((kind) =>
        expect.objectContaining({ kind, at: '2026-01-31T02:00:00.000Z', actor: expect.any(String) }),
      ),
    });
    expect(shown.text).not.toContain('pt-');
  });

  test('a declined one says with its decision when it is tried again, and why', async () => {
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('declined');
    await world.work();
    const charge = await chargeOf(id);
    expect(charge).toMatchObject({ status: 'due', failure_code: 'INSUFFICIENT_BALANCE', collected: 0 });
    const { attempts } = (await api.get(`/v1/charges/${charge.id}`)).body;
    expect(attempts).toMatchObject([
      {
        outcome: 'declined',
        failure_code: 'INSUFFICIENT_BALANCE',
        class: 'funds',
        decision: { kind: expect.any(String), at: charge.next_attempt_at, why: expect.stringMatching(/\w+/) },
      },
    ]);
    expect((await api.get(`/v1/subscriptions/${id}`)).body).toMatchObject({
      status: 'past_due',
      next_charge_at: charge.next_attempt_at,
    });
  });

  test('money with cents is written in major units', async () => {
    const id = await world.onboard('pesos', 'manila', {}, { country: 'PH', currency: 'PHP' });
    await world.work();
    expect(await chargeOf(id)).toMatchObject({ amount: 499.5, collected: 499.5, currency: 'PHP' });
  });

  test('a list is narrowed by status, subscription, failure code and due days', async () => {
    world.gateway.script(declined('STOLEN_CARD'));
    const id = await world.onboard('narrow', 'weekly');
    await world.work();
    const { id: charge } = await chargeOf(id);
    const found = async (query: string) => (await api.get(`/v1/charges?${query}`)).body.data.map(idOf);
    expect(await found('subscription=narrow')).toEqual([charge]);
    expect(await found('failure_code=STOLEN_CARD')).toEqual([charge]);
    expect(await found('subscription=narrow&status=paid')).toEqual([]);
    // Due at 09:00 of 31 January in Jakarta, the zone of the defaults.
    expect(await found('subscription=narrow&due_from=2026-01-31&due_to=2026-01-31')).toEqual([charge]);
    expect(await found('subscription=narrow&due_from=2026-02-01')).toEqual([]);
    expect(await found('subscription=narrow&due_to=2026-01-30')).toEqual([]);
    expect(await found('subscription=narrow&due_to=2026-01-31T02:00:00Z')).toEqual([charge]);
    expect(await found('subscription=narrow&due_to=2026-01-31T01:59:59.999Z')).toEqual([]);
  });

  test('a list is narrowed to a customer, and to the days on which it was paid, and says what it comes to', async () => {
    const before = world.now().toString();
    const id = await world.onboard('totals', 'monthly', {
      customer: { referenceId: 'big-buyer', givenNames: 'Siti', surname: null, email: null, mobileNumber: null },
    });
    await world.liveUntil('2026-02-28T02:00:00Z');
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-04-01T02:00:00Z');
    const charges = (await world.charges(id)).map(idOf);
    const asked = async (query: string) => {
      const { body } = await api.get(`/v1/charges?customer=big-buyer&${query}`);
      return { ids: body.data.map(idOf), totals: body.totals };
    };
    const total = (status: string, count: number, collected: number) => ({
      currency: 'IDR',
      status,
      count,
      amount: count * 150_000,
      collected,
    });
    const all = await asked('limit=1');
    expect(all.ids).toEqual(charges.slice(0, 1));
    const counts = Object.fromEntries(
      all.totals.map((one: { status: string; count: number }) => [one.status, one.count]),
    );
    expect(Object.values<number>(counts).reduce((sum, one) => sum + one, 0)).toBe(charges.length);
    const paid = await asked('status=paid');
    expect(paid.totals).toEqual([total('paid', paid.ids.length, paid.ids.length * 150_000)]);
    expect((await asked('paid_from=2026-01-31&paid_to=2026-01-31')).ids).toEqual(charges.slice(0, 1));
    expect((await asked('paid_from=2026-02-01&paid_to=2026-02-28')).totals).toEqual([total('paid', 1, 150_000)]);
    expect(await asked('paid_to=2026-01-30')).toEqual({ ids: [], totals: [] });
    expect((await api.get('/v1/charges?customer=nobody')).body).toEqual({ data: [], next_cursor: null, totals: [] });
    const bad = await api.get('/v1/charges?paid_from=soon&due_to=never&sort=size');
    expect([bad.status, fieldsOf(bad)]).toEqual([400, ['due_to', 'paid_from', 'sort']]);
    const backwards = await api.get('/v1/charges?paid_from=2026-02-02&paid_to=2026-02-01');
    expect(backwards.body.errors).toEqual([{ field: 'paid_to', message: 'Must not lie before paid_from.' }]);
    world.moveTo(before);
  });

  test('newest due first, the pages follow each other the other way', async () => {
    const due = (await api.get('/v1/charges')).body.data.map(idOf);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await api.get(`/v1/charges?sort=-due_at&limit=2${next && `&cursor=${next}`}`);
      seen.push(...body.data.map(idOf));
      next = body.next_cursor;
    }
    expect(seen).toEqual(due.toReversed());
  });

  test('pages follow each other, oldest due first', async () => {
    const due = (await api.get('/v1/charges')).body.data.map(idOf);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await api.get(`/v1/charges?limit=1${next && `&cursor=${next}`}`);
      seen.push(...body.data.map(idOf));
      next = body.next_cursor;
    }
    expect(seen).toEqual(due);
    expect(new Set(seen).size).toBeGreaterThan(2);
  });

  test('a range that ends before it begins names its end', async () => {
    const asked = await api.get('/v1/charges?due_from=2026-02-02&due_to=2026-02-01');
    expect([asked.status, fieldsOf(asked)]).toEqual([400, ['due_to']]);
    const wrong = await api.get('/v1/charges?due_from=soon&due_to=2026-02-30');
    expect([wrong.status, fieldsOf(wrong)]).toEqual([400, ['due_from', 'due_to']]);
  });
});

describe('changing a charge by hand', () => {
  test('retried, it is attempted at once', async () => {
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('retry');
    await world.work();
    const { id: charge } = await chargeOf(id);
    world.moveTo('2026-02-01T03:00:00Z');
    const asked = await api.post(`/v1/charges/${charge}/retry`, { reason: 'the customer called' });
    expect(asked.body).toMatchObject({ status: 'due', next_attempt_at: '2026-02-01T03:00:00Z' });
    await world.work();
    expect((await api.get(`/v1/charges/${charge}`)).body).toMatchObject({ status: 'paid', collected: 150_000 });
    expect((await api.post(`/v1/charges/${charge}/retry`)).status).toBe(409);
  });

  test('voided, it is no longer owed, and keeps its row and its reason', async () => {
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('void');
    await world.work();
    const { id: charge } = await chargeOf(id);
    const asked = await api.post(`/v1/charges/${charge}/void`, { reason: 'a gesture of ours' });
    expect(asked.body).toMatchObject({ status: 'void', next_attempt_at: null, note: 'void: a gesture of ours' });
    expect((await api.get(`/v1/subscriptions/${id}`)).body.status).toBe('active');
    const again = await api.post(`/v1/charges/${charge}/void`, { reason: 'a gesture of ours' });
    expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining('The charge is void')]);
    expect((await api.post(`/v1/charges/${charge}/release`)).status).toBe(409);
  });

  test('tells what people decided about it, who and why, and how its method ended; and nothing of what came later', async () => {
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('walked');
    await world.work();
    const { id: charge } = await chargeOf(id);
    await api.post(`/v1/charges/${charge}/hold`, { reason: 'the customer disputes it' });
    const held = chargeStory(await world.charge(id));
    expect(held).toContain(`dueday charges release ${charge}; if it is not owed: dueday charges void ${charge}`);
    expect((await api.post(`/v1/charges/${charge}/retry`)).body.detail).toContain('is released, or voided');
    const tokenId = world.gateway.sent.at(-1)?.tokenId ?? '';
    world.gateway.ends(tokenId, 'expired');
    const data = { payment_token_id: tokenId, status: 'EXPIRED' };
    await world.receives({ event: 'payment_token.expired', data });
    await world.work();
    await api.post(`/v1/charges/${charge}/release`, { reason: 'the dispute is withdrawn' });
    await api.post(`/v1/charges/${charge}/void`, { reason: 'a gesture of ours' });
    const before = world.now();
    world.moveTo(before.add({ seconds: 1 }).toString());
    await api.post(`/v1/subscriptions/${id}/pause`, { reason: 'long after the charge' });
    const history: readonly { kind: string; actor: string; why: string | null }[] = (
      await api.get(`/v1/charges/${charge}`)
    ).body.history;
    const acts = history.filter(({ kind, actor }) => actor === 'api:admin' || kind === 'token.ended');
    expect(acts.map(({ kind, why }) => [kind, why])).toEqual([
      ['charge.held', 'held by a person: the customer disputes it'],
      ['token.ended', expect.stringMatching(/./)],
      ['charge.released', 'released: the dispute is withdrawn'],
      ['charge.voided', 'void: a gesture of ours'],
      ['subscription.active', 'void: a gesture of ours'],
    ]);
    const story = chargeStory(await world.charge(id));
    expect(story).toMatch(
      /^- {2}2026-\d\d-\d\d \d\d:\d\d {2}Held for a person, by api:admin\n {3}Held by a person: the customer/m,
    );
    expect(story).toMatch(/A saved method ended, by xendit\n {3}\S/i);
    expect(story.indexOf('sent to Xendit')).toBeLessThan(story.indexOf('Held for a person'));
    expect(story).not.toContain('long after the charge');
    world.moveTo(before.toString());
  });

  test.each([
    ['due-again', declined('INSUFFICIENT_BALANCE')],
    ['waiting-for-its-customer', declined('REQUIRES_ACTION')],
  ])('%s, it is held by hand: nothing of it is attempted until it is released', async (what, first) => {
    world.gateway.script(first);
    const id = await world.onboard(`held-${what}`);
    await world.work();
    const { id: charge, status } = await chargeOf(id);
    const sent = () => world.gateway.sent.filter((one) => one.referenceId.startsWith(`due_${id}_0_`)).length;
    expect([status, sent()]).toEqual(['due', 1]);
    const held = await api.post(`/v1/charges/${charge}/hold`, { reason: 'the customer disputes it' });
    expect(held.body).toMatchObject({
      status: 'held',
      hold_reason: 'by_hand',
      next_attempt_at: null,
      waits_until: null,
      note: 'held by a person: the customer disputes it',
    });
    const again = await api.post(`/v1/charges/${charge}/hold`, { reason: 'the customer disputes it' });
    expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining('The charge is held')]);
    const before = world.now().toString();
    await world.liveUntil('2026-03-20T02:00:00Z');
    expect([(await world.charge(id)).status, sent()]).toEqual(['held', 1]);
    expect(await world.told(id)).toContain('charge.held');
    expect((await api.post(`/v1/charges/${charge}/release`, {})).body).toMatchObject({
      status: 'due',
      hold_reason: null,
      retries_by_hand: 0,
    });
    await world.work();
    expect([(await world.charge(id)).status, sent()]).toEqual(['paid', 2]);
    world.moveTo(before);
  });

  test('released from hold, it is due again', async () => {
    world.gateway.script(refused('charge', 'INVALID_PAYMENT_TOKEN'));
    const id = await world.onboard('held');
    await world.work();
    const { id: charge, hold_reason } = await chargeOf(id);
    expect(hold_reason).toEqual(expect.any(String));
    const asked = await api.post(`/v1/charges/${charge}/release`, {});
    expect(asked.body).toMatchObject({ status: 'due', hold_reason: null });
    await world.work();
    expect((await chargeOf(id)).status).toBe('paid');
  });

  test('while its outcome is unknown it is neither retried nor voided', async () => {
    world.gateway.script(unknown());
    const id = await world.onboard('unknown');
    await world.work();
    const { id: charge, status } = await chargeOf(id);
    expect(status).toBe('attempting');
    for (const verb of ['retry', 'void', 'hold', 'release']) {
      expect((await api.post(`/v1/charges/${charge}/${verb}`, { reason: 'the customer called' })).status).toBe(409);
    }
    expect(world.gateway.sent.filter((one) => one.referenceId.includes(id))).toHaveLength(1);
  });
});

function idOf(one: { readonly id: string }): string {
  return one.id;
}
