import { describe, expect, it } from 'vitest';
import { failedPayment, listing, lookUp, PAYMENT, payment, REQUEST, transaction } from '../support/looked-up.ts';
import { answer, PAID, routes, type Script, sample, scripted, trace } from './xendit-script.ts';

const FAILED = sample('payment-request-token.response.failed.INFERRED');

describe('an attempt whose payment request is known is read by its id', () => {
  const path = `GET /v3/payment_requests/${REQUEST}`;

  it('and what it says is found', async () => {
    const { found, heard } = await lookUp({ [path]: answer(200, PAID) }, REQUEST);
    expect(found).toEqual({
      kind: 'found',
      outcome: {
        kind: 'succeeded',
        paymentRequestId: REQUEST,
        paymentId: null,
        echo: { cardOnFileType: 'RECURRING', recurringFrequency: null, recurringExpiry: null },
      },
    });
    expect(heard).toMatchObject([{ method: 'GET', headers: { 'api-version': '2024-11-11' } }]);
  });

  it('a decline is followed to the payment, which knows the network’s words', async () => {
    const table = { [path]: answer(200, FAILED), [`GET /v3/payments/${PAYMENT}`]: answer(200, failedPayment) };
    const { found } = await lookUp(table, REQUEST);
    expect(found).toMatchObject({
      outcome: {
        kind: 'declined',
        code: 'STOLEN_CARD',
        networkCode: '43',
        adviceCode: '03',
        paymentRequestId: REQUEST,
      },
    });
  });

  it.each(['FAILED', 'EXPIRED', 'CANCELED'])(
    'a payment that succeeded outranks its request that is %s',
    async (status) => {
      const table = { [path]: answer(200, { ...FAILED, status }), 'GET /v3/payments/': answer(200, payment) };
      const { found } = await lookUp(table, REQUEST);
      expect(found).toMatchObject({ outcome: { kind: 'succeeded', paymentRequestId: REQUEST, paymentId: PAYMENT } });
    },
  );

  it.each([
    ['EXPIRED', 'PENDING'],
    ['FAILED', 'PENDING'],
    ['CANCELED', 'AUTHORIZED'],
  ])('a request that is %s has no outcome while its payment is %s', async (status, ofPayment) => {
    const inFlight = answer(200, { ...payment, status: ofPayment });
    const table = { [path]: answer(200, { ...FAILED, status }), 'GET /v3/payments/': inFlight };
    expect((await lookUp(table, REQUEST)).found).toMatchObject({ kind: 'found', outcome: { kind: 'pending' } });
  });

  it('a decline whose payment Xendit does not know stands', async () => {
    const { found } = await lookUp({ [path]: answer(200, FAILED) }, REQUEST);
    expect(found).toMatchObject({ outcome: { kind: 'declined', code: 'INSUFFICIENT_BALANCE' } });
  });

  it('a decline whose payment cannot be read now is asked again', async () => {
    const table = { [path]: answer(200, FAILED), 'GET /v3/payments/': answer(503, { error_code: 'SERVER_ERROR' }) };
    expect((await lookUp(table, REQUEST)).found).toMatchObject({ kind: 'unanswered' });
  });

  it.each([
    ['reference_id', 'x'],
    ['currency', 'PHP'],
    ['request_amount', 1],
  ])('a payment with another %s is not followed', async (field, value) => {
    const other = answer(200, { ...payment, [field]: value });
    const { found } = await lookUp({ [path]: answer(200, FAILED), 'GET /v3/payments/': other }, REQUEST);
    expect(found).toMatchObject({ kind: 'unanswered', detail: expect.stringContaining('payment: another') });
  });

  it.each(['TIMEOUT_ERROR', 'PARTNER_TIMEOUT_ERROR'])('%s, read again, is a decline', async (failure_code) => {
    const request = { ...FAILED, failure_code, latest_payment_id: null };
    const { found } = await lookUp({ [path]: answer(200, request) }, REQUEST);
    expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'declined', code: failure_code } });
  });

  it.each([
    ['reference_id', 'x'],
    ['currency', 'PHP'],
    ['request_amount', 499_999],
    ['payment_request_id', 'pr-other'],
    ['status', null],
  ])('another %s is no answer', async (field, value) => {
    const { found } = await lookUp({ [path]: answer(200, { ...PAID, [field]: value }) }, REQUEST);
    expect(found).toMatchObject({ kind: 'unanswered' });
  });

  it('one that Xendit does not know by id is looked for by reference', async () => {
    const { found, heard } = await lookUp({ 'GET /transactions': listing(transaction) }, REQUEST);
    expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'succeeded' } });
    expect(heard.map((one) => one.path.split('?')[0])).toEqual([`/v3/payment_requests/${REQUEST}`, '/transactions']);
  });

  it('a 404 that Xendit did not write says nothing of it, and the list is not believed in its place', async () => {
    for (const body of ['<html>404 page not found</html>', '{}', { error_code: 'ROUTE_NOT_FOUND' }]) {
      const table = { [path]: answer(404, body), 'GET /transactions': listing() };
      expect((await lookUp(table, REQUEST)).found.kind).toBe('unanswered');
    }
  });

  it('a decline whose payment is a 404 that Xendit did not write is asked again', async () => {
    const table = { [path]: answer(200, FAILED), 'GET /v3/payments/': answer(404, '<html></html>') };
    expect((await lookUp(table, REQUEST)).found.kind).toBe('unanswered');
  });

  it('an id cannot lead to another path', async () => {
    const { heard } = await lookUp({}, '../../sessions/x?y');
    expect(heard[0]?.path).toBe('/v3/payment_requests/..%2F..%2Fsessions%2Fx%3Fy');
  });
});

describe('a payment request that waits for its customer is closed', () => {
  const read = `GET /v3/payment_requests/${REQUEST}`;
  const close = async (canceled: Script, seen: object) => {
    const table = { [`POST /v3/payment_requests/${REQUEST}/cancel`]: canceled, [read]: answer(200, seen) };
    await using xendit = await scripted(routes(table));
    return { found: await xendit.gateway.closeRequest(trace({ paymentRequestId: REQUEST })), heard: xendit.heard };
  };
  const CANCELED = { ...PAID, status: 'CANCELED', latest_payment_id: undefined };

  it('and then looked at', async () => {
    const { found, heard } = await close(answer(200, CANCELED), CANCELED);
    expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'declined', code: 'PAYMENT_REQUEST_CANCELED' } });
    expect(heard[0]).toMatchObject({ method: 'POST', headers: { 'api-version': '2024-11-11' } });
  });

  it.each([
    ['refused, since it was paid', answer(400, { error_code: 'INACTIVE_PAYMENT_REQUEST' }), PAID, 'succeeded'],
    ['broken off, but was done', answer(502, 'Bad Gateway'), CANCELED, 'declined'],
  ])('and when that is %s, the look tells', async (_, canceled, seen, kind) => {
    expect((await close(canceled, seen)).found).toMatchObject({ kind: 'found', outcome: { kind } });
  });
});
