import { expect, test } from 'vitest';
import { differences, NONE } from './shape.ts';
import { chargeBody, documented, ledger, openMerchant, openStand, RECURRING, saveIn, saveMethod } from './stand.ts';

const WALLET = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };

const market = (country: string, currency: string) => ({ country, currency });

test('a card reference used before is a 409 without the first id, even after a decline', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: 'a' }));
  await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: 'b', request_amount: 10_054 }));
  for (const reference_id of ['a', 'b']) {
    const again = await stand.post('/v3/payment_requests', chargeBody(token, { reference_id }));
    expect(again.status).toBe(409);
    expect(again.body).toEqual({
      error_code: 'DUPLICATE_ERROR',
      message: 'Duplication is not allowed. Check specific error message for debugging.',
    });
  }
  expect(await ledger(stand)).toEqual({ collected: { IDR: 150_000 }, count: 1 });
});

test('a wallet charges again under the same reference: nothing is documented to stop it', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand, { channel_code: 'OVO' });
  const body = chargeBody(token, { channel_properties: WALLET });
  await stand.post('/v3/payment_requests', body);
  await stand.post('/v3/payment_requests', body);
  expect(await ledger(stand)).toEqual({ collected: { IDR: 300_000 }, count: 2 });
});

test('a card reference does not stop a wallet, nor a wallet’s a card', async () => {
  const stand = await openStand();
  const card = await saveMethod(stand);
  const wallet = await saveMethod(stand, { channel_code: 'OVO' });
  for (const reference_id of ['card-first', 'wallet-first']) {
    const asked = [
      chargeBody(card, { reference_id }),
      chargeBody(wallet, { reference_id, channel_properties: WALLET }),
    ];
    if (reference_id === 'wallet-first') asked.reverse();
    for (const body of asked) expect((await stand.post('/v3/payment_requests', body)).status).toBe(201);
  }
});

test('two charges under one card reference at the same moment take the money once', async () => {
  const stand = await openStand();
  const body = chargeBody(await saveMethod(stand));
  const answers = await Promise.all(Array.from({ length: 8 }, () => stand.post('/v3/payment_requests', body)));
  expect(answers.map((answer) => answer.status).sort((a, b) => a - b)).toEqual([201, ...Array<number>(7).fill(409)]);
  expect(await ledger(stand)).toEqual({ collected: { IDR: 150_000 }, count: 1 });
});

test('a request and its payment can be read again, in the documented shapes', async () => {
  const stand = await openStand();
  const charge = await stand.post('/v3/payment_requests', chargeBody(await saveMethod(stand)));
  expect((await stand.get(`/v3/payment_requests/${charge.body.payment_request_id}`)).body).toEqual(charge.body);
  const payment = await stand.get(`/v3/payments/${charge.body.latest_payment_id}`);
  const { added, retyped } = differences(payment.body, documented('payment-get.response.cards'));
  expect({ added, retyped }).toEqual({ added: [], retyped: [] });
  expect(payment.body.payment_details.authorization_data.network_response_code).toBe('00');
  // A pr- is not a py- (docs/xendit.md 4.2).
  expect((await stand.get(`/v3/payments/${charge.body.payment_request_id}`)).status).toBe(404);
});

test('payment webhooks carry the documented payloads', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand, { channel_code: 'OVO' });
  const metadata = { metametadata: 'metametametadata' };
  await stand.post('/v3/payment_requests', chargeBody(token, { channel_properties: WALLET, metadata }));
  await stand.post('/v3/payment_requests', chargeBody(await saveMethod(stand), { request_amount: 10_054 }));
  await stand.pass(0);
  const capture = merchant.received.find((one) => one.body.event === 'payment.capture')?.body;
  expect(differences(capture, documented('webhook.payment.capture.token'))).toEqual({
    ...NONE,
    added: ['api_version'],
  });
  const failure = merchant.received.find((one) => one.body.event === 'payment.failure')?.body;
  const { missing, retyped } = differences(failure, documented('webhook.payment.failure'));
  expect(missing.filter((path) => !path.startsWith('data.channel_properties'))).toEqual(['data.description']);
  expect(retyped).toEqual([]);
  expect(failure.data).toMatchObject({ status: 'FAILED', failure_code: 'INSUFFICIENT_BALANCE' });
});

