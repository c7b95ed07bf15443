import { describe, expect, it } from 'vitest';
import { answer, cardCharge, PAID, routes, type Script, sample, scripted, trace } from './xendit-script.ts';

const REQUEST = 'pr-90392f42-d98a-49ef-a7f3-abcezas127';
const PAYMENT = 'py-1402feb0-bb79-47ae-9d1e-e69394d3949c';
const FAILED = sample('payment-request-token.response.failed.INFERRED');

/** Xendit's documented transaction, told about the card charge. */
const transaction = {
  ...(sample('transaction-get.response.payment') as { product_data: object }),
  product_id: PAYMENT,
  reference_id: cardCharge.referenceId,
  amount: 500_000,
  product_data: { payment_request_id: REQUEST },
};

/** Xendit's documented payment, told about the card charge. */
const payment = {
  ...sample('payment-get.response.cards'),
  payment_id: PAYMENT,
  payment_request_id: REQUEST,
  reference_id: cardCharge.referenceId,
  request_amount: 500_000,
};

const failedPayment = {
  ...payment,
  status: 'FAILED',
  failure_code: 'STOLEN_CARD',
  payment_details: { authorization_data: { network_response_code: '43', merchant_advice_code: '03' } },
};

const listing = (...data: readonly object[]) => answer(200, { has_more: false, data, links: [] });

async function lookUp(table: Readonly<Record<string, Script>>, paymentRequestId: string | null = null) {
  await using xendit = await scripted(routes(table));
  return { found: await xendit.gateway.lookUp(trace({ paymentRequestId })), heard: xendit.heard };
}

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

