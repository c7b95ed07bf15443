import { expect, test } from 'vitest';
import { differences, NONE } from './shape.ts';
import { documented, openMerchant, openSession, openStand, RECURRING, saveMethod, sessionBody } from './stand.ts';

test('saving a card completes the session and tells of the token and the session, as documented', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await stand.post('/_sandbox/webhooks', { concurrency: 1 });
  const id = await openSession(stand);
  const completed = await stand.post(`/_sandbox/sessions/${id}/complete`);
  await stand.pass(0);
  expect(completed.body.payment_token_id).toMatch(/^pt-[0-9a-f-]{36}$/);
  expect(merchant.events()).toEqual(['payment_token.activation', 'payment_session.completed']);
  const [activation, session] = merchant.received.map((webhook) => webhook.body);
  const documentedSession = documented('webhook.payment_session.completed.save.INFERRED');
  expect(differences(session, { ...documentedSession, api_version: 'v3' })).toEqual({
    missing: ['data.description'],
    added: ['data.channel_properties'],
    retyped: [],
  });
  expect(session.data).toMatchObject({ status: 'COMPLETED', payment_token_id: completed.body.payment_token_id });
  expect(activation.data).toMatchObject({ status: 'ACTIVE', payment_token_id: completed.body.payment_token_id });
});

test('a card token shows the masked card, its network and a fingerprint, in the documented shape', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand, { card_number: '5200000000001005', expiry_month: 9, expiry_year: 2028 });
  const { body } = await stand.get(`/v3/payment_tokens/${token}`);
  expect(body.channel_properties.card_details).toMatchObject({
    masked_card_number: '520000XXXXXX1005',
    network: 'MASTERCARD',
    expiry_month: '09',
    expiry_year: '2028',
  });
  expect(body.channel_properties.card_details.fingerprint).toMatch(/^[0-9a-f]{24}$/);
  const example = documented('payment-token-get.response.cards');
  const { added, retyped } = differences(body, example);
  expect({ added, retyped }).toEqual({ added: [], retyped: [] });
});

test('the same card has the same fingerprint in every token', async () => {
  const stand = await openStand();
  const prints = await Promise.all(
    [1, 2].map(async () => {
      const { body } = await stand.get(`/v3/payment_tokens/${await saveMethod(stand)}`);
      return body.channel_properties.card_details.fingerprint;
    }),
  );
  expect(prints[0]).toBe(prints[1]);
});

test('a wallet token is told of and read in the documented shape', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand, { channel_code: 'OVO' });
  await stand.pass(0);
  const example = documented('payment-token-get.response.ewallet');
  const { body } = await stand.get(`/v3/payment_tokens/${token}`);
  expect(differences(body, example)).toEqual({ ...NONE, missing: ['description', 'metadata'] });
  const told = merchant.received.find((one) => one.body.event === 'payment_token.activation');
  expect(told?.body.data).toEqual(body);
});

test('a token does not carry the reference of its session', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand, {}, { reference_id: 'mine' });
  expect((await stand.get(`/v3/payment_tokens/${token}`)).body.reference_id).toMatch(/^mine_[A-Za-z0-9]{10}$/);
});

test('a declined card leaves the session open for another try', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const id = await openSession(stand);
  const failed = await stand.post(`/_sandbox/sessions/${id}/complete`, { card_number: '4999999999999999' });
  expect(failed).toMatchObject({ status: 422, body: { error_code: 'CARD_DECLINED' } });
  const wrongOtp = await stand.post(`/_sandbox/sessions/${id}/complete`, { card_number: '4000000000002503', otp: '0' });
  expect(wrongOtp).toMatchObject({ status: 422, body: { error_code: 'AUTHENTICATION_FAILED' } });
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('ACTIVE');
  await stand.pass(0);
  expect(merchant.events()).toEqual(['payment_token.failure', 'payment_token.failure']);
  const example = documented('webhook.payment_token.failure');
  expect(differences(merchant.received[0]?.body.data, example.data)).toEqual({
    missing: ['actions', 'metadata'],
    added: ['channel_properties.card_details', 'channel_properties.skip_three_ds', 'failure_code'],
    retyped: [],
  });
  expect((await stand.post(`/_sandbox/sessions/${id}/complete`)).status).toBe(200);
});

