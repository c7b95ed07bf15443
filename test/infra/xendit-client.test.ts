import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exactNumber, isFromXendit, readWebhook, type Xendit, xendit } from '../../src/xendit/index.ts';
import { openStand, RECURRING, SECRET_KEY, type Stand, saveMethod } from '../sandbox/stand.ts';
import { answer, sample, scripted } from './xendit-script.ts';

/* The client as others use it: without a gateway, and without a word of billing. */

function clientAt(url: string, more: { totalDeadlineMs?: number } = {}): Xendit {
  const client = xendit({ secretKey: SECRET_KEY, url, ...more });
  onTestFinished(() => client.close());
  return client;
}

const charge = {
  reference_id: 'order-1',
  type: 'PAY',
  payment_token_id: 'pt-90392f42-d98a-49ef-a7f3-abcezas123',
  country: 'ID',
  currency: 'IDR',
  request_amount: 150_000,
} as const;

/** A method that the sandbox has saved, as it may be charged. */
async function chargeOf(stand: Stand, reference_id: string) {
  return { ...charge, reference_id, payment_token_id: await saveMethod(stand), channel_properties: RECURRING };
}

describe('a call', () => {
  test('has the headers that are asked for, and the version that its endpoint wants', async () => {
    await using said = await scripted(answer(404, { error_code: 'NOT_FOUND', message: 'none' }));
    const client = clientAt(said.url);
    const options = { idempotencyKey: 'key-1', forUserId: 'user-1', withSplitRule: 'split-1' };
    await client.paymentRequests.create(charge, options);
    await client.sessions.get('ps-1', { forUserId: 'user-1' });
    await client.customers.get('cust-1');
    const [first, second, third] = said.heard.map(({ headers }) => headers);
    expect(first).toMatchObject({
      'idempotency-key': 'key-1',
      'for-user-id': 'user-1',
      'with-split-rule': 'split-1',
      'api-version': '2024-11-11',
      authorization: `Basic ${Buffer.from(`${SECRET_KEY}:`).toString('base64')}`,
    });
    expect(second).toMatchObject({ 'for-user-id': 'user-1' });
    expect(second).not.toHaveProperty('api-version');
    expect(third).toMatchObject({ 'api-version': '2020-10-31' });
  });

  test.each([500, 503, 429, 409])('that is answered with %i is made once, and told as a value', async (status) => {
    await using said = await scripted(
      answer(status, { error_code: 'SERVER_ERROR', message: 'no' }, { 'rate-limit-reset': '2.5' }),
    );
    const result = await clientAt(said.url).paymentRequests.create(charge);
    expect(result).toMatchObject({ kind: 'failed', failure: { status, code: 'SERVER_ERROR', message: 'no' } });
    expect(said.heard).toHaveLength(1);
  });

  test('that nobody answers in time is silent, and made once', async () => {
    await using said = await scripted(() => undefined);
    const result = await clientAt(said.url, { totalDeadlineMs: 200 }).refunds.create({
      payment_request_id: 'pr-1',
      reason: 'OTHERS',
    });
    expect(result).toMatchObject({ kind: 'silent' });
    expect(said.heard).toHaveLength(1);
  });

  test('that finds nobody there was not sent', async () => {
    expect(await clientAt('http://127.0.0.1:1').sessions.get('ps-1')).toMatchObject({ kind: 'not_sent' });
  });

  test('writes the digits that it is given, and a text byte for byte', async () => {
    await using said = await scripted(answer(404, {}));
    const client = clientAt(said.url);
    await client.paymentRequests.create({ ...charge, request_amount: exactNumber('12345678901234567890.10') });
    await client.paymentRequests.create('{"as":  "it is"}');
    expect(said.heard.map(({ body }) => body)).toEqual([
      expect.stringContaining('"request_amount":12345678901234567890.10'),
      '{"as":  "it is"}',
    ]);
  });
});

describe('an answer is a union by status', () => {
  const PAID = sample('payment-request-token.response.recurring-cards.succeeded');

  async function read(change: object) {
    await using said = await scripted(answer(200, { ...PAID, ...change }));
    const result = await clientAt(said.url).paymentRequests.get('pr-1');
    if (result.kind !== 'ok') throw new Error(JSON.stringify(result));
    return result.value;
  }

  test('what failed has its code, and nothing else has one', async () => {
    expect(await read({ status: 'FAILED', failure_code: 'CARD_DECLINED ' })).toMatchObject({
      status: 'FAILED',
      failure_code: 'CARD_DECLINED',
    });
    expect(await read({ failure_code: 'CARD_DECLINED' })).not.toHaveProperty('failure_code');
  });

  test('an action that cannot be read does not lose the others', async () => {
    const actions = [{ type: 'X' }, { type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'xendit.co/a' }];
    expect(await read({ status: 'REQUIRES_ACTION', actions })).toMatchObject({ actions: [actions[1]] });
    expect(await read({ status: 'REQUIRES_ACTION', actions: 'none' })).toMatchObject({ actions: [] });
  });

  test.each([
    ['CANCELLED', { status: 'CANCELED' }],
    ['EXPIRED ', { status: 'EXPIRED' }],
    ['VERIFIED', { status: 'OTHER', said_status: 'VERIFIED' }],
  ])('%s is read', async (status, value) => {
    expect(await read({ status })).toMatchObject(value);
  });

  test('a session that is open has its link; one that is over has none', async () => {
    const link = { payment_link_url: 'https://xen.to/a', payment_session_id: 'ps-1' };
    await using said = await scripted((heard, response) =>
      answer(200, { ...link, status: heard.path.endsWith('ps-1') ? 'ACTIVE' : 'EXPIRED' })(heard, response),
    );
    const client = clientAt(said.url);
    expect(await client.sessions.get('ps-1')).toMatchObject({ value: { payment_link_url: 'https://xen.to/a' } });
    expect(await client.sessions.get('ps-2')).not.toHaveProperty('value.payment_link_url');
  });

  test('disputes are read with what they came to, page by page', async () => {
    const dispute = {
      id: 'mi-dspt-1',
      status: 'LOST',
      status_reason: 'ACCEPTED',
      currency: 'IDR',
      amount: { initial: '150000', terminal: '150000' },
      payment_id: 'py-1',
      due_date: '2026-12-07T00:00:00Z',
    };
    await using said = await scripted(
      answer(200, { data: [dispute, { id: 'mi-dspt-2' }], pagination: { next_cursor: 'c2' } }),
    );
    const listed = await clientAt(said.url).disputes.list({ payment_id: 'py-1', limit: 100 });
    expect(listed).toMatchObject({ value: { rows: [dispute], unreadable: 1, next_cursor: 'c2' } });
    expect(said.heard[0]?.path).toBe('/v1/disputes?payment_id=py-1&limit=100');
  });
});

