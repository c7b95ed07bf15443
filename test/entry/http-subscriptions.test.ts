import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { adminKey, apiOver, fieldsOf } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);

const customer = (reference: string) => ({ reference_id: reference, given_names: 'Siti' });
const wanted = (reference: string, more: object = {}) => ({
  reference_id: reference,
  plan: 'monthly',
  customer: customer(`customer-${reference}`),
  ...more,
});

async function count(reference: string): Promise<number> {
  const rows = await world.db.run<{ count: number }>(
    sql`select count(*)::int as count from subscriptions where reference_id = ${reference}`,
  );
  return rows[0]?.count ?? 0;
}

describe('creating a subscription', () => {
  test('answers 201 with the link for the customer, and every field by its name', async () => {
    const made = await api.post('/v1/subscriptions', wanted('fields', { metadata: { order: '7' } }));
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      reference_id: 'fields',
      status: 'pending',
      plan: 'monthly',
      catalog_version: 1,
      price: { amount: 150_000, currency: 'IDR' },
      quantity: 1,
      unit_amount: 150_000,
      credit: 0,
      customer: {
        id: expect.any(String),
        reference_id: 'customer-fields',
        xendit_customer_id: 'cust-of-customer-fields',
      },
      time_zone: 'Asia/Jakarta',
      anchor_date: null,
      token: null,
      methods: [],
      mandate: null,
      current_cycle: null,
      next_charge_at: null,
      cancel_at: null,
      pause_at: null,
      resumes_on: null,
      access: { allowed: false, until: null, why: 'No payment method was saved yet.' },
      past_due_since: null,
      grace_until: null,
      planned_change: null,
      reason: null,
      onboarding: {
        session_id: expect.stringMatching(/^ps-/),
        status: 'active',
        mode: 'PAYMENT_LINK',
        payment_link_url: expect.stringMatching(/^https:/),
        expires_at: null,
      },
      coupon: null,
      metadata: { order: '7' },
      created_at: '2026-01-31T02:00:00Z',
      activated_at: null,
      ended_at: null,
    });
  });

  test('the same request again is answered 200 with the same subscription, however its keys are ordered', async () => {
    const first = await api.post('/v1/subscriptions', wanted('twice', { time_zone: 'Asia/Makassar' }));
    const again = await api.post('/v1/subscriptions', {
      time_zone: 'Asia/Makassar',
      customer: { given_names: 'Siti', reference_id: 'customer-twice' },
      plan: 'monthly',
      reference_id: 'twice',
    });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(await count('twice')).toBe(1);
  });

  test('another request under the same reference_id is a conflict that names it', async () => {
    await api.post('/v1/subscriptions', wanted('other'));
    const other = await api.post('/v1/subscriptions', wanted('other', { plan: 'weekly' }));
    expect(other.status).toBe(409);
    expect(other.type).toContain('application/problem+json');
    expect(fieldsOf(other)).toEqual(['plan', 'reference_id']);
    const [{ id } = { id: '' }] = (await api.get('/v1/subscriptions?reference_id=other')).body.data;
    expect(other.body.detail).toContain(`belongs to subscription ${id},`);
    expect(other.body.errors).toContainEqual({ field: 'plan', message: 'is "weekly" here, and was "monthly"' });
    expect(await count('other')).toBe(1);
  });

  test.each([
    ['customer.reference_id', { customer: { reference_id: 'somebody-else', given_names: 'Siti' } }],
    ['anchor_date', { anchor_date: '2026-02-10' }],
    ['time_zone', { time_zone: 'Asia/Makassar' }],
    ['metadata', { metadata: { a: 'b' } }],
    ['onboarding.locale', { onboarding: { locale: 'id' } }],
    ['onboarding.allowed_payment_channels', { onboarding: { allowed_payment_channels: ['OVO'] } }],
    ['onboarding.success_return_url', { onboarding: { success_return_url: 'https://other.example/thanks' } }],
  ])('what differs under a taken reference is named: %s', async (field, more) => {
    const reference = `differs-${field.replaceAll('.', '-')}`;
    await api.post('/v1/subscriptions', wanted(reference));
    const other = await api.post('/v1/subscriptions', wanted(reference, more));
    expect([other.status, fieldsOf(other)]).toEqual([409, [field, 'reference_id'].sort()]);
    expect(other.body.detail).toMatch(new RegExp(`they differ in ${RegExp.escape(field)}\\.$`));
  });

  test('what is not kept, and so cannot be compared, is said to differ', async () => {
    await api.post('/v1/subscriptions', wanted('renamed'));
    const renamed = { customer: { reference_id: 'customer-renamed', given_names: 'Wayan' } };
    const other = await api.post('/v1/subscriptions', wanted('renamed', renamed));
    expect([other.status, fieldsOf(other)]).toEqual([409, ['reference_id']]);
    expect(other.body.detail).toContain('details that are not kept');
  });

  test('the same request from many hands at once makes one subscription, and all are shown it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.post('/v1/subscriptions', wanted('at-once'))),
    );
    expect(answers.map((one) => one.status).sort((a, b) => a - b)).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map((one) => one.body.id)).size).toBe(1);
    expect(await count('at-once')).toBe(1);
    const open = [...world.gateway.sessions.values()].filter(
      (one) => one.customerId === 'cust-of-customer-at-once' && one.status === 'active',
    );
    expect(open).toHaveLength(1);
  });

  test('two subscriptions of one new customer at once both succeed, for one customer', async () => {
    const both = await Promise.all(
      ['pair-a', 'pair-b'].map((one) => api.post('/v1/subscriptions', wanted(one, { customer: customer('pair') }))),
    );
    expect(both.map((one) => one.status)).toEqual([201, 201]);
    expect(both[0]?.body.customer.id).toBe(both[1]?.body.customer.id);
  });

  test('shows a time zone as it is spelled, however it came', async () => {
    const made = await api.post('/v1/subscriptions', wanted('zone', { time_zone: 'asia/makassar' }));
    expect([made.status, made.body.time_zone]).toEqual([201, 'Asia/Makassar']);
  });

  test('says what had no effect of a customer whom Xendit knows already, and nothing of a new one', async () => {
    const siti = { ...customer('known'), email: 'siti@example.com' };
    const first = await api.post('/v1/subscriptions', wanted('known-1', { customer: siti }));
    expect([first.status, first.body.warnings]).toEqual([201, undefined]);
    const moved = { ...siti, email: 'new@example.com', mobile_number: '+6281234567890' };
    const second = await api.post('/v1/subscriptions', wanted('known-2', { customer: moved }));
    expect(second.status).toBe(201);
    expect(second.body.warnings.map((one: { field: string }) => one.field)).toEqual([
      'customer.given_names',
      'customer.email',
      'customer.mobile_number',
    ]);
    expect(second.text).not.toContain('new@example.com');
  });

  test('says of return URLs on localhost that no customer can open them, and with a live key takes none', async () => {
    const onboarding = {
      success_return_url: 'https://localhost:3000/thanks',
      cancel_return_url: 'https://shop.co.id/no',
    };
    const made = await api.post('/v1/subscriptions', wanted('local', { onboarding }));
    expect(made).toMatchObject({ status: 201, body: { warnings: [{ field: 'onboarding.success_return_url' }] } });
    const key = { ...world.ctx.key, mode: 'live' as const };
    const live = await apiOver({ ...world.ctx, key });
    const refused = await live.post('/v1/subscriptions', wanted('local-live', { onboarding }));
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['onboarding.success_return_url']]);
    const again = await live.post(`/v1/subscriptions/${made.body.id}/onboarding`, onboarding);
    expect([again.status, fieldsOf(again)]).toEqual([400, ['success_return_url']]);
  });

  test('of a plan that is mistyped names the one that was meant', async () => {
    const { body } = await api.post('/v1/subscriptions', { ...wanted('plan'), plan: 'montly' });
    expect(body.errors).toEqual([{ field: 'plan', message: expect.stringContaining('did you mean "monthly"?') }]);
  });

  test("Xendit's id of the customer will do in place of the customer", async () => {
    const XENDIT_ID = 'cust-dad50e22-8d62-4d56-b888-5f66bfdf5627';
    const { customer: _, ...rest } = wanted('by-id');
    const made = await api.post('/v1/subscriptions', { ...rest, customer_id: XENDIT_ID });
    expect(made.status).toBe(201);
    expect(made.body.customer).toMatchObject({ reference_id: null, xendit_customer_id: XENDIT_ID });
  });
});

