import { describe, expect, it } from 'vitest';
import { describeRefund } from '../../src/infra/gateway/xendit/refunds.ts';
import { readNotice } from '../../src/infra/gateway/xendit/webhooks.ts';
import { answer, routes, type Script, sample, scripted } from './xendit-script.ts';

const pending = sample('refund.response.pending.INFERRED') as Record<string, unknown>;
const body = describeRefund({
  referenceId: 'due_x_r1',
  paymentRequestId: 'pr-1',
  amount: { minor: 1_050n, currency: 'PHP' },
  reason: 'DUPLICATE',
  metadata: { charge_id: 'c-1' },
});

async function asked(script: Script) {
  await using xendit = await scripted(routes({ 'POST /refunds': script }));
  return { said: await xendit.gateway.refund(body), heard: xendit.heard };
}

async function found(scripts: Readonly<Record<string, Script>>, referenceId = 'due_x_r1') {
  await using xendit = await scripted(routes(scripts));
  const said = await xendit.gateway.refundByReference(referenceId);
  return { said, heard: xendit.heard.map(({ path }) => path) };
}

const listed = (more: object = {}) => ({
  data: [
    {
      id: 'txn_1',
      product_id: 'rfd-1',
      type: 'REFUND',
      status: 'SUCCESS',
      reference_id: 'due_x_r1',
      currency: 'IDR',
      amount: 10_000,
      created: '2026-03-02T02:00:00Z',
      ...more,
    },
  ],
  has_more: false,
});

describe('a refund at Xendit', () => {
  it('is asked for as its page documents, once, with the amount as the currency writes it', async () => {
    const { heard } = await asked(answer(200, pending));
    expect(heard.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /refunds']);
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
      reference_id: 'due_x_r1',
      payment_request_id: 'pr-1',
      currency: 'PHP',
      amount: 10.5,
      reason: 'DUPLICATE',
      metadata: { charge_id: 'c-1' },
    });
  });

  it('is pending as the documented answer says', async () => {
    const { said } = await asked(answer(200, pending));
    expect(said).toMatchObject({
      kind: 'ok',
      value: {
        refundId: 'rfd-69e77490-d2cc-4bf3-8319-e064e121db93',
        status: 'pending',
        amount: { minor: 10_000n, currency: 'IDR' },
        fee: null,
      },
    });
  });

  it.each([
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'failed'],
    ['CANCELED', 'failed'],
  ])('%s is %s', async (status, meant) => {
    const { said } = await asked(answer(200, { ...pending, status }));
    expect(said).toMatchObject({ kind: 'ok', value: { status: meant } });
  });

  it.each([
    ['a status that is in none of its pages', answer(200, { ...pending, status: 'WHATEVER' })],
    ['no id', answer(200, { ...pending, id: null })],
    ['an error of its own', answer(500, { error_code: 'SERVER_ERROR', message: 'x' })],
    ['half an answer', (_: unknown, response: { destroy(): void }) => response.destroy()],
  ] as readonly (readonly [string, Script])[])(
    'answered with %s is silence: nobody knows what became of it',
    async (_, script) => {
      expect((await asked(script)).said).toMatchObject({ kind: 'silent' });
    },
  );

  it.each([
    [400, 'INSUFFICIENT_BALANCE'],
    [403, 'REFUND_NOT_SUPPORTED'],
    [404, 'DATA_NOT_FOUND'],
  ])('refused with %s %s is told with its words', async (status, code) => {
    const { said } = await asked(answer(status, { error_code: code, message: 'No.' }));
    expect(said).toMatchObject({ kind: 'refused', status, code, message: 'No.' });
  });

  it('that was never sent, since nothing listens there, is not unknown', async () => {
    const gone = await scripted(answer(200, pending));
    await gone[Symbol.asyncDispose]();
    const { xenditGateway } = await import('../../src/infra/gateway/xendit/xendit.ts');
    const gateway = xenditGateway({ url: gone.url, secretKey: 'xnd_test' });
    expect(await gateway.refund(body)).toMatchObject({ kind: 'refused', code: 'GATEWAY_UNREACHABLE' });
    await gateway.close();
  });
});

describe('a refund whose id was never heard', () => {
  it('is looked for among the account’s refunds by its reference, and read by the id that is found', async () => {
    const one = answer(200, { ...pending, id: 'rfd-1', status: 'SUCCEEDED' });
    const { said, heard } = await found({ 'GET /transactions': answer(200, listed()), 'GET /refunds/rfd-1': one });
    expect(said).toMatchObject({ kind: 'ok', value: { refundId: 'rfd-1', status: 'succeeded' } });
    expect(heard).toEqual(['/transactions?types=REFUND&limit=50&reference_id=due_x_r1', '/refunds/rfd-1']);
  });

  it('is not there only where the whole list is empty', async () => {
    const none = answer(200, { data: [], has_more: false });
    expect((await found({ 'GET /transactions': none })).said).toEqual({ kind: 'ok', value: null });
    for (const doubtful of [
      listed({ product_id: null }),
      listed({ reference_id: 'due_x_r2' }),
      { data: [{ id: 'txn_2' }], has_more: false },
    ])
      expect((await found({ 'GET /transactions': answer(200, doubtful) })).said).toMatchObject({ kind: 'silent' });
    expect((await found({ 'GET /transactions': answer(404, {}) })).said).toMatchObject({ kind: 'refused' });
  });
});

describe('a webhook of a refund', () => {
  const data = { id: 'rfd-1', reference_id: null, payment_request_id: 'pr-1', payment_id: null };
  it.each([
    ['once', { event: 'refund.failed', data }, 'failed'],
    ['twice', { event: 'refund.succeeded', data: { event: 'refund.succeeded', data } }, 'succeeded'],
  ])('nested %s is read', (_, told, says) => {
    expect(readNotice(told)).toEqual({
      kind: 'refund',
      says,
      refundId: 'rfd-1',
      referenceId: null,
      paymentRequestId: 'pr-1',
      paymentId: null,
    });
  });

  it('of a refund of ours needs no more than our reference', () => {
    const ours = 'due_019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17_r1';
    expect(readNotice({ event: 'refund.failed', data: { id: 'rfd-1', reference_id: ours } })).toMatchObject({
      kind: 'refund',
      referenceId: ours,
    });
    expect(readNotice({ event: 'refund.failed', data: { id: 'rfd-1', reference_id: 'order-1' } })).toMatchObject({
      kind: 'other',
    });
  });
});