describe('an attempt of which only the reference is known is found among the transactions', () => {
  it('asked for by exact reference, payments only', async () => {
    const { heard } = await lookUp({ 'GET /transactions': listing() });
    expect(heard.map((one) => one.path)).toEqual([
      `/transactions?reference_id=${cardCharge.referenceId}&types=PAYMENT`,
    ]);
    expect(heard[0]?.headers['api-version']).toBeUndefined();
  });

  it('SUCCESS is succeeded, with the ids', async () => {
    const { found, heard } = await lookUp({ 'GET /transactions': listing(transaction) });
    expect(found).toEqual({
      kind: 'found',
      outcome: { kind: 'succeeded', paymentRequestId: REQUEST, paymentId: PAYMENT },
    });
    expect(heard).toHaveLength(1);
  });

  it('a SUCCESS without its payment request is followed to the payment that names it', async () => {
    const bare = { ...transaction, product_data: undefined };
    const table = { 'GET /transactions': listing(bare), [`GET /v3/payments/${PAYMENT}`]: answer(200, payment) };
    expect((await lookUp(table)).found).toMatchObject({ outcome: { kind: 'succeeded', paymentRequestId: REQUEST } });
  });

  it('and stays a success when that payment cannot be read', async () => {
    const bare = { ...transaction, product_data: null };
    const { found } = await lookUp({ 'GET /transactions': listing(bare), 'GET /v3/payments/': answer(500, '') });
    expect(found).toMatchObject({ outcome: { kind: 'succeeded', paymentRequestId: null, paymentId: PAYMENT } });
  });

  it('FAILED is followed to the payment that knows why', async () => {
    const failed = { ...transaction, status: 'FAILED' };
    const table = { 'GET /transactions': listing(failed), [`GET /v3/payments/${PAYMENT}`]: answer(200, failedPayment) };
    const { found } = await lookUp(table);
    expect(found).toMatchObject({ outcome: { kind: 'declined', code: 'STOLEN_CARD', networkCode: '43' } });
  });

  it('FAILED of a payment that Xendit does not know is declined without details', async () => {
    const { found } = await lookUp({ 'GET /transactions': listing({ ...transaction, status: 'FAILED' }) });
    expect(found).toMatchObject({ outcome: { kind: 'declined', code: 'FAILURE_DETAILS_UNAVAILABLE', unread: true } });
  });

  it('FAILED whose payment cannot be read now is asked again', async () => {
    const failed = listing({ ...transaction, status: 'FAILED' });
    const { found } = await lookUp({ 'GET /transactions': failed, 'GET /v3/payments/': answer(429, '') });
    expect(found).toMatchObject({ kind: 'unanswered' });
  });

  it('PENDING is pending', async () => {
    const { found } = await lookUp({ 'GET /transactions': listing({ ...transaction, status: 'PENDING' }) });
    expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'pending', paymentRequestId: REQUEST } });
  });

  it.each(['VOIDED', 'REVERSED'])('%s is for a person: money moved and came back', async (status) => {
    const { found } = await lookUp({ 'GET /transactions': listing({ ...transaction, status }) });
    expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'unknown', detail: `transaction ${status}` } });
  });

  it.each([
    [['FAILED', 'SUCCESS', 'REVERSED', 'PENDING'], { kind: 'found', outcome: { kind: 'succeeded' } }],
    [['FAILED', 'PENDING'], { kind: 'found', outcome: { kind: 'pending' } }],
    [['FAILED', 'REVERSED'], { kind: 'found', outcome: { kind: 'unknown' } }],
    [['FAILED', 'PARTLY'], { kind: 'unanswered' }],
  ])('of several, %j: the heaviest counts', async (statuses, expected) => {
    const { found } = await lookUp({
      'GET /transactions': listing(...statuses.map((status) => ({ ...transaction, status }))),
    });
    expect(found).toMatchObject(expected);
  });

  it('none is absent, which proves nothing', async () => {
    expect((await lookUp({ 'GET /transactions': listing() })).found).toEqual({ kind: 'absent' });
  });

  // A proxy or a wrong address knows no list; Xendit has one, and it is empty.
  it.each([
    ['a 404 with a page', answer(404, '<html>404 page not found</html>')],
    ['a 404 in Xendit’s own words', answer(404, { error_code: 'DATA_NOT_FOUND', message: 'none' })],
    ['a page with 200', answer(200, '<html>Sign in</html>')],
    ['JSON without a list', answer(200, {})],
    ['an empty list with more behind it', answer(200, { data: [], has_more: true })],
    ['an empty list that does not say whether there is more', answer(200, { data: [] })],
    ['no content', answer(204, '')],
  ])('%s says nothing about the payment', async (_, script) => {
    for (const request of [null, REQUEST])
      expect((await lookUp({ 'GET /transactions': script }, request)).found.kind).toBe('unanswered');
  });

  it('a list of others’ transactions is no answer: the filter was not obeyed', async () => {
    const { found } = await lookUp({ 'GET /transactions': answer(200, sample('transactions-list.response')) });
    expect(found).toMatchObject({ kind: 'unanswered', detail: 'transactions: another reference_id' });
  });

  it('another amount or currency is no answer', async () => {
    for (const change of [{ amount: 1 }, { currency: 'PHP' }, { amount: '500000.5' }]) {
      const { found } = await lookUp({ 'GET /transactions': listing({ ...transaction, ...change }) });
      expect(found).toMatchObject({ kind: 'unanswered', detail: expect.stringContaining('another') });
    }
  });

  it('failures on the first of several pages are no answer', async () => {
    const page = answer(200, { has_more: true, data: [{ ...transaction, status: 'FAILED' }] });
    expect((await lookUp({ 'GET /transactions': page })).found).toMatchObject({ kind: 'unanswered' });
  });

  it('HTTP 429 is no answer, and says how long no look-up is wanted', async () => {
    const throttled = answer(429, { error_code: 'RATE_LIMIT_EXCEEDED' }, { 'rate-limit-reset': '12.2' });
    const { found } = await lookUp({ 'GET /transactions': throttled });
    expect(found).toEqual({ kind: 'unanswered', detail: 'HTTP 429 RATE_LIMIT_EXCEEDED', retryAfterSeconds: 13 });
  });

  it.each([401, 403, 500, 503])('HTTP %i is no answer', async (status) => {
    const { found, heard } = await lookUp({ 'GET /transactions': answer(status, { error_code: 'SOME_CODE' }) });
    expect(found).toEqual({ kind: 'unanswered', detail: `HTTP ${status} SOME_CODE` });
    expect(heard).toHaveLength(1);
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
