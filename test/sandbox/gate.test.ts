import { expect, test } from 'vitest';
import { chargeBody, documented, openSession, openStand, SECRET_KEY, saveMethod, sessionBody } from './stand.ts';

const NOT_AUTHORIZED = { error_code: 'INVALID_API_KEY', message: 'API key is not authorized for this API' };

test.each([
  ['no key', ''],
  ['another key', `Basic ${btoa('xnd_development_other:')}`],
  ['a key with a password', `Basic ${btoa(`${SECRET_KEY}:secret`)}`],
  ['a key without its colon', `Basic ${btoa(SECRET_KEY)}`],
  ['a bearer token', `Bearer ${SECRET_KEY}`],
])('%s is refused with 401 in Xendit’s words, and nothing happens', async (_name, authorization) => {
  const stand = await openStand();
  const answer = await stand.post('/sessions', sessionBody(), { authorization });
  expect(answer).toMatchObject({ status: 401, body: NOT_AUTHORIZED });
  expect((await stand.get('/transactions', { authorization })).status).toBe(401);
});

test('/v3 asks for its api-version; /sessions does not', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  for (const version of ['', '2022-07-31']) {
    const answer = await stand.post('/v3/payment_requests', chargeBody(token), { 'api-version': version });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'API_VALIDATION_ERROR' } });
    expect((await stand.post('/sessions', sessionBody(), { 'api-version': version })).status).toBe(201);
  }
  expect((await stand.get('/_sandbox/payments')).body.data).toEqual([]);
});

test('a body that is not JSON, or no object, is a 400 and not a crash', async () => {
  const stand = await openStand();
  for (const body of ['{"reference_id":', '[]', '"text"', 'null', '5']) {
    const answer = await stand.post('/sessions', body, { 'content-type': 'application/json' });
    expect(answer, body).toMatchObject({ status: 400, body: { error_code: 'API_VALIDATION_ERROR' } });
  }
});

test('a body beyond the limit is refused', async () => {
  const stand = await openStand();
  const answer = await stand.post('/sessions', { description: 'x'.repeat(300_000) });
  expect(answer.status).toBe(413);
});

test('a path that Xendit does not have is a 404 in the form of Xendit’s errors', async () => {
  const stand = await openStand();
  const { status, body } = await stand.get('/v2/payment_methods');
  expect(status).toBe(404);
  expect(Object.keys(body).sort()).toEqual(['error_code', 'message']);
});

test('without a limit there are no rate headers', async () => {
  const stand = await openStand();
  expect((await stand.get('/transactions')).headers.get('rate-limit-limit')).toBeNull();
});

test('with a limit every answer says what is left, in the documented form', async () => {
  const stand = await openStand({ requestsPerMinute: 600 });
  const { headers } = await stand.get('/transactions');
  const names = Object.keys(documented('headers').response_from_api);
  expect(names.map((name) => headers.get(name))).toEqual(['600', '599', '60.00']);
});

test('over the limit is a 429 that is not carried out, and the window slides', async () => {
  const stand = await openStand({ requestsPerMinute: 2 });
  await openSession(stand);
  await stand.pass(20);
  const id = await openSession(stand);
  const refused = await stand.post('/sessions', sessionBody({ reference_id: 'late' }));
  expect(refused).toMatchObject({ status: 429, body: { error_code: 'RATE_LIMIT_EXCEEDED' } });
  expect(refused.headers.get('rate-limit-remaining')).toBe('0');
  expect(refused.headers.get('rate-limit-reset')).toBe('40.00');
  // Each endpoint has an allowance of its own.
  expect((await stand.get(`/sessions/${id}`)).status).toBe(200);
  await stand.pass(39.999);
  expect((await stand.post('/sessions', sessionBody())).status).toBe(429);
  await stand.pass(0.001);
  expect((await stand.post('/sessions', sessionBody({ reference_id: 'late' }))).status).toBe(201);
  expect((await stand.post('/sessions', sessionBody())).status).toBe(429);
});

test('the limit can be set and lifted while running', async () => {
  const stand = await openStand();
  await stand.post('/_sandbox/rate-limit', { requests_per_minute: 1 });
  expect((await stand.get('/transactions')).status).toBe(200);
  expect((await stand.get('/transactions')).status).toBe(429);
  await stand.post('/_sandbox/rate-limit', { requests_per_minute: null });
  expect((await stand.get('/transactions')).status).toBe(200);
});

test('what was received can be looked at, without the key', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  const body = chargeBody(token);
  await stand.post('/v3/payment_requests', body, { 'idempotency-key': 'k1' });
  const { data } = (await stand.get('/_sandbox/requests?path=/v3/payment_requests')).body;
  expect(data).toHaveLength(1);
  expect(data[0]).toMatchObject({ method: 'POST', path: '/v3/payment_requests', body, status: 201 });
  expect(data[0].headers).toMatchObject({ 'idempotency-key': 'k1' });
  expect(JSON.stringify(data)).not.toContain(btoa(`${SECRET_KEY}:`));
});

test('with dropHistory nothing is kept but the money', async () => {
  const stand = await openStand({ dropHistory: true });
  await stand.post('/v3/payment_requests', chargeBody(await saveMethod(stand)));
  expect((await stand.get('/_sandbox/requests')).body.data).toEqual([]);
  expect((await stand.get('/_sandbox/webhooks')).body.data).toEqual([]);
  expect((await stand.get('/_sandbox/ledger')).body.count).toBe(1);
});

test('control endpoints refuse what they do not know', async () => {
  const stand = await openStand();
  for (const [path, body] of [
    ['scenarios', { do: { kind: 'explode' } }],
    ['scenarios', { do: { kind: 'timeout' } }],
    ['scenarios', { do: { kind: 'timeout', charged: true }, tmies: 2 }],
    ['webhooks', { dupe: 1 }],
    ['rate-limit', { requests_per_minute: 0 }],
    ['clock', { now: 'tomorrow' }],
  ] as const) {
    expect((await stand.post(`/_sandbox/${path}`, body)).status, JSON.stringify(body)).toBe(400);
  }
});
