import { expect, test } from 'vitest';
import { differences, NONE } from './shape.ts';
import { documented, openMerchant, openSession, openStand, sessionBody } from './stand.ts';

const MINUTE = 60;

test.each(['save-cards-recurring', 'save', 'save-components', 'pay', 'pay-and-save'])(
  'the documented session request "%s" is accepted',
  async (name) => {
    const stand = await openStand();
    const { status, body } = await stand.post('/sessions', documented(`session-create.request.${name}`));
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body.status).toBe('ACTIVE');
  },
);

test('a SAVE session is answered with the keys and types of the real answer', async () => {
  const stand = await openStand();
  const answer = await stand.post('/sessions', documented('session-create.request.save-cards-recurring'));
  const real = documented('session-create.response.save-cards-recurring.real');
  expect(differences(answer.body, real)).toEqual(NONE);
  expect(answer.body.payment_session_id).toMatch(/^ps-[0-9a-f]{24}$/);
  expect(answer.body.customer_id).toMatch(/^cust-[0-9a-f-]{36}$/);
  expect(answer.body.created).toBe('2025-06-01T00:00:00.000Z');
  expect(answer.body.expires_at).toBe('2025-06-01T00:30:00.000Z');
});

test('a COMPONENTS session has an SDK key and no link, as the real answer', async () => {
  const stand = await openStand();
  const answer = await stand.post('/sessions', documented('session-create.request.save-components'));
  const real = documented('session-create.response.save-components.real');
  // The documented request has a description, the real answer comes from one without.
  expect(differences(answer.body, real)).toEqual({ ...NONE, added: ['description'] });
});

test('a PAY session is answered with the keys and types of the real answer', async () => {
  const stand = await openStand();
  const request = { ...documented('session-create.request.pay-and-save'), allow_save_payment_method: 'FORCED' };
  const answer = await stand.post('/sessions', request);
  const real = documented('session-create.response.pay-forced-save.real');
  expect(differences(answer.body, real)).toEqual({ ...NONE, added: ['items'] });
});

test('a session reads back as it was answered', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/sessions', sessionBody({ allowed_payment_channels: ['OVO', 'DANA'] }));
  const read = await stand.get(`/sessions/${body.payment_session_id}`);
  expect(read).toMatchObject({ status: 200, body });
  const example = documented('session-get.response');
  expect(differences(read.body, example).retyped).toEqual([]);
});

test('a missing session is a 404 in Xendit’s words', async () => {
  const stand = await openStand();
  const { status, body } = await stand.get('/sessions/ps-661f87c614802d6c402cd82d');
  expect(status).toBe(404);
  expect(body).toEqual({ error_code: 'NOT_FOUND', message: 'Session not found' });
});

type Refusal = [name: string, change: Record<string, unknown>, status: number, code: string];

const recurring = (recurring_configuration: object | undefined, type = 'RECURRING'): Record<string, unknown> => ({
  channel_properties: { cards: { card_on_file_type: type, recurring_configuration } },
});

const item = {
  reference_id: 'pro',
  type: 'DIGITAL_SERVICE',
  name: 'Pro',
  net_unit_amount: 150_000,
  quantity: 1,
  category: 'SUBSCRIPTION',
};
const paying = (change: object) => ({ session_type: 'PAY', amount: 150_000, ...change });
const onPage = (origin: string) => paying({ mode: 'COMPONENTS', components_configuration: { origins: [origin] } });

