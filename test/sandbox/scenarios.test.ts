import { expect, test } from 'vitest';
import {
  type Answer,
  chargeBody,
  type Json,
  openMerchant,
  openSession,
  openStand,
  pending,
  type Stand,
  saveMethod,
  sessionBody,
} from './stand.ts';

const script = (stand: Stand, what: object, more: object = {}): Promise<Answer> =>
  stand.post('/_sandbox/scenarios', { do: what, ...more });

const charge = async (stand: Stand, changes: Record<string, unknown> = {}): Promise<Answer> =>
  stand.post('/v3/payment_requests', chargeBody(await saveMethod(stand), changes));

const collected = async (stand: Stand): Promise<Json> => (await stand.get('/_sandbox/ledger')).body.collected.IDR ?? 0;

test('a scripted decline tells the code, and the payment what the network said', async () => {
  const stand = await openStand();
  await script(stand, {
    kind: 'decline',
    failure_code: 'DECLINED_BY_ISSUER',
    network_response_code: '51',
    merchant_advice_code: '24',
  });
  const { status, body } = await charge(stand);
  expect({ status, code: body.failure_code }).toEqual({ status: 201, code: 'DECLINED_BY_ISSUER' });
  const payment = (await stand.get(`/v3/payments/${body.latest_payment_id}`)).body;
  expect(payment.payment_details.authorization_data).toMatchObject({
    network_response_code: '51',
    network_response_code_descriptor: expect.any(String),
    merchant_advice_code: '24',
    merchant_advice_descriptor: 'Retry the payment after 1 hour.',
  });
});

test('a scenario is spent as often as asked, and then the charge goes through', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'decline', failure_code: 'A' }, { times: 2 });
  await script(stand, { kind: 'decline', failure_code: 'B' });
  const codes = [];
  for (let i = 0; i < 4; i += 1) codes.push((await charge(stand)).body.failure_code);
  expect(codes).toEqual(['A', 'A', 'B', undefined]);
});

test('a scenario waits for the request it is meant for', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  const customer = { reference_id: 'ani', type: 'INDIVIDUAL', individual_detail: { given_names: 'Ani' } };
  const anis = await saveMethod(stand, {}, { customer });
  const decline = (failure_code: string): object => ({ kind: 'decline', failure_code });
  await script(stand, decline('EXACT'), { match: { reference_id: 'r-1' } });
  await script(stand, decline('PREFIX'), { match: { reference_prefix: 's-' } });
  await script(stand, decline('CUSTOMER'), { match: { customer_reference: 'ani' } });
  await script(stand, decline('TOKEN'), { match: { payment_token_id: token } });
  const code = async (body: object): Promise<string> =>
    (await stand.post('/v3/payment_requests', body)).body.failure_code;
  expect(await code(chargeBody(anis, { reference_id: 'r-1' }))).toBe('EXACT');
  expect(await code(chargeBody(anis, { reference_id: 's-9' }))).toBe('PREFIX');
  expect(await code(chargeBody(anis))).toBe('CUSTOMER');
  expect(await code(chargeBody(token))).toBe('TOKEN');
  expect(await code(chargeBody(token))).toBeUndefined();
});

test('a request that is refused does not spend a decline', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'decline', failure_code: 'A' });
  await charge(stand, { request_amount: 0 });
  expect((await charge(stand)).body.failure_code).toBe('A');
});

test('scenarios can be cleared', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'decline', failure_code: 'A' }, { times: 9 });
  await stand.delete('/_sandbox/scenarios');
  expect((await charge(stand)).body.status).toBe('SUCCEEDED');
});

test('a pending charge succeeds when it was said to, with its webhook', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await script(stand, pending('SUCCEEDED', 600));
  const { body } = await charge(stand);
  expect(body.status).toBe('PENDING');
  await stand.pass(599);
  expect(await collected(stand)).toBe(0);
  await stand.pass(1);
  expect(await collected(stand)).toBe(150_000);
  expect((await stand.get(`/v3/payment_requests/${body.payment_request_id}`)).body.status).toBe('SUCCEEDED');
  expect(merchant.events().at(-1)).toBe('payment.capture');
});

