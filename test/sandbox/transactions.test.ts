import { expect, test } from 'vitest';
import { differences, NONE } from './shape.ts';
import { chargeBody, documented, type Json, openStand, type Stand, saveMethod } from './stand.ts';

async function chargeMany(stand: Stand, count: number): Promise<void> {
  const token = await saveMethod(stand);
  for (let n = 1; n <= count; n += 1) {
    await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: `r-${n}` }));
    await stand.pass(60);
  }
}

const references = (page: Json): string[] => page.data.map((row: Json) => row.reference_id);

test('a payment is found by its reference, exactly, in the documented shape', async () => {
  const stand = await openStand();
  await chargeMany(stand, 2);
  const { body } = await stand.get('/transactions?reference_id=r-1&types=PAYMENT');
  expect(body).toMatchObject({ has_more: false, links: [], data: [{ status: 'SUCCESS', amount: 150_000 }] });
  const example = documented('transactions-list.response').data.at(-1);
  expect(differences(body.data[0], example)).toEqual(NONE);
  expect((await stand.get('/transactions?reference_id=R-1')).body.data).toEqual([]);
});

test('one transaction names the payment request, and its product is the payment', async () => {
  const stand = await openStand();
  await chargeMany(stand, 1);
  const [payment] = (await stand.get('/_sandbox/payments')).body.data;
  const [row] = (await stand.get('/transactions')).body.data;
  const { body } = await stand.get(`/transactions/${row.id}`);
  expect(differences(body, documented('transaction-get.response.payment'))).toEqual(NONE);
  expect(body.product_id).toBe(payment.payment_id);
  expect(body.product_data.payment_request_id).toBe(payment.payment_request_id);
  expect((await stand.get('/transactions/txn_0')).status).toBe(404);
});

test('the list is read page by page, newest first, without gap or overlap', async () => {
  const stand = await openStand();
  await chargeMany(stand, 7);
  const seen: string[] = [];
  let path = '/transactions?limit=3';
  for (;;) {
    const { body } = await stand.get(path);
    seen.push(...references(body));
    if (!body.has_more) break;
    path = `/transactions?limit=3&after_id=${body.data.at(-1).id}`;
  }
  expect(seen).toEqual(['r-7', 'r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1']);
});

test('while there is more, a link leads to the next page of the same question', async () => {
  const stand = await openStand();
  await chargeMany(stand, 5);
  const { body } = await stand.get('/transactions?types=PAYMENT&types=REFUND&limit=2');
  expect(body.links).toEqual([{ href: expect.any(String), rel: 'next', method: 'GET' }]);
  expect(references((await stand.get(body.links[0].href)).body)).toEqual(['r-3', 'r-2']);
  const last = (await stand.get('/transactions?types=PAYMENT&limit=5')).body;
  expect(last).toMatchObject({ has_more: false, links: [] });
});

test('the list is narrowed by when a payment last changed', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  const late = { kind: 'late_success', failure_code: 'INSUFFICIENT_BALANCE', after_seconds: 3600 };
  await stand.post('/_sandbox/scenarios', { match: { reference_id: 'late' }, do: late });
  await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: 'late' }));
  await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: 'at-once' }));
  await stand.pass(3600);
  expect(references((await stand.get('/transactions?updated[gte]=2025-06-01T00:30:00Z')).body)).toEqual(['late']);
  expect(references((await stand.get('/transactions?updated[lte]=2025-06-01T00:30:00Z')).body)).toEqual(['at-once']);
});

test('a type or status that Xendit does not have is refused', async () => {
  const stand = await openStand();
  for (const query of ['types=PAYMENTS', 'types=PAYMENT&types=payment', 'statuses=SUCCEEDED']) {
    const { status, body } = await stand.get(`/transactions?${query}`);
    expect({ status, code: body.error_code }).toEqual({ status: 400, code: 'API_VALIDATION_ERROR' });
  }
});

test('a reference that was charged more than once is read page by page too', async () => {
  const stand = await openStand();
  const urls = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };
  const token = await saveMethod(stand, { channel_code: 'OVO' });
  const body = chargeBody(token, { reference_id: 'twice', channel_properties: urls });
  for (let n = 0; n < 3; n += 1) await stand.post('/v3/payment_requests', body);
  const first = (await stand.get('/transactions?reference_id=twice&limit=2')).body;
  expect(first).toMatchObject({ has_more: true, data: [{}, {}] });
  const second = (await stand.get(`/transactions?reference_id=twice&limit=2&after_id=${first.data[1].id}`)).body;
  expect(second).toMatchObject({ has_more: false, data: [{}] });
  expect(new Set([...first.data, ...second.data].map((row) => row.id)).size).toBe(3);
});

test('the list is narrowed by time, both ends included', async () => {
  const stand = await openStand();
  await chargeMany(stand, 4);
  const query = 'created[gte]=2025-06-01T00:01:00Z&created[lte]=2025-06-01T00:02:00Z';
  expect(references((await stand.get(`/transactions?${query}`)).body)).toEqual(['r-3', 'r-2']);
});

test('a decline shows as FAILED, and other types are empty', async () => {
  const stand = await openStand();
  const token = await saveMethod(stand);
  await stand.post('/v3/payment_requests', chargeBody(token, { request_amount: 10_054 }));
  expect((await stand.get('/transactions')).body.data).toMatchObject([{ status: 'FAILED', net_amount: 10_054 }]);
  expect((await stand.get('/transactions?types=CONVERSION')).body.data).toEqual([]);
  expect((await stand.get('/transactions?statuses=SUCCESS')).body.data).toEqual([]);
});

test('a limit beyond the documented ones is refused', async () => {
  const stand = await openStand();
  expect((await stand.get('/transactions?limit=51')).status).toBe(400);
});

test('with a lag, a payment is not found yet, which proves nothing', async () => {
  const stand = await openStand();
  await stand.post('/_sandbox/transactions', { lag_seconds: 60 });
  await stand.post('/v3/payment_requests', chargeBody(await saveMethod(stand), { reference_id: 'slow' }));
  await stand.pass(59);
  expect((await stand.get('/transactions?reference_id=slow')).body.data).toEqual([]);
  await stand.pass(1);
  expect((await stand.get('/transactions?reference_id=slow')).body.data).toHaveLength(1);
});

test('the list is narrowed to the categories of channels that are asked for, and knows no other parameters', async () => {
  const stand = await openStand();
  await chargeMany(stand, 2);
  const wallet = await saveMethod(stand, { channel_code: 'OVO' });
  const urls = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };
  await stand.post('/v3/payment_requests', chargeBody(wallet, { reference_id: 'w-1', channel_properties: urls }));
  const list = async (query: string) => await stand.get(`/transactions?${query}`);
  expect(references((await list('channel_categories=EWALLET')).body)).toEqual(['w-1']);
  expect(references((await list('channel_categories=CARDS')).body)).toEqual(['r-2', 'r-1']);
  expect(references((await list('channel_categories=CARDS&channel_categories=EWALLET')).body)).toHaveLength(3);
  for (const query of ['channel_category=CARDS', 'channel_categories=CARD', 'before_id=txn_1', 'status=SUCCESS'])
    expect(await list(query)).toMatchObject({ status: 400, body: { error_code: 'API_VALIDATION_ERROR' } });
});