const refusals: Refusal[] = [
  ['an amount on SAVE', { amount: 1 }, 400, 'INVALID_AMOUNT'],
  ['an unknown country', { country: 'XX' }, 400, 'INVALID_COUNTRY'],
  ['an unknown currency', { currency: 'EUR' }, 400, 'INVALID_CURRENCY'],
  ['the currency of another country', { currency: 'PHP' }, 400, 'INVALID_CURRENCY'],
  ['a mode that is not played', { mode: 'COMPONENT' }, 400, 'MODE_NOT_SUPPORTED'],
  ['session type AUTHORIZATION', { session_type: 'AUTHORIZATION' }, 400, 'SESSION_TYPE_NOT_SUPPORTED'],
  ['capture_method on SAVE', { capture_method: 'AUTOMATIC' }, 400, 'DISALLOWED_CAPTURE_METHOD'],
  ['items on SAVE', { items: [] }, 400, 'ITEMS_NOT_SUPPORTED'],
  ['items that do not come to the amount', paying({ items: [{ ...item, quantity: 2 }] }), 400, 'INVALID_AMOUNT'],
  ['an item without its name', paying({ items: [{ ...item, name: undefined }] }), 400, 'API_VALIDATION_ERROR'],
  ['nothing to pay', paying({ amount: 0 }), 400, 'INVALID_AMOUNT'],
  ['COMPONENTS that stand nowhere', paying({ mode: 'COMPONENTS' }), 400, 'API_VALIDATION_ERROR'],
  ['a page of the product without TLS', onPage('http://shop.test'), 400, 'API_VALIDATION_ERROR'],
  ['a page of the product with its path', onPage('https://shop.test/pay'), 400, 'API_VALIDATION_ERROR'],
  ['no customer', { customer: undefined }, 400, 'MISSING_CUSTOMER'],
  ['a foreign customer id', { customer: undefined, customer_id: 'abc' }, 400, 'INVALID_CUSTOMER_ID'],
  ['an unknown customer id', { customer: undefined, customer_id: 'cust-1' }, 404, 'DATA_NOT_FOUND'],
  ['both customer and id', { customer_id: 'cust-1' }, 400, 'API_VALIDATION_ERROR'],
  ['a return URL without TLS', { success_return_url: 'http://x.test/' }, 400, 'INVALID_URL'],
  ['a return URL that is none', { cancel_return_url: 'nowhere' }, 400, 'INVALID_URL'],
  ['an early expiry', { expires_at: '2025-06-01T00:09:59Z' }, 400, 'INVALID_EXPIRY_DATE'],
  ['a channel not activated', { allowed_payment_channels: ['GCASH'] }, 400, 'INVALID_PAYMENT_CHANNEL'],
  ['a long metadata value', { metadata: { a: 'x'.repeat(81) } }, 400, 'INVALID_METADATA'],
  ['a long metadata key', { metadata: { ['k'.repeat(41)]: 'x' } }, 400, 'INVALID_METADATA'],
  ['RECURRING without configuration', recurring(undefined), 400, 'API_VALIDATION_ERROR'],
  ['MERCHANT_UNSCHEDULED without it', recurring(undefined, 'MERCHANT_UNSCHEDULED'), 400, 'API_VALIDATION_ERROR'],
  [
    'a frequency of 0',
    recurring({ recurring_frequency: 0, recurring_expiry: '2030-01-01' }),
    400,
    'API_VALIDATION_ERROR',
  ],
  [
    'an expiry in the past',
    recurring({ recurring_frequency: 1, recurring_expiry: '2025-05-31' }),
    400,
    'API_VALIDATION_ERROR',
  ],
  ['a flat card_on_file_type', { channel_properties: { card_on_file_type: 'RECURRING' } }, 400, 'API_VALIDATION_ERROR'],
  ['a long reference', { reference_id: 'x'.repeat(65) }, 400, 'API_VALIDATION_ERROR'],
  ['an unknown key', { webhook_url: 'https://x.test/' }, 400, 'API_VALIDATION_ERROR'],
];

test.each(refusals)('a session with %s is refused', async (_name, change, status, code) => {
  const stand = await openStand();
  const answer = await stand.post('/sessions', sessionBody(change));
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  expect(answer.body.error_code).toBe(code);
  expect(Object.keys(answer.body).sort()).toEqual(
    code === 'API_VALIDATION_ERROR' ? ['error_code', 'errors', 'message'] : ['error_code', 'message'],
  );
});

test.each([
  ['INVALID_PAYMENT_CHANNEL', { allowed_payment_channels: ['INVALID_CHANNEL'] }],
  ['INVALID_METADATA', { metadata: { a: 'x'.repeat(81) } }],
  ['INVALID_CUSTOMER_ID', { customer: undefined, customer_id: 'x' }],
  ['INVALID_URL', { success_return_url: 'http://x.test' }],
  ['MISSING_CUSTOMER', { customer: undefined }],
  ['DISALLOWED_CAPTURE_METHOD', { capture_method: 'MANUAL' }],
  ['INVALID_EXPIRY_DATE', { expires_at: '2025-06-01T00:00:00Z' }],
  ['ITEMS_NOT_SUPPORTED', { items: [] }],
  ['SESSION_TYPE_NOT_SUPPORTED', { session_type: 'AUTHORIZATION' }],
  ['MODE_NOT_SUPPORTED', { mode: 'INVALID_MODE' }],
  ['INVALID_AMOUNT', { session_type: 'PAY' }],
])('%s is said in Xendit’s own words', async (code, change) => {
  const stand = await openStand();
  const errors: { error_code: string; message: string }[] = documented('errors');
  const expected = errors.find((row) => row.error_code === code)?.message;
  expect((await stand.post('/sessions', sessionBody(change))).body.message).toBe(expected);
});

