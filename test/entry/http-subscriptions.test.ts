import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { apiOver, fieldsOf } from '../support/api.ts';
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
