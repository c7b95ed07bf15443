import { expect, test } from 'vitest';
import { chargeBody, documented, openStand, RECURRING, saveMethod } from './stand.ts';

const WALLET = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };

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