test('a missing field is named exactly as Xendit names it', async () => {
  const stand = await openStand();
  const errors: { error_code: string; errors?: object; message: string }[] = documented('errors');
  const expected = errors.find((row) => row.errors !== undefined);
  const { status, body } = await stand.post('/sessions', sessionBody({ session_type: undefined }));
  expect(status).toBe(400);
  expect(body).toEqual({ error_code: 'API_VALIDATION_ERROR', message: expected?.message, errors: expected?.errors });
});

test('all wrong fields are named at once', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/sessions', sessionBody({ amount: 'ten', reference_id: '' }));
  expect(body.errors.map((error: { path: string }) => error.path)).toEqual(['/body/reference_id', '/body/amount']);
});

test('a customer reference used before is a 409 in Xendit’s words, and customer_id works instead', async () => {
  const stand = await openStand();
  const customer = { reference_id: 'ani', type: 'INDIVIDUAL', individual_detail: { given_names: 'Ani' } };
  const first = await stand.post('/sessions', sessionBody({ customer }));
  const second = await stand.post('/sessions', sessionBody({ customer }));
  expect(second.status).toBe(409);
  expect(second.body).toEqual({
    error_code: 'DUPLICATE_ERROR',
    message: 'customer: The reference_id entered has been used before. Please enter a unique reference_id',
  });
  const third = await stand.post(
    '/sessions',
    sessionBody({ customer: undefined, customer_id: first.body.customer_id }),
  );
  expect(third).toMatchObject({ status: 201, body: { customer_id: first.body.customer_id } });
});

test('a customer is found by reference, in the documented shape', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/sessions', documented('session-create.request.save'));
  const found = await stand.get('/customers?reference_id=cust_Lorem_Ipsum');
  expect(found.body.data).toHaveLength(1);
  expect(found.body.data[0].id).toBe(body.customer_id);
  const example = documented('customers-by-reference.response');
  expect(differences(found.body.data[0], example.data[0]).missing).toEqual([]);
  expect(differences(found.body.data[0], example.data[0]).added).toEqual([]);
  expect((await stand.get('/customers?reference_id=nobody')).body).toEqual({ data: [], has_more: false });
});

test('a session reference used before is refused', async () => {
  const stand = await openStand();
  await stand.post('/sessions', sessionBody({ reference_id: 'same' }));
  const { status, body } = await stand.post('/sessions', sessionBody({ reference_id: 'same' }));
  expect(status).toBe(400);
  expect(body.errors[0].path).toBe('/body/reference_id');
});

test('a refused session leaves neither its reference nor its customer behind', async () => {
  const stand = await openStand();
  const body = sessionBody();
  await stand.post('/sessions', { ...body, amount: 1 });
  expect((await stand.post('/sessions', body)).status).toBe(201);
});

test('a canceled session sends no webhook and cannot be canceled again', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const id = await openSession(stand);
  const canceled = await stand.post(`/sessions/${id}/cancel`);
  expect(canceled).toMatchObject({ status: 200, body: { status: 'CANCELED' } });
  expect(differences(canceled.body, documented('session-cancel.response')).retyped).toEqual([]);
  const again = await stand.post(`/sessions/${id}/cancel`);
  expect(again.status).toBe(422);
  expect(again.body).toEqual({
    error_code: 'INVALID_SESSION_STATUS',
    message: 'Session status is CANCELED, expecting ACTIVE',
  });
  await stand.pass(31 * MINUTE);
  expect(merchant.received).toEqual([]);
});

test('a completed session cannot be canceled, in Xendit’s words', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  await stand.post(`/_sandbox/sessions/${id}/complete`);
  const { status, body } = await stand.post(`/sessions/${id}/cancel`);
  expect(status).toBe(422);
  expect(body.message).toBe('Session status is COMPLETED, expecting ACTIVE');
});

test('a session left alone expires after thirty minutes, with its webhook', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const id = await openSession(stand);
  await stand.pass(30 * MINUTE - 1);
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('ACTIVE');
  await stand.pass(1);
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('EXPIRED');
  expect(merchant.events()).toEqual(['payment_session.expired']);
  const example = documented('webhook.payment_session.expired');
  const { data } = merchant.received[0]?.body ?? {};
  expect(differences(data, example.data)).toEqual({ ...NONE, missing: ['description'], added: ['channel_properties'] });
});

