import { expect, test } from 'vitest';
import { CALLBACK_TOKEN, chargeBody, documented, openMerchant, openStand, type Stand, saveMethod } from './stand.ts';

const charge = async (stand: Stand, token: string): Promise<string> =>
  (await stand.post('/v3/payment_requests', chargeBody(token))).body.latest_payment_id;

test('a webhook carries the token, an id of its own, and Xendit’s envelope', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await charge(stand, await saveMethod(stand));
  await stand.pass(0);
  expect(merchant.events().sort()).toEqual([
    'payment.capture',
    'payment_session.completed',
    'payment_token.activation',
  ]);
  for (const { headers, body } of merchant.received) {
    expect(headers).toMatchObject({ 'x-callback-token': CALLBACK_TOKEN, 'content-type': 'application/json' });
    expect(headers['webhook-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(body)).toEqual(Object.keys(documented('webhook.payment.capture.card-real-excerpt')));
    expect(body).toMatchObject({ api_version: 'v3', created: '2025-06-01T00:00:00.000Z' });
  }
  expect(new Set(merchant.received.map((one) => one.headers['webhook-id'])).size).toBe(3);
});

test('a webhook that is not accepted comes again on Xendit’s schedule: same id, new time', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.pass(0);
  merchant.received.length = 0;
  merchant.answers.push(...Array<number>(10).fill(500));
  await charge(stand, token);
  await stand.pass(48 * 3_600);
  const minutes = merchant.received.map((one) => {
    const waited = Temporal.Instant.from(one.body.created).since(Temporal.Instant.from('2025-06-01T00:00:00Z'));
    return waited.total('minutes');
  });
  expect(documented('webhook-retry-schedule').retries).toHaveLength(6);
  expect(minutes).toEqual([0, 15, 60, 180, 360, 720, 1_440]);
  expect(new Set(merchant.received.map((one) => one.headers['webhook-id'])).size).toBe(1);
  const { data } = (await stand.get('/_sandbox/webhooks')).body;
  expect(data.at(-1)).toMatchObject({ event: 'payment.capture', status: 'failed' });
});

test('any 2XX ends the retries', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.pass(0);
  merchant.answers.push(500, 404, 202);
  await charge(stand, token);
  await stand.pass(48 * 3_600);
  const { data } = (await stand.get('/_sandbox/webhooks')).body;
  expect(data.at(-1)).toMatchObject({ status: 'delivered' });
  expect(data.at(-1).attempts.map((attempt: { status: number }) => attempt.status)).toEqual([500, 404, 202]);
});

test('a merchant that cannot be reached is tried again', async () => {
  const stand = await openStand({ webhookUrl: 'http://127.0.0.1:9/webhooks' });
  await charge(stand, await saveMethod(stand));
  await stand.pass(900);
  const { data } = (await stand.get('/_sandbox/webhooks')).body;
  expect(data.at(-1)).toMatchObject({ status: 'retrying', attempts: [{ error: expect.any(String) }, {}] });
});

test('a webhook tells what was true at its event, however late it comes', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await stand.post('/_sandbox/scenarios', { do: { kind: 'late_success', failure_code: 'X', after_seconds: 60 } });
  await stand.post('/_sandbox/webhooks', { hold: true });
  await charge(stand, await saveMethod(stand));
  await stand.pass(60);
  expect(merchant.received).toEqual([]);
  await stand.post('/_sandbox/webhooks', { release: true });
  await stand.pass(0);
  const failure = merchant.received.find((one) => one.body.event === 'payment.failure');
  expect(failure?.body.data).toMatchObject({ status: 'FAILED', failure_code: 'X' });
});

test('duplicates come with the same id', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.pass(0);
  merchant.received.length = 0;
  await stand.post('/_sandbox/webhooks', { duplicate: 2 });
  await charge(stand, token);
  await stand.pass(0);
  expect(merchant.events()).toEqual(['payment.capture', 'payment.capture', 'payment.capture']);
  expect(new Set(merchant.received.map((one) => one.headers['webhook-id'])).size).toBe(1);
});

test('reordered webhooks come newest first', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await stand.post('/_sandbox/webhooks', { hold: true, reorder: true });
  await charge(stand, await saveMethod(stand));
  await stand.post('/_sandbox/webhooks', { release: true });
  await stand.pass(0);
  expect(merchant.events()).toEqual(['payment.capture', 'payment_session.completed', 'payment_token.activation']);
});

test('dropped webhooks never come', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await stand.post('/_sandbox/webhooks', { drop: true });
  await charge(stand, await saveMethod(stand));
  await stand.pass(48 * 3_600);
  expect(merchant.received).toEqual([]);
  const { data } = (await stand.get('/_sandbox/webhooks')).body;
  expect(data.map((row: { status: string }) => row.status)).toEqual(['dropped', 'dropped', 'dropped']);
});

test('delayed webhooks come when the clock says so', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  await stand.post('/_sandbox/webhooks', { delay_seconds: 30 });
  await charge(stand, await saveMethod(stand));
  await stand.pass(29);
  expect(merchant.received).toEqual([]);
  await stand.pass(1);
  expect(merchant.received).toHaveLength(3);
});

test('five hundred webhooks arrive, each once', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  const ids = await Promise.all(Array.from({ length: 500 }, () => charge(stand, token)));
  await stand.pass(0);
  const told = merchant.received.filter((one) => one.body.event === 'payment.capture');
  expect(told).toHaveLength(ids.length);
  expect(new Set(told.map((one) => one.body.data.payment_id))).toEqual(new Set(ids));
});
