import { expect, test } from 'vitest';
import { differences } from './shape.ts';
import { chargeBody, documented, type Json, openMerchant, openStand, type Stand, saveMethod } from './stand.ts';

const WALLET = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };

async function paidRequest(stand: Stand, how: object = {}, changes: Json = {}): Promise<string> {
  const token = await saveMethod(stand, how);
  return (await stand.post('/v3/payment_requests', chargeBody(token, changes))).body.payment_request_id;
}

const refund = (stand: Stand, payment_request_id: string, changes: object = {}) =>
  stand.post('/refunds', { ...documented('refund.request.full'), payment_request_id, ...changes });

test('a documented refund is PENDING, in the documented shape, and the money goes back later', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const answer = await refund(stand, await paidRequest(stand));
  expect(answer).toMatchObject({ status: 200, body: { status: 'PENDING', amount: 150_000 } });
  expect(answer.body.id).toMatch(/^rfd-/);
  expect(differences(answer.body, documented('refund.response.pending.INFERRED'))).toMatchObject({
    added: [],
    retyped: [],
  });
  expect((await stand.get('/_sandbox/ledger')).body.collected).toEqual({ IDR: 150_000 });
  await stand.pass(5);
  expect((await stand.get('/_sandbox/ledger')).body).toEqual({ collected: { IDR: 0 }, count: 1 });
  expect((await stand.get(`/refunds/${answer.body.id}`)).body.status).toBe('SUCCEEDED');
  const told = merchant.received.at(-1)?.body;
  expect(told.event).toBe('refund.succeeded');
  expect(differences(told, documented('webhook.refund.succeeded'))).toMatchObject({
    missing: [],
    added: ['api_version'],
  });
  expect(told.data.data).toMatchObject({ id: answer.body.id, status: 'SUCCEEDED', failure_code: null });
});

test('partial refunds add up to the payment and no further, one at a time', async () => {
  const stand = await openStand();
  const id = await paidRequest(stand);
  expect((await refund(stand, id, { amount: 100_000, currency: 'IDR' })).status).toBe(200);
  expect((await refund(stand, id, { amount: 1 })).body.error_code).toBe('REFUND_IN_PROGRESS');
  await stand.pass(5);
  expect((await refund(stand, id, { amount: 50_001 })).body.error_code).toBe('REFUND_AMOUNT_EXCEEDED');
  expect((await refund(stand, id)).body.amount).toBe(50_000);
  await stand.pass(5);
  expect((await refund(stand, id)).body.error_code).toBe('REFUND_AMOUNT_EXCEEDED');
  expect((await stand.get('/_sandbox/ledger')).body.collected).toEqual({ IDR: 0 });
});

test('a scripted refund fails with its code and gives nothing back', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const id = await paidRequest(stand);
  await stand.post('/_sandbox/scenarios', {
    match: { path: '/refunds' },
    do: { kind: 'decline', failure_code: 'REFUND_FAILED' },
  });
  await refund(stand, id);
  await stand.pass(5);
  const told = merchant.received.at(-1)?.body;
  expect(differences(told, documented('webhook.refund.failed'))).toMatchObject({ missing: [], added: ['api_version'] });
  expect(told.data.data.failure_code).toBe('REFUND_FAILED');
  expect((await stand.get('/_sandbox/ledger')).body.collected).toEqual({ IDR: 150_000 });
});

test.each([
  ['an unknown request', { payment_request_id: 'pr-0' }, 404, 'DATA_NOT_FOUND'],
  ['an unknown reason', { reason: 'BORED' }, 400, 'API_VALIDATION_ERROR'],
  ['no reason', { reason: undefined }, 400, 'API_VALIDATION_ERROR'],
  ['another currency', { currency: 'PHP' }, 400, 'API_VALIDATION_ERROR'],
  ['a fraction of a rupiah', { amount: 0.5 }, 400, 'API_VALIDATION_ERROR'],
  ['an unknown key', { payment_id: 'py-0' }, 400, 'API_VALIDATION_ERROR'],
])('a refund with %s is refused', async (_name, change, status, code) => {
  const stand = await openStand();
  const answer = await refund(stand, await paidRequest(stand), change);
  expect(answer).toMatchObject({ status, body: { error_code: code } });
});

test('a payment that failed cannot be refunded', async () => {
  const stand = await openStand();
  const id = await paidRequest(stand, {}, { request_amount: 10_054 });
  expect((await refund(stand, id)).body.error_code).toBe('INELIGIBLE_TRANSACTION_STATUS');
});

test('a channel refunds as far as Xendit’s table says', async () => {
  const stand = await openStand();
  const debit = await paidRequest(stand, { channel_code: 'BRI_DIRECT_DEBIT' }, { channel_properties: WALLET });
  expect((await refund(stand, debit, { amount: 1_000 })).body.error_code).toBe('PARTIAL_REFUND_NOT_SUPPORTED');
  expect((await refund(stand, debit)).status).toBe(200);
});

test('a refund shows in /transactions as money that went out', async () => {
  const stand = await openStand();
  await refund(stand, await paidRequest(stand), { reference_id: 'back' });
  await stand.pass(5);
  const { data } = (await stand.get('/transactions?types=REFUND')).body;
  expect(data).toMatchObject([{ reference_id: 'back', cashflow: 'MONEY_OUT', status: 'SUCCESS', amount: 150_000 }]);
});