test('a session expires when it was asked to', async () => {
  const stand = await openStand();
  const id = await openSession(stand, { expires_at: '2025-06-01T09:00:00+07:00' });
  expect((await stand.get(`/sessions/${id}`)).body.expires_at).toBe('2025-06-01T02:00:00.000Z');
  await stand.pass(120 * MINUTE);
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('EXPIRED');
});

const person = (change: object) => ({
  customer: { reference_id: 'c-1', type: 'INDIVIDUAL', individual_detail: { given_names: 'Ani', ...change } },
});

test.each<[string, Record<string, unknown>, string]>([
  ['an accent in a name', person({ given_names: 'José' }), '/body/customer/individual_detail/given_names'],
  ['a dash in a surname', person({ surname: 'Nur-Haliza' }), '/body/customer/individual_detail/surname'],
  [
    'a reference with a dot',
    { customer: { ...person({}).customer, reference_id: 'ani@shop.test' } },
    '/body/customer/reference_id',
  ],
  ['a language that there is not', { locale: 'zz' }, '/body/locale'],
])('a session with %s is refused', async (_, change, path) => {
  const stand = await openStand();
  const answer = await stand.post('/sessions', sessionBody(change));
  expect(answer).toMatchObject({ status: 400, body: { error_code: 'API_VALIDATION_ERROR', errors: [{ path }] } });
});

test('a session may offer a channel that asks each time, and none that cannot be saved', async () => {
  const stand = await openStand();
  const offer = (code: string) =>
    stand.post('/sessions', sessionBody({ country: 'PH', currency: 'PHP', allowed_payment_channels: [code] }));
  expect(await offer('BPI_DIRECT_DEBIT')).toMatchObject({ status: 201 });
  expect(await offer('GCASH')).toMatchObject({ status: 400, body: { error_code: 'INVALID_PAYMENT_CHANNEL' } });
});

test('what nobody reads is refused: a query of an endpoint without one, a body of a cancellation', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  expect(await stand.get(`/sessions/${id}?expand=customer`)).toMatchObject({
    status: 400,
    body: { errors: [{ path: '/query/expand' }] },
  });
  expect(await stand.post(`/sessions/${id}/cancel`, { reason: 'x' })).toMatchObject({
    status: 400,
    body: { errors: [{ path: '/body/reason' }] },
  });
  expect((await stand.get('/customers?reference_id=c&limit=1')).status).toBe(400);
  expect((await stand.get('/_sandbox/payments?status=PAID')).status).toBe(400);
  expect((await stand.post(`/sessions/${id}/cancel`)).status).toBe(200);
});

const older = (customer_id: string, more: object = {}) => ({
  reference_id: 'registration_123456_SAVE',
  customer_id,
  session_type: 'SAVE',
  currency: 'IDR',
  amount: 0,
  mode: 'CARDS_SESSION_JS',
  country: 'ID',
  channel_properties: {
    card_on_file_type: 'RECURRING',
    recurring_configuration: { recurring_frequency: 1, recurring_expiry: '2029-10-10' },
  },
  cards_session_js: { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' },
  ...more,
});

test.each<[string, object, number]>([
  ['the documented request', {}, 201],
  ['what it saves nested', { channel_properties: { cards: { card_on_file_type: 'CUSTOMER_UNSCHEDULED' } } }, 400],
  ['no customer of Xendit’s', { customer_id: undefined, customer: sessionBody({}).customer }, 400],
  ['no addresses', { cards_session_js: undefined }, 400],
  ['a choice to save', { session_type: 'PAY', amount: 1, allow_save_payment_method: 'OPTIONAL' }, 400],
])('the older library for cards, with %s', async (_, more, status) => {
  const stand = await openStand();
  await stand.post('/_sandbox/account', { cards_session_js: 'allowed' });
  const { body } = await stand.post('/sessions', sessionBody({}));
  const answer = await stand.post('/sessions', older(body.customer_id, more));
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
});

test('the older library for cards is no mode of an account of today, and its flat properties are of no other mode', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/sessions', sessionBody({}));
  expect((await stand.post('/sessions', older(body.customer_id))).body).toMatchObject({
    error_code: 'MODE_NOT_SUPPORTED',
  });
  const flat = sessionBody({ reference_id: 'flat', channel_properties: { card_on_file_type: 'CUSTOMER_UNSCHEDULED' } });
  expect(await stand.post('/sessions', flat)).toMatchObject({ status: 400 });
});
