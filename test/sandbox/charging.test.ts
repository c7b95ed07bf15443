import { expect, test } from 'vitest';
import { differences, NONE } from './shape.ts';
import { chargeBody, documented, openMerchant, openStand, RECURRING, type Stand, saveMethod } from './stand.ts';

const WALLET = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };

function saveIn(stand: Stand, country: string, currency: string, channel_code = 'CARDS'): Promise<string> {
  return saveMethod(stand, { channel_code }, { country, currency });
}

async function ledger(stand: Stand): Promise<unknown> {
  return (await stand.get('/_sandbox/ledger')).body;
}

test('the documented recurring request is accepted and paid', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  const body = { ...documented('payment-request-token.request.recurring'), payment_token_id: token };
  const answer = await stand.post('/v3/payment_requests', body);
  expect(answer).toMatchObject({ status: 201, body: { status: 'SUCCEEDED', channel_code: 'CARDS', actions: [] } });
  expect(answer.body.payment_request_id).toMatch(/^pr-[0-9a-f-]{36}$/);
  expect(answer.body.latest_payment_id).toMatch(/^py-[0-9a-f-]{36}$/);
  expect(await ledger(stand)).toEqual({ collected: { IDR: 5_000 }, count: 1 });
});

test('the documented MERCHANT_UNSCHEDULED request is accepted on a card saved for it', async () => {
  const stand = await openStand();
  const cards = { ...RECURRING, card_on_file_type: 'MERCHANT_UNSCHEDULED' };
  const token = await saveMethod(stand, {}, { channel_properties: { cards } });
  const body = { ...documented('payment-request-token.request.merchant_unscheduled'), payment_token_id: token };
  expect(await stand.post('/v3/payment_requests', body)).toMatchObject({ status: 201, body: { status: 'SUCCEEDED' } });
});

test('a paid charge is answered with the documented keys and types', async () => {
  const stand = await openStand();
  const request = documented('payment-request-token.request.recurring-cards');
  // The example lacks the configuration, for which real accounts are refused (samples/INDEX.md).
  const channel_properties = { ...request.channel_properties, ...RECURRING };
  const body = { ...request, payment_token_id: await saveMethod(stand), channel_properties };
  const answer = await stand.post('/v3/payment_requests', body);
  expect(differences(answer.body, documented('payment-request-token.response.recurring-cards.succeeded'))).toEqual({
    ...NONE,
    added: ['channel_properties.recurring_configuration', 'customer_id', 'latest_payment_id'],
  });
});

test('the documented recurring example without recurring_configuration is refused, as real accounts are', async () => {
  const stand = await openStand();
  const request = documented('payment-request-token.request.recurring-cards');
  const answer = await stand.post('/v3/payment_requests', { ...request, payment_token_id: await saveMethod(stand) });
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].path).toBe('/body/channel_properties/recurring_configuration');
});