test('a pending charge can fail in the end', async () => {
  const stand = await openStand();
  await script(stand, pending('FAILED', 5, 'TIMEOUT_ERROR'));
  const { body } = await charge(stand);
  await stand.pass(5);
  const read = (await stand.get(`/v3/payment_requests/${body.payment_request_id}`)).body;
  expect(read).toMatchObject({ status: 'FAILED', failure_code: 'TIMEOUT_ERROR' });
});

test('what was paid stays paid, whatever was scripted for later', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await script(stand, pending('FAILED', 60, 'TIMEOUT_ERROR'));
  const { body } = await charge(stand);
  await stand.post(`/v3/payment_requests/${body.payment_request_id}/simulate`, { amount: 150_000 });
  await stand.pass(60);
  expect((await stand.get(`/v3/payment_requests/${body.payment_request_id}`)).body.status).toBe('SUCCEEDED');
  expect(merchant.events().filter((event) => event.startsWith('payment.'))).toEqual(['payment.capture']);
});

test('a late success: failed now, paid tomorrow, with both webhooks under one payment', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await script(stand, { kind: 'late_success', failure_code: 'TIMEOUT_ERROR', after_seconds: 86_400 });
  const { body } = await charge(stand);
  expect(body).toMatchObject({ status: 'FAILED', failure_code: 'TIMEOUT_ERROR' });
  await stand.pass(86_400);
  expect(await collected(stand)).toBe(150_000);
  const [failure, capture] = merchant.received.map((one) => one.body).filter((one) => one.event.startsWith('payment.'));
  expect([failure.event, capture.event]).toEqual(['payment.failure', 'payment.capture']);
  expect(capture.data.payment_id).toBe(failure.data.payment_id);
  expect(capture.data).not.toHaveProperty('failure_code');
});

test('REQUIRES_ACTION names where the customer has to go', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'requires_action', url: 'https://bank.test/3ds' });
  const { body } = await charge(stand);
  expect(body).toMatchObject({
    status: 'REQUIRES_ACTION',
    actions: [{ type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'https://bank.test/3ds' }],
  });
});

test('what a wallet asks its customer ends with the time of the wallet, and a webhook tells of it', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const urls = { success_return_url: 'https://example.com/a', failure_return_url: 'https://example.com/b' };
  const token = await saveMethod(stand, { channel_code: 'OVO' });
  await script(stand, { kind: 'requires_action' }, { times: 2 });
  const ask = async () =>
    (await stand.post('/v3/payment_requests', chargeBody(token, { channel_properties: urls }))).body;
  const [left, paid] = [await ask(), await ask()];
  await stand.post(`/v3/payment_requests/${paid.payment_request_id}/simulate`, { amount: 150_000 });
  await stand.pass(53);
  expect((await stand.get(`/v3/payment_requests/${left.payment_request_id}`)).body.status).toBe('REQUIRES_ACTION');
  await stand.pass(1);
  const read = (await stand.get(`/v3/payment_requests/${left.payment_request_id}`)).body;
  expect([read.status, read.actions]).toEqual(['EXPIRED', []]);
  expect((await stand.get(`/v3/payment_requests/${paid.payment_request_id}`)).body.status).toBe('SUCCEEDED');
  const told = merchant.received.map(({ body }) => body).filter(({ event }) => event === 'payment_request.expiry');
  expect(told).toMatchObject([{ data: { payment_request_id: left.payment_request_id, status: 'EXPIRED' } }]);
  expect((await stand.post(`/v3/payment_requests/${left.payment_request_id}/cancel`)).status).toBe(400);
});

test.each([
  ['time-out', { kind: 'timeout', after_seconds: 0 }],
  ['cut connection', { kind: 'reset' }],
])('after a %s the caller knows nothing: the money may be taken or not', async (_name, what) => {
  const stand = await openStand();
  for (const charged of [true, false]) {
    await script(stand, { ...what, charged });
    await expect(charge(stand)).rejects.toThrow();
    expect(await collected(stand)).toBe(150_000);
  }
});