test('a request that waits for the customer can be canceled once, silently', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.post('/_sandbox/scenarios', { do: { kind: 'requires_action' } });
  const { body } = await stand.post('/v3/payment_requests', chargeBody(token));
  expect(body).toMatchObject({ status: 'REQUIRES_ACTION' });
  const path = `/v3/payment_requests/${body.payment_request_id}`;
  expect((await stand.post(`${path}/cancel`)).body).toMatchObject({ status: 'CANCELED', actions: [] });
  expect((await stand.post(`${path}/cancel`)).body.error_code).toBe('INACTIVE_PAYMENT_REQUEST');
  await stand.pass(0);
  expect(merchant.events()).not.toContain('payment.failure');
});

test('a request that waits can be simulated to its end, in the documented words', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.post('/_sandbox/scenarios', { do: { kind: 'pending' } });
  const { body } = await stand.post('/v3/payment_requests', chargeBody(token, { request_amount: 10_000 }));
  const path = `/v3/payment_requests/${body.payment_request_id}`;
  expect((await stand.post(`${path}/cancel`)).body.error_code).toBe('INELIGIBLE_TRANSACTION_STATUS');
  const answer = await stand.post(`${path}/simulate`, documented('payment-request-simulate.request'));
  expect(answer).toMatchObject({ status: 200, body: documented('payment-request-simulate.response') });
  await stand.pass(0);
  expect(merchant.events()).toContain('payment.capture');
  expect((await stand.get(path)).body.status).toBe('SUCCEEDED');
});

test.each([
  ['ID', 'IDR', 'CARDS', 4_999, 400],
  ['ID', 'IDR', 'CARDS', 5_000, 201],
  ['SG', 'SGD', 'CARDS', 1_000, 201],
  ['SG', 'SGD', 'CARDS', 25_000, 400],
  ['MY', 'MYR', 'GRABPAY', 1_500.01, 400],
  ['PH', 'PHP', 'CARDS', 19.99, 400],
  ['VN', 'VND', 'CARDS', 150_000, 201],
  ['ID', 'USD', 'CARDS', 1, 201],
])('in %s a charge of %s by %s over %j is answered with %j', async (country, currency, channel, amount, status) => {
  const stand = await openStand();
  const token = await saveIn(stand, country, currency, channel);
  const properties = channel === 'CARDS' ? RECURRING : WALLET;
  const body = { ...market(country, currency), request_amount: amount, channel_properties: properties };
  const answer = await stand.post('/v3/payment_requests', chargeBody(token, body));
  expect(answer.status).toBe(status);
  if (status === 400) expect(answer.body.error_code).toBe('INVALID_VALUE_ERROR');
  expect((await ledger(stand)) as object).toMatchObject({ count: status === 201 ? 1 : 0 });
});

test('a method that asks each time can be saved, and is not charged without its customer', async () => {
  const stand = await openStand();
  const token = await saveIn(stand, 'PH', 'PHP', 'BPI_DIRECT_DEBIT');
  const body = { ...market('PH', 'PHP'), request_amount: 500, channel_properties: WALLET };
  const answer = await stand.post('/v3/payment_requests', chargeBody(token, body));
  expect(answer).toMatchObject({ status: 201, body: { status: 'REQUIRES_ACTION' } });
  expect(await ledger(stand)).toEqual({ collected: {}, count: 0 });
});

test.each(['https://a', `https://shop.test/${'x'.repeat(239)}`])(
  'a return URL of other than 11 to 255 characters is refused in a charge: %s',
  async (success_return_url) => {
    const stand = await openStand();
    const token = await saveIn(stand, 'ID', 'IDR', 'OVO');
    const answer = await stand.post(
      '/v3/payment_requests',
      chargeBody(token, { channel_properties: { ...WALLET, success_return_url } }),
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { error_code: 'API_VALIDATION_ERROR', errors: [{ path: '/body/channel_properties/success_return_url' }] },
    });
  },
);