test('the documented customer-initiated request asks for the customer, in the documented shape', async () => {
  const stand = await openStand();
  const body = {
    ...documented('payment-request-token.request.cit'),
    payment_token_id: await saveIn(stand, 'TH', 'THB'),
  };
  const answer = await stand.post('/v3/payment_requests', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  expect(differences(answer.body, documented('payment-request-token.response.requires_action'))).toEqual(NONE);
  expect(await ledger(stand)).toEqual({ collected: {}, count: 0 });
});

test('the documented wallet request is accepted and paid off-session', async () => {
  const stand = await openStand();
  const token = await saveIn(stand, 'MY', 'MYR', 'TOUCHNGO');
  const body = { ...documented('payment-request-token.request.ewallet'), payment_token_id: token };
  const answer = await stand.post('/v3/payment_requests', body);
  expect(answer).toMatchObject({ status: 201, body: { status: 'SUCCEEDED', channel_code: 'TOUCHNGO' } });
  const example = documented('payment-request-token.response.ewallet.requires_action');
  expect(differences(answer.body, example).missing).toEqual([]);
});

test('a decline is a 201 with the code, in the assembled shape, and takes no money', async () => {
  const stand = await openStand();
  const answer = await stand.post(
    '/v3/payment_requests',
    chargeBody(await saveMethod(stand), { request_amount: 10_054 }),
  );
  expect(answer).toMatchObject({ status: 201, body: { status: 'FAILED', failure_code: 'INSUFFICIENT_BALANCE' } });
  const { missing, retyped } = differences(answer.body, documented('payment-request-token.response.failed.INFERRED'));
  expect(missing.filter((path) => !path.startsWith('channel_properties'))).toEqual(['description', 'metadata']);
  expect(retyped).toEqual([]);
  expect(await ledger(stand)).toEqual({ collected: {}, count: 0 });
});

const magic: { amount: number; failure_code: string }[] =
  documented('test-cards-and-amounts').amount_failures_all_but_VN;
const magicVn: { amount: number; failure_code: string }[] = documented('test-cards-and-amounts').amount_failures_VN;
const magicDecimal: { amount: number; failure_code: string }[] =
  documented('test-cards-and-amounts').amount_failures_decimal;

test('the documented amounts fail with the documented codes', async () => {
  const stand = await openStand();
  const markets = [
    { country: 'ID', currency: 'IDR', rows: magic },
    { country: 'VN', currency: 'VND', rows: magicVn },
    { country: 'PH', currency: 'PHP', rows: [...magic, ...magicDecimal] },
  ];
  for (const { country, currency, rows } of markets) {
    const token = await saveIn(stand, country, currency);
    for (const { amount: request_amount, failure_code } of rows) {
      const body = chargeBody(token, { country, currency, request_amount });
      expect((await stand.post('/v3/payment_requests', body)).body).toMatchObject({ status: 'FAILED', failure_code });
    }
  }
  expect(await ledger(stand)).toEqual({ collected: {}, count: 0 });
});

test('10.65 fails with Visa only', async () => {
  const stand = await openStand();
  const market = { country: 'PH', currency: 'PHP' };
  const mastercard = await saveMethod(stand, { card_number: '5200000000001005' }, market);
  const body = chargeBody(mastercard, { ...market, request_amount: 10.65 });
  expect((await stand.post('/v3/payment_requests', body)).body.status).toBe('SUCCEEDED');
});

type Refusal = [name: string, change: Record<string, unknown>, path: string];

const configured = (changes: object): Record<string, unknown> => ({
  channel_properties: {
    ...RECURRING,
    recurring_configuration: { ...RECURRING.recurring_configuration, ...changes },
  },
});

const refusals: Refusal[] = [
  ['a channel_code', { channel_code: 'CARDS' }, '/body/channel_code'],
  ['a customer_id', { customer_id: 'cust-1' }, '/body/customer_id'],
  ['an unknown key', { amount: 1 }, '/body/amount'],
  ['no amount', { request_amount: undefined }, '/body/request_amount'],
  ['an amount of 0', { request_amount: 0 }, '/body/request_amount'],
  ['an amount as text', { request_amount: '150000' }, '/body/request_amount'],
  ['decimals in IDR', { request_amount: 10_000.01 }, '/body/request_amount'],
  ['another country', { country: 'PH' }, '/body/country'],
  ['another currency', { currency: 'USD' }, '/body/currency'],
  ['another type', { type: 'PAY_AND_SAVE' }, '/body/type'],
  ['an empty reference', { reference_id: '' }, '/body/reference_id'],
  ['no channel_properties', { channel_properties: undefined }, '/body/channel_properties'],
  [
    'another card_on_file_type than saved',
    { channel_properties: { ...RECURRING, card_on_file_type: 'MERCHANT_UNSCHEDULED' } },
    '/body/channel_properties/card_on_file_type',
  ],
  ['a nested cards object', { channel_properties: { cards: RECURRING } }, '/body/channel_properties/card_on_file_type'],
  [
    'a later expiry than saved',
    configured({ recurring_expiry: '2031-01-01' }),
    '/body/channel_properties/recurring_configuration/recurring_expiry',
  ],
  [
    'an expiry in the past',
    configured({ recurring_expiry: '2025-05-31' }),
    '/body/channel_properties/recurring_configuration/recurring_expiry',
  ],
];

test.each(refusals)('a charge with %s is refused and takes no money', async (_name, change, path) => {
  const stand = await openStand();
  const answer = await stand.post('/v3/payment_requests', chargeBody(await saveMethod(stand), change));
  expect(answer, JSON.stringify(answer.body)).toMatchObject({
    status: 400,
    body: { error_code: 'API_VALIDATION_ERROR' },
  });
  expect(answer.body.errors[0].path).toBe(path);
  expect((await stand.get('/_sandbox/payments')).body.data).toEqual([]);
});

test('an account may ask the customer for each card charge that does not say that it is SUBSEQUENT', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  const charge = async (more: object) => {
    const answer = await stand.post(
      '/v3/payment_requests',
      chargeBody(token, { channel_properties: { ...RECURRING, ...more } }),
    );
    return answer.body.status as string;
  };
  expect(await charge({})).toBe('SUCCEEDED');
  await stand.post('/_sandbox/account', { cards_without_sequence: 'ask_customer' });
  expect(await charge({})).toBe('REQUIRES_ACTION');
  expect(await charge({ transaction_sequence: 'INITIAL' })).toBe('REQUIRES_ACTION');
  expect(await charge({ transaction_sequence: 'SUBSEQUENT' })).toBe('SUCCEEDED');
});