describe('reading subscriptions', () => {
  test('an active one shows its masked method, mandate, cycle and next charge', async () => {
    const id = await world.onboard('reader');
    await world.work();
    const shown = await api.get(`/v1/subscriptions/${id}`);
    expect(shown.body).toMatchObject({
      status: 'active',
      token: { channel_code: 'CARDS', label: '400000XXXXXX1000', network: 'VISA', status: 'active' },
      mandate: { card_on_file_type: 'RECURRING', recurring_frequency: 1 },
      current_cycle: { number: 0, starts_on: '2026-01-31', ends_on: '2026-02-27' },
      next_charge_at: '2026-02-28T02:00:00Z',
    });
    expect(shown.text).not.toContain('pt-');
  });

  test('the next charges count from the anchor, as many as asked for', async () => {
    const id = await world.onboard('upcoming');
    await world.work();
    const { body, status } = await api.get(`/v1/subscriptions/${id}/upcoming?count=3`);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        ['2026-02-28', '2026-03-30', '2026-02-28T02:00:00Z'],
        ['2026-03-31', '2026-04-29', '2026-03-31T02:00:00Z'],
        ['2026-04-30', '2026-05-30', '2026-04-30T02:00:00Z'],
      ].map(([start, end, due], index) => ({
        cycle: index + 1,
        period: { start, end },
        due_at: due,
        amount: 150_000,
        currency: 'IDR',
        lines: [
          {
            kind: 'plan',
            text: 'Monthly',
            quantity: 1,
            unit_amount: 150_000,
            amount: 150_000,
            period: { start, end },
          },
        ],
        subtotal: 150_000,
        discount: 0,
        tax_included: 0,
        tax_added: 0,
        credit_used: 0,
      })),
      next_cursor: null,
    });
    expect((await api.get(`/v1/subscriptions/${id}/upcoming`)).body.data).toHaveLength(12);
    const short = await world.onboard('short', 'three');
    await world.work();
    expect((await api.get(`/v1/subscriptions/${short}/upcoming`)).body.data).toHaveLength(2);
  });

  test('a list is narrowed by status, plan and customer', async () => {
    const id = await world.onboard('narrow', 'weekly');
    const found = async (query: string) => (await api.get(`/v1/subscriptions?${query}`)).body.data;
    expect(await found('customer=customer-narrow')).toMatchObject([{ id }]);
    expect(await found('customer=cust-of-customer-narrow&status=active&plan=weekly')).toMatchObject([{ id }]);
    expect(await found('customer=customer-narrow&status=paused')).toEqual([]);
    expect(await found('customer=customer-narrow&plan=monthly')).toEqual([]);
  });

  test('a list says what it comes to, by currency and status, whatever page of it is shown', async () => {
    const who = { referenceId: 'chain', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const ids = [
      await world.onboard('chain-1', 'monthly', { customer: who }),
      await world.onboard('chain-2', 'weekly', { customer: who }),
      await world.onboard('chain-3', 'manila', {}, { country: 'PH', currency: 'PHP' }),
      await world.create('chain-4', 'monthly', { customer: who }),
    ];
    const views = await Promise.all(ids.map(async (id) => (await api.get(`/v1/subscriptions/${id}`)).body));
    const [monthly, weekly, manila] = views.map(({ price }) => price.amount as number);
    const totals = async (query: string) => (await api.get(`/v1/subscriptions?${query}`)).body.totals;
    const line = (status: string, count: number, amount: number, currency = 'IDR') => {
      return { currency, status, count, amount };
    };
    const all = [line('active', 2, (monthly ?? 0) + (weekly ?? 0)), line('pending', 1, monthly ?? 0)];
    expect(await totals('customer=chain')).toEqual(all);
    const { body } = await api.get('/v1/subscriptions?customer=chain&limit=1');
    expect([body.data.length, body.totals]).toEqual([1, all]);
    expect(await totals(`customer=chain&limit=1&cursor=${body.next_cursor}`)).toEqual(all);
    expect(await totals('customer=chain&status=pending')).toEqual([line('pending', 1, monthly ?? 0)]);
    expect(await totals('customer=chain&plan=weekly')).toEqual([line('active', 1, weekly ?? 0)]);
    expect(await totals('reference_id=chain-3')).toEqual([line('active', 1, manila ?? 0, 'PHP')]);
    expect([manila, await totals('customer=nobody')]).toEqual([499.5, []]);
  });

  test('each of a list shows its own session, and its own next charge', async () => {
    const named = { referenceId: 'three', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    await world.work();
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const ids = [await world.onboard('three-1', 'monthly', { customer: named })];
    await world.work();
    ids.push(await world.onboard('three-2', 'weekly', { customer: named }));
    ids.push(await world.create('three-3', 'monthly', { customer: named }));
    await api.post(`/v1/subscriptions/${ids[2]}/onboarding`);
    const alone = await Promise.all(ids.map(async (id) => (await api.get(`/v1/subscriptions/${id}`)).body));
    const { data } = (await api.get('/v1/subscriptions?customer=three')).body;
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect(data.toSorted(byId)).toEqual(alone.toSorted(byId));
    expect(new Set(alone.map((one) => one.onboarding.session_id)).size).toBe(3);
    const [retry] = (await api.get(`/v1/charges?subscription=${ids[0]}`)).body.data;
    expect(alone.map((one) => one.next_charge_at)).toEqual([retry.next_attempt_at, '2026-01-31T02:00:00Z', null]);
    expect(retry.next_attempt_at).not.toBeNull();
  });

  test('pages follow each other, newest first, with nothing twice and nothing left out', async () => {
    for (const n of [1, 2, 3, 4, 5]) await world.create(`page-${n}`, 'forgiving');
    const seen: string[] = [];
    let next = '';
    do {
      const { body } = await api.get(`/v1/subscriptions?plan=forgiving&limit=2${next && `&cursor=${next}`}`);
      seen.push(...body.data.map((one: { reference_id: string }) => one.reference_id));
      next = body.next_cursor ?? '';
    } while (next !== '');
    expect([...seen].sort()).toEqual(['page-1', 'page-2', 'page-3', 'page-4', 'page-5']);
  });
});