test('a canceled token cannot be canceled again, and nobody is told', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  const canceled = await stand.post(`/v3/payment_tokens/${token}/cancel`);
  expect(canceled).toMatchObject({ status: 200, body: { status: 'CANCELED' } });
  const again = await stand.post(`/v3/payment_tokens/${token}/cancel`);
  expect(again.status).toBe(400);
  expect(again.body).toEqual({
    error_code: 'INACTIVE_PAYMENT_REQUEST',
    message: 'Payment request is already inactive.',
  });
  await stand.pass(0);
  expect(merchant.events()).not.toContain('payment_token.expiry');
});

test('a card token expires at the end of the card’s month, with its webhook', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand, { expiry_month: 6, expiry_year: 2025 });
  await stand.post('/_sandbox/clock', { now: '2025-06-30T23:59:59.999Z' });
  expect((await stand.get(`/v3/payment_tokens/${token}`)).body.status).toBe('ACTIVE');
  await stand.post('/_sandbox/clock', { now: '2025-07-01T00:00:00Z' });
  expect((await stand.get(`/v3/payment_tokens/${token}`)).body.status).toBe('EXPIRED');
  const told = merchant.received.at(-1)?.body;
  expect(told.event).toBe('payment_token.expiry');
  expect(differences(told.data, documented('webhook.payment_token.expiry').data).retyped).toEqual([]);
});

test('a token that was canceled does not expire as well', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand, { expiry_month: 6, expiry_year: 2025 });
  await stand.post(`/v3/payment_tokens/${token}/cancel`);
  await stand.post('/_sandbox/clock', { now: '2025-07-01T00:00:00Z' });
  expect((await stand.get(`/v3/payment_tokens/${token}`)).body.status).toBe('CANCELED');
  expect(merchant.events()).not.toContain('payment_token.expiry');
});

test('a token can be killed, with the webhook of its end', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.post(`/_sandbox/tokens/${token}/kill`, { status: 'EXPIRED' });
  await stand.pass(0);
  expect(merchant.events()).toContain('payment_token.expiry');
});

test('an unknown token is a 404 in Xendit’s words', async () => {
  const stand = await openStand();
  const { status, body } = await stand.get('/v3/payment_tokens/pt-0');
  expect(status).toBe(404);
  expect(body).toEqual({ error_code: 'DATA_NOT_FOUND', message: 'ID specified in request cannot be found.' });
});

test('a PAY session that must save takes the money and keeps the method, under a reference with a suffix', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const id = await openSession(stand, {
    session_type: 'PAY',
    amount: 20_000,
    allow_save_payment_method: 'FORCED',
    reference_id: 'first',
    channel_properties: { cards: RECURRING },
  });
  const { body } = await stand.post(`/_sandbox/sessions/${id}/complete`);
  await stand.pass(0);
  expect((await stand.get('/_sandbox/ledger')).body).toEqual({ collected: { IDR: 20_000 }, count: 1 });
  const request = (await stand.get(`/v3/payment_requests/${body.payment_request_id}`)).body;
  expect(request).toMatchObject({ type: 'PAY_AND_SAVE', status: 'SUCCEEDED', payment_token_id: body.payment_token_id });
  expect(request.reference_id).toMatch(/^first_[A-Za-z0-9]{10}$/);
  const completed = merchant.received.find((one) => one.body.event === 'payment_session.completed')?.body;
  const { missing } = differences(completed, documented('webhook.payment_session.completed'));
  expect(missing).toEqual(['data.description']);
});

test('a PAY session whose amount is declined stays open', async () => {
  const stand = await openStand();
  const id = await openSession(stand, { session_type: 'PAY', amount: 10_054, allow_save_payment_method: 'FORCED' });
  const { status, body } = await stand.post(`/_sandbox/sessions/${id}/complete`);
  expect({ status, code: body.error_code }).toEqual({ status: 422, code: 'INSUFFICIENT_BALANCE' });
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('ACTIVE');
  expect((await stand.get('/_sandbox/ledger')).body).toEqual({ collected: {}, count: 0 });
});

test('the same seed makes the same ids', async () => {
  const body = sessionBody();
  const answers = await Promise.all([openStand({ seed: 5 }), openStand({ seed: 5 }), openStand({ seed: 6 })]);
  const ids = await Promise.all(answers.map(async (stand) => (await stand.post('/sessions', body)).body.customer_id));
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});