test('an account may require the channel beside the token, and it must be the token’s', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  const charge = (more: object) => stand.post('/v3/payment_requests', chargeBody(token, { ...more }));
  await stand.post('/_sandbox/account', { channel_code: 'required' });
  expect(await charge({})).toMatchObject({ status: 400, body: { errors: [{ path: '/body/channel_code' }] } });
  expect(await charge({ channel_code: 'OVO' })).toMatchObject({ status: 400 });
  expect(await charge({ channel_code: 'CARDS' })).toMatchObject({ status: 201, body: { status: 'SUCCEEDED' } });
});

test('a recurring charge on a card saved without a mandate is refused', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand, {}, { channel_properties: undefined });
  expect((await stand.post('/v3/payment_requests', chargeBody(token))).status).toBe(400);
});

test('a charge may not come more often than the card was saved for', async () => {
  const stand = await openStand();
  const every = (recurring_frequency: number) => configured({ recurring_frequency }).channel_properties as object;
  const token = await saveMethod(stand, {}, { channel_properties: { cards: every(28) } });
  const charge = (days: number) =>
    stand.post('/v3/payment_requests', chargeBody(token, { channel_properties: every(days) }));
  expect((await charge(28)).status).toBe(201);
  const { status, body } = await charge(27);
  expect(status).toBe(400);
  expect(body.errors[0].path).toBe('/body/channel_properties/recurring_configuration/recurring_frequency');
});

test('a card is charged on the mandate’s last day, and not on the day after', async () => {
  const stand = await openStand();
  const until = { ...RECURRING, recurring_configuration: { recurring_frequency: 1, recurring_expiry: '2025-06-30' } };
  const token = await saveMethod(stand, {}, { channel_properties: { cards: until } });
  const charge = () => stand.post('/v3/payment_requests', chargeBody(token, { channel_properties: until }));
  await stand.post('/_sandbox/clock', { now: '2025-06-30T23:59:59Z' });
  expect((await charge()).status).toBe(201);
  await stand.post('/_sandbox/clock', { now: '2025-07-01T00:00:00Z' });
  expect((await charge()).status).toBe(400);
});

test('a wallet charge needs both return URLs over TLS; a direct debit needs none', async () => {
  const stand = await openStand();
  const wallet = await saveMethod(stand, { channel_code: 'DANA' });
  const debit = await saveMethod(stand, { channel_code: 'BRI_DIRECT_DEBIT' });
  const statuses = [];
  for (const [token, channel_properties] of [
    [wallet, WALLET],
    [wallet, undefined],
    [wallet, { success_return_url: WALLET.success_return_url }],
    [wallet, { ...WALLET, failure_return_url: 'http://shop.test' }],
    [wallet, RECURRING],
    [debit, undefined],
  ] as const) {
    statuses.push((await stand.post('/v3/payment_requests', chargeBody(token, { channel_properties }))).status);
  }
  expect(statuses).toEqual([201, 400, 400, 400, 400, 201]);
});

test('an unknown token is a 404, a dead one a 400 INVALID_TOKEN', async () => {
  const stand = await openStand();
  expect(await stand.post('/v3/payment_requests', chargeBody('pt-unknown'))).toMatchObject({
    status: 404,
    body: { error_code: 'DATA_NOT_FOUND' },
  });
  const token = await saveMethod(stand);
  await stand.post(`/v3/payment_tokens/${token}/cancel`);
  const dead = await stand.post('/v3/payment_requests', chargeBody(token));
  const errors: { error_code: string; message: string }[] = documented('errors');
  expect(dead.status).toBe(400);
  expect(dead.body).toEqual({
    error_code: 'INVALID_TOKEN',
    message: errors.find((row) => row.error_code === 'INVALID_TOKEN')?.message,
  });
});

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

const market = (country: string, currency: string) => ({ country, currency });

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
