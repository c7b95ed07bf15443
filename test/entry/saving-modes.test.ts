import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { answering } from '../support/answering.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
beforeEach(() => world.startOver(START));

const origins = ['https://shop.example.com'];
const onPage = { mode: 'COMPONENTS', origins };
const wanted = (onboarding: object, more: object = {}) => ({
  reference_id: 'sub-1',
  plan: 'monthly',
  customer: { reference_id: 'customer-1', given_names: 'Siti' },
  onboarding,
  ...more,
});
const keyed = async (path: string, body: unknown) =>
  await api.app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${adminKey}`, 'idempotency-key': 'k-1', 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await world.ask<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const parts = await Promise.all(
    tables.map(({ name }) => world.ask<{ text: string }>(sql.raw(`select t::text as text from "${name}" t`))),
  );
  return [...parts.flat().map(({ text }) => text), ...world.logged.map((line) => JSON.stringify(line))].join('\n');
}

describe('a method that is saved on a page of the product’s own', () => {
  test('is asked for with a key that the 201 tells, and nobody keeps', async () => {
    const made = await api.post('/v1/subscriptions', wanted(onPage));
    expect(made).toMatchObject({
      status: 201,
      body: {
        status: 'pending',
        onboarding: { mode: 'COMPONENTS', status: 'active', payment_link_url: null, session_id: expect.any(String) },
      },
    });
    expect(made.body.onboarding.components_sdk_key).toBe(`session-of-due_${made.body.id}_s1`);
    expect(await everything()).not.toContain('session-of-');
    expect((await api.get(`/v1/subscriptions/${made.body.id}`)).text).not.toContain('components_sdk_key');
    const again = await api.post('/v1/subscriptions', wanted(onPage));
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id } });
    expect(again.text).not.toContain('components_sdk_key');
  });

  test('is linked as any other, and its first cycle is charged', async () => {
    const made = await api.post('/v1/subscriptions', wanted(onPage));
    await world.saveMethod(made.body.id);
    await world.work();
    expect(await world.subscription(made.body.id)).toMatchObject({
      status: 'active',
      onboarding: { mode: 'COMPONENTS', status: 'completed' },
    });
    expect(await world.charge(made.body.id)).toMatchObject({ status: 'paid' });
  });

  test('an answer that comes again under its Idempotency-Key is the same without the key', async () => {
    const first = await keyed('/v1/subscriptions', wanted(onPage, { metadata: { components_sdk_key: 'mine' } }));
    const again = await keyed('/v1/subscriptions', wanted(onPage, { metadata: { components_sdk_key: 'mine' } }));
    const { components_sdk_key: key, ...onboarding } = first.json().onboarding;
    expect(key).toMatch(/^session-of-/);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.statusCode).toBe(201);
    expect(again.json()).toEqual({ ...first.json(), onboarding });
    expect(await everything()).not.toContain('session-of-');
    expect(gateway.saved).toHaveLength(1);
  });

  test('so is that of a payment on such a page', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    gateway.script({
      kind: 'declined',
      code: 'EXPIRED_CARD',
      networkCode: null,
      adviceCode: null,
      actionUrl: null,
      paymentRequestId: 'pr-1',
      paymentId: 'py-1',
    });
    await world.work();
    const path = `/v1/charges/${(await world.charge(id)).id}/pay-link`;
    const first = await keyed(path, onPage);
    const again = await keyed(path, onPage);
    const { components_sdk_key: key, ...rest } = first.json();
    expect(key).toMatch(/^session-of-/);
    expect(again.json()).toEqual(rest);
    expect(await everything()).not.toContain('session-of-');
  });

  test('another session has a key of its own, and closes the one before', async () => {
    const made = await api.post('/v1/subscriptions', wanted(onPage));
    const other = await api.post(`/v1/subscriptions/${made.body.id}/onboarding`, onPage);
    expect(other).toMatchObject({ status: 201, body: { onboarding: { mode: 'COMPONENTS' } } });
    expect(other.body.onboarding.components_sdk_key).toBe(`session-of-due_${made.body.id}_s2`);
    expect(gateway.sessions.get(made.body.onboarding.session_id)).toMatchObject({ status: 'canceled' });
  });
});

describe('the older library for cards', () => {
  const older = { mode: 'CARDS_SESSION_JS' };
  const known = { customer: undefined, customer_id: `cust-${'a'.repeat(36)}` };

  test('is given the id of a session, of a customer whom Xendit knows', async () => {
    const made = await api.post('/v1/subscriptions', wanted(older, known));
    expect(made).toMatchObject({
      status: 201,
      body: { onboarding: { mode: 'CARDS_SESSION_JS', payment_link_url: null, session_id: expect.any(String) } },
    });
    expect(made.text).not.toContain('components_sdk_key');
  });

  test('is refused for a customer whom Xendit is to hear of first', async () => {
    const made = await api.post('/v1/subscriptions', wanted(older));
    expect(made).toMatchObject({ status: 400, body: { errors: [{ field: 'customer' }] } });
    expect(gateway.saved).toHaveLength(0);
  });

  test('where the account does not have it, the mode is named with the one that it has', async () => {
    const message = 'mode CARDS_SESSION_JS is not supported for now';
    const refused = {
      kind: 'refused',
      status: 400,
      code: 'MODE_NOT_SUPPORTED',
      message,
      retryAfterSeconds: null,
    } as const;
    const without = await apiOver(answering(ctx, { openSession: async () => refused }));
    const made = await without.post('/v1/subscriptions', wanted(older, known));
    expect(made).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'onboarding.mode', message: `${message}: this account has COMPONENTS instead` }] },
    });
  });
});

test.each([
  [{ mode: 'COMPONENTS' }, 'onboarding.origins'],
  [{ origins }, 'onboarding.origins'],
  [{ mode: 'CARDS_SESSION_JS', origins }, 'onboarding.origins'],
  [{ mode: 'COMPONENTS', origins: [] }, 'onboarding.origins'],
  [{ mode: 'COMPONENTS', origins: ['https://shop.example.com/pay'] }, 'onboarding.origins.0'],
  [{ mode: 'COMPONENTS', origins: ['http://shop.example.com'] }, 'onboarding.origins.0'],
  [{ mode: 'CARDS_SESSION_JS', allowed_payment_channels: ['CARDS'] }, 'onboarding.allowed_payment_channels'],
  [{ mode: 'REDIRECT' }, 'onboarding.mode'],
])('%o is refused with its field, and Xendit is not asked', async (onboarding, field) => {
  const made = await api.post('/v1/subscriptions', wanted(onboarding));
  expect(made.status).toBe(400);
  expect(made.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  expect(gateway.saved).toHaveLength(0);
});
