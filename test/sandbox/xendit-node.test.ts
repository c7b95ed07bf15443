import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Xendit } from 'xendit-node';
import { chargeBody, openStand, SECRET_KEY, type Stand, saveMethod } from './stand.ts';

/*
 * Xendit's own library, of the API before v3: what it can call of the endpoints that are played must be answered as it reads it.
 */

let stand: Stand;
let library: Xendit;
beforeEach(async () => {
  // It warns of each key of the test mode.
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  stand = await openStand();
  library = new Xendit({ secretKey: SECRET_KEY, xenditURL: stand.url });
});
afterEach(() => void vi.restoreAllMocks());

test('its customers: made, read, found by their reference, and refused the second time', async () => {
  const data = { referenceId: 'cust-1', type: 'INDIVIDUAL', individualDetail: { givenNames: 'Siti' } } as const;
  const made = await library.Customer.createCustomer({ data: { ...data }, idempotencyKey: 'key-1' });
  expect(made).toMatchObject({ referenceId: 'cust-1', individualDetail: { givenNames: 'Siti' } });
  expect((await library.Customer.getCustomer({ id: made.id })).referenceId).toBe('cust-1');
  const found = await library.Customer.getCustomerByReferenceID({ referenceId: 'cust-1' });
  expect(found.data?.map(({ id }) => id)).toEqual([made.id]);
  await expect(library.Customer.createCustomer({ data: { ...data } })).rejects.toMatchObject({
    status: 409,
    errorCode: 'DUPLICATE_ERROR',
  });
});

async function paid(): Promise<string> {
  const token = await saveMethod(stand);
  return (await stand.post('/v3/payment_requests', chargeBody(token))).body.payment_request_id;
}

test('its refunds: asked for, read, listed, and refused while one is under way', async () => {
  const data = { paymentRequestId: await paid(), reason: 'REQUESTED_BY_CUSTOMER', amount: 50_000 } as const;
  const asked = await library.Refund.createRefund({ data: { ...data } });
  // It reads no status: what came of a refund it tells by the code of a failure alone.
  expect(asked).toMatchObject({ paymentRequestId: data.paymentRequestId, amount: 50_000, currency: 'IDR' });
  await expect(library.Refund.createRefund({ data: { ...data } })).rejects.toMatchObject({
    status: 400,
    errorCode: 'REFUND_IN_PROGRESS',
  });
  await stand.pass(5);
  expect(await library.Refund.getRefund({ refundID: asked.id ?? '' })).toMatchObject({
    id: asked.id,
    amount: 50_000,
  });
  const listed = await library.Refund.getAllRefunds({ paymentRequestId: data.paymentRequestId, limit: 10 });
  expect(listed).toMatchObject({ hasMore: false, data: [{ id: asked.id }] });
  expect((await library.Refund.getAllRefunds({ paymentRequestId: 'pr-none' })).data).toEqual([]);
});

test('its transactions: listed and read, with the payment that they are about', async () => {
  await paid();
  const listed = await library.Transaction.getAllTransactions({ types: ['PAYMENT'], limit: 10 });
  expect(listed).toMatchObject({ hasMore: false, data: [{ type: 'PAYMENT', status: 'SUCCESS', currency: 'IDR' }] });
  const [one] = listed.data;
  expect(await library.Transaction.getTransactionByID({ id: one?.id ?? '' })).toMatchObject({ id: one?.id });
});