test('a method is charged, looked for and given back in the sandbox, with one way for each', async () => {
  const stand = await openStand();
  const client = clientAt(stand.url);
  const charged = await client.paymentRequests.create(await chargeOf(stand, 'order-7'));
  if (charged.kind !== 'ok' || charged.value.status !== 'SUCCEEDED') throw new Error(JSON.stringify(charged));
  const { payment_request_id, latest_payment_id } = charged.value;
  expect(await client.payments.get(latest_payment_id ?? '')).toMatchObject({ value: { status: 'SUCCEEDED' } });
  const found = await client.transactions.list({ reference_id: 'order-7', types: 'PAYMENT' });
  expect(found).toMatchObject({ value: { rows: [{ product_id: latest_payment_id }], unreadable: 0, has_more: false } });
  const refund = { payment_request_id, reason: 'REQUESTED_BY_CUSTOMER', amount: 50_000, currency: 'IDR' } as const;
  expect(await client.refunds.create(refund)).toMatchObject({ value: { status: 'PENDING' } });
  expect(await client.refunds.create(refund)).toMatchObject({ failure: { code: 'REFUND_IN_PROGRESS', status: 400 } });
  await stand.pass(5);
  expect(await client.refunds.list({ payment_request_id })).toMatchObject({
    value: { rows: [{ status: 'SUCCEEDED', amount: 50_000, payment_request_id }], has_more: false },
  });
  const token = await client.paymentTokens.cancel(String((await chargeOf(stand, 'x')).payment_token_id));
  expect(token).toMatchObject({ value: { status: 'CANCELED' } });
});

test('a customer is made once under a key, and found by their reference', async () => {
  const client = clientAt((await openStand()).url);
  const customer = {
    reference_id: 'cust-9',
    type: 'INDIVIDUAL',
    individual_detail: { given_names: 'Siti' },
  } as const;
  const made = await client.customers.create(customer, { idempotencyKey: 'key-9' });
  expect(await client.customers.create(customer, { idempotencyKey: 'key-9' })).toMatchObject(
    made.kind === 'ok' ? { kind: 'ok', value: made.value } : {},
  );
  expect(await client.customers.create(customer)).toMatchObject({ failure: { status: 409, code: 'DUPLICATE_ERROR' } });
  expect(
    await client.customers.create({ ...customer, reference_id: 'cust-10' }, { idempotencyKey: 'key-9' }),
  ).toMatchObject({ failure: { status: 409, code: 'IDEMPOTENCY_ERROR' } });
  expect(await client.customers.byReference('cust-9')).toMatchObject({
    value: { data: [{ reference_id: 'cust-9' }] },
  });
});

describe('a webhook', () => {
  const WEBHOOKS = readdirSync(new URL('../fixtures/xendit', import.meta.url)).filter((name) =>
    /^webhook\.(payment|refund)/.test(name),
  );

  test.each(WEBHOOKS)('%s is read as what it is about', (name) => {
    const body = sample(name.replace('.json', ''));
    const kind = String(body.event).split('.')[0];
    expect(readWebhook(body)).toMatchObject({ kind, event: body.event, business_id: body.business_id });
  });

  test('of a dispute stands beside its event, and not in data', () => {
    const dispute = { id: 'mi-dspt-1', status: 'ACTION_REQUIRED', currency: 'IDR', amount: { initial: '5000' } };
    expect(readWebhook({ event: 'dispute.action_required', ...dispute })).toMatchObject({
      kind: 'dispute',
      dispute: { id: 'mi-dspt-1', status: 'ACTION_REQUIRED' },
    });
  });

  test.each([[null], ['x'], [{ event: 'recurring.cycle.created', data: {} }], [{ event: 'payment.capture' }], [[]]])(
    '%j is another, and nothing is thrown',
    (body) => {
      expect(readWebhook(body).kind).toBe('other');
    },
  );

  test('is Xendit’s by any of the tokens, whole', () => {
    expect(isFromXendit('new', ['old', 'new'])).toBe(true);
    for (const given of ['ne', 'newer', '', null, undefined]) expect(isFromXendit(given, ['old', 'new'])).toBe(false);
  });
});