describe('changing a subscription', () => {
  test('canceled now, it owes and is charged nothing more', async () => {
    const id = await world.onboard('cancel-now');
    const gone = await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now', reason: 'moved away' });
    expect(gone.body).toMatchObject({ status: 'canceled', reason: 'moved away', next_charge_at: null });
    await world.work();
    expect(world.gateway.sent.filter((one) => one.referenceId.includes(id))).toEqual([]);
    expect((await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' })).status).toBe(409);
  });

  test("canceled at the period's end, it says when and has no next charge", async () => {
    const id = await world.onboard('cancel-later');
    await world.work();
    const { body } = await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end' });
    expect(body).toMatchObject({ status: 'active', cancel_at: '2026-02-28T02:00:00Z', next_charge_at: null });
    expect((await api.get(`/v1/subscriptions/${id}/upcoming`)).body.data).toEqual([]);
  });

  test("paused until a day, at the period's end, it says both, and what that replaced", async () => {
    const id = await world.onboard('pause-later');
    await world.work();
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end', reason: 'moved away' });
    const { body } = await api.post(`/v1/subscriptions/${id}/pause`, { at: 'period_end', until: '2026-04-15' });
    expect(body).toMatchObject({
      status: 'active',
      cancel_at: null,
      pause_at: '2026-02-28T02:00:00Z',
      resumes_on: '2026-04-15',
      replaced: { what: 'cancel', at: '2026-02-28T02:00:00Z', reason: 'moved away' },
    });
    expect(await api.post(`/v1/subscriptions/${id}/resume`, {})).toMatchObject({
      status: 200,
      body: { pause_at: null, resumes_on: null },
    });
    expect((await api.get(`/v1/subscriptions/${id}`)).body).not.toHaveProperty('replaced');
    expect((await api.post(`/v1/subscriptions/${id}/resume`, {})).status).toBe(409);
  });

  test('canceled and taken back: 200 while it is planned, 409 once it has happened', async () => {
    const id = await world.onboard('cancel-back');
    await world.work();
    expect((await api.delete(`/v1/subscriptions/${id}/cancel`)).status).toBe(409);
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end' });
    const back = await api.delete(`/v1/subscriptions/${id}/cancel`);
    expect(back).toMatchObject({ status: 200, body: { status: 'active', cancel_at: null } });
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' });
    expect(await api.delete(`/v1/subscriptions/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('The subscription is canceled') },
    });
  });

  test('taken back once under its Idempotency-Key, and answered alike', async () => {
    const id = await world.onboard('cancel-back-once');
    await world.work();
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end' });
    const headers = { authorization: `Bearer ${adminKey}`, 'idempotency-key': 'back-once' };
    const answers = [
      await api.send('DELETE', `/v1/subscriptions/${id}/cancel`, '', headers),
      await api.send('DELETE', `/v1/subscriptions/${id}/cancel`, '', headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
  });

  test('canceled with a refund of its last payment says so among its refunds', async () => {
    const id = await world.onboard('refund-last');
    await world.work();
    expect((await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now', refund: 'last' })).status).toBe(200);
    expect((await api.get(`/v1/refunds?subscription=${id}`)).body).toMatchObject({
      data: [{ amount: 150_000, state: 'approved', reason: 'CANCELLATION' }],
    });
  });

  test('named by its own reference, in every call that takes an id', async () => {
    const customerOfOurs = { referenceId: 'named', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const id = await world.onboard('sub/1001 ü', 'monthly', { customer: customerOfOurs });
    await world.work();
    const named = `/v1/subscriptions/${encodeURIComponent('ref:sub/1001 ü')}`;
    expect((await api.get(named)).body).toMatchObject({ id, reference_id: 'sub/1001 ü' });
    expect((await api.get(`${named}/upcoming?count=1`)).body.data).toHaveLength(1);
    expect((await api.post(`${named}/pause`)).body).toMatchObject({ id, status: 'paused' });
    expect((await api.post(`${named}/resume`)).body).toMatchObject({ id, status: 'active' });
    expect((await api.post(`${named}/onboarding`)).status).toBe(201);
    expect((await api.post(`${named}/cancel`, { at: 'now' })).body).toMatchObject({ id, status: 'canceled' });
    const long = 'ü'.repeat(255);
    const longest = await world.onboard(long, 'monthly', { customer: { ...customerOfOurs, referenceId: 'longest' } });
    expect((await api.get(`/v1/subscriptions/ref:${encodeURIComponent(long)}`)).body.id).toBe(longest);
    for (const unknown of ['ref:nobody', 'ref:', 'sub-1001', 'ref:a%0Ab', `ref:${'x'.repeat(256)}`]) {
      const answer = await api.get(`/v1/subscriptions/${unknown}`);
      expect([unknown, answer.status, answer.type]).toEqual([unknown, 404, expect.stringContaining('problem+json')]);
    }
  });

  test('a list is narrowed to a reference, and to a customer by any of their names', async () => {
    const [a, b] = [await world.onboard('narrowed-a'), await world.onboard('narrowed-b')];
    const found = async (query: string) => (await api.get(`/v1/subscriptions?${query}`)).body.data.map(idOf);
    expect(await found('reference_id=narrowed-a')).toEqual([a]);
    const { customer: who } = (await api.get(`/v1/subscriptions/${b}`)).body;
    for (const name of [who.id, who.reference_id, who.xendit_customer_id, `ref:${who.reference_id}`])
      expect([name, await found(`customer=${name}`)]).toEqual([name, [b]]);
    expect(await found(`customer=${who.reference_id}&reference_id=narrowed-a`)).toEqual([]);
    for (const none of ['reference_id=nobody', 'customer=nobody', `reference_id=${a}`])
      expect(await found(none)).toEqual([]);
  });

  test('paused and resumed, by bodiless requests', async () => {
    const id = await world.onboard('pause');
    await world.work();
    expect((await api.post(`/v1/subscriptions/${id}/pause`)).body).toMatchObject({
      status: 'paused',
      next_charge_at: null,
    });
    expect((await api.post(`/v1/subscriptions/${id}/pause`)).status).toBe(409);
    expect((await api.post(`/v1/subscriptions/${id}/resume`, {})).body).toMatchObject({ status: 'active' });
    expect((await api.post(`/v1/subscriptions/${id}/resume`)).status).toBe(409);
  });

  test('a new session replaces the payment method, with or without a body', async () => {
    const id = await world.onboard('replace');
    const before = (await api.get(`/v1/subscriptions/${id}`)).body.onboarding.session_id;
    const opened = await api.post(`/v1/subscriptions/${id}/onboarding`);
    expect(opened.status).toBe(201);
    expect(opened.body.onboarding).toMatchObject({ status: 'active', mode: 'PAYMENT_LINK' });
    expect(opened.body.onboarding.session_id).not.toBe(before);
    const body = { mode: 'PAYMENT_LINK', allowed_payment_channels: ['CARDS'], locale: 'id' };
    expect((await api.post(`/v1/subscriptions/${id}/onboarding`, body)).status).toBe(201);
  });
});

function idOf(one: { readonly id: string }): string {
  return one.id;
}