test('a time-out after the charge shows in /transactions and answers a second try with 409', async () => {
  const stand = await openStand();
  const body = chargeBody(await saveMethod(stand));
  await script(stand, { kind: 'timeout', charged: true, after_seconds: 0 });
  await expect(stand.post('/v3/payment_requests', body)).rejects.toThrow();
  const { data } = (await stand.get(`/transactions?reference_id=${body.reference_id}&types=PAYMENT`)).body;
  expect(data).toMatchObject([{ status: 'SUCCESS', product_id: expect.stringMatching(/^py-/) }]);
  expect((await stand.post('/v3/payment_requests', body)).status).toBe(409);
});

test('a time-out before the charge leaves the reference free', async () => {
  const stand = await openStand();
  const body = chargeBody(await saveMethod(stand));
  await script(stand, { kind: 'timeout', charged: false, after_seconds: 0 });
  await expect(stand.post('/v3/payment_requests', body)).rejects.toThrow();
  expect((await stand.get(`/transactions?reference_id=${body.reference_id}`)).body.data).toEqual([]);
  expect((await stand.post('/v3/payment_requests', body)).status).toBe(201);
});

test('garbage is not JSON, and the money may be taken', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'garbage', charged: true });
  const { status, body } = await charge(stand);
  expect({ status, kind: typeof body }).toEqual({ status: 201, kind: 'string' });
  expect(await collected(stand)).toBe(150_000);
  await script(stand, { kind: 'garbage', charged: false, body: '<html>' });
  expect((await charge(stand)).body).toBe('<html>');
  expect(await collected(stand)).toBe(150_000);
});

test('a 500 after the charge took the money, a 503 before it did not', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'http_error', status: 500, error_code: 'SERVER_ERROR', charged: true });
  expect(await charge(stand)).toMatchObject({ status: 500, body: { error_code: 'SERVER_ERROR' } });
  expect(await collected(stand)).toBe(150_000);
  await script(stand, { kind: 'http_error', status: 503, error_code: 'CHANNEL_UNAVAILABLE', message: 'later' });
  expect(await charge(stand)).toMatchObject({ status: 503, body: { message: 'later' } });
  expect(await collected(stand)).toBe(150_000);
});

test('a scripted 429 has the three headers', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'http_error', status: 429, error_code: 'RATE_LIMIT_EXCEEDED', reset_seconds: 12.5 });
  const { status, headers } = await charge(stand);
  expect(status).toBe(429);
  const names = ['rate-limit-limit', 'rate-limit-remaining', 'rate-limit-reset'];
  expect(names.map((name) => headers.get(name))).toEqual(['600', '0', '12.50']);
});

test('a delayed answer is the right one, and the charge does not wait for it', async () => {
  const stand = await openStand();
  await script(stand, { kind: 'delay', ms: 1 });
  expect(await charge(stand)).toMatchObject({ status: 201, body: { status: 'SUCCEEDED' } });
});

test('other endpoints can be spoiled by path', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  const error = { kind: 'http_error', status: 500, error_code: 'SERVER_ERROR' };
  await script(stand, error, { match: { path: '/sessions/' } });
  await script(stand, error, { match: { path: '/transactions' } });
  expect((await stand.post('/sessions', sessionBody())).status).toBe(201);
  expect((await stand.get(`/sessions/${id}`)).status).toBe(500);
  expect((await stand.get(`/sessions/${id}`)).status).toBe(200);
  expect((await stand.get('/transactions?reference_id=x')).status).toBe(500);
  expect((await charge(stand)).status).toBe(201);
});

test('the list of payments says what became of each', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: 'paid' }));
  await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: 'poor', request_amount: 10_054 }));
  const { data } = (await stand.get('/_sandbox/payments')).body;
  expect(data).toMatchObject([
    { reference_id: 'paid', status: 'SUCCEEDED', amount: 150_000, currency: 'IDR', payment_token_id: token },
    { reference_id: 'poor', status: 'FAILED', failure_code: 'INSUFFICIENT_BALANCE', channel_code: 'CARDS' },
  ]);
  expect(data[0]).not.toHaveProperty('failure_code');
});
