import { describe, expect, it } from 'vitest';
import { failedPayment, listing, lookUp, PAYMENT, payment, REQUEST, transaction } from '../support/looked-up.ts';
import { answer, cardCharge, sample } from './xendit-script.ts';

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
