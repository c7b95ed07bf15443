import { describe, expect, it } from 'vitest';
import type { BooksQuery } from '../../src/infra/gateway/gateway.ts';
import { answer, routes, type Script, sample, scripted } from './xendit-script.ts';

const from = Temporal.Instant.from('2025-06-01T00:00:00Z');
const until = Temporal.Instant.from('2025-06-02T00:00:00Z');
const listing = sample('transactions-list.response') as { data: Record<string, unknown>[] };
const documented = { ...listing.data[3] };

async function read(script: Script, query: BooksQuery = { from, until }, after: string | null = null) {
  await using xendit = await scripted(routes({ 'GET /transactions': script }));
  const found = await xendit.gateway.books(query, after);
  const asked = xendit.heard.map((one) => Object.fromEntries(new URL(one.path, xendit.url).searchParams));
  return { found, asked };
}

describe('a page of Xendit’s books', () => {
  it('is asked for by type and time, the end left out', async () => {
    const { asked } = await read(answer(200, listing));
    expect(asked).toEqual([
      {
        types: 'PAYMENT',
        limit: '50',
        'created[gte]': '2025-06-01T00:00:00.000Z',
        'created[lte]': '2025-06-01T23:59:59.999Z',
      },
    ]);
  });

  it('of one reference is asked for by that reference, from behind the last id', async () => {
    const { asked } = await read(answer(200, listing), { referenceId: 'due_x' }, 'txn_9');
    expect(asked).toEqual([{ types: 'PAYMENT', limit: '50', reference_id: 'due_x', after_id: 'txn_9' }]);
  });

  it('is read as Xendit documents it: payments only, the gross amount, the ids', async () => {
    const { found } = await read(answer(200, listing));
    expect(found).toEqual({
      kind: 'ok',
      value: {
        unreadable: 0,
        next: null,
        payments: [
          {
            transactionId: 'txn_8c36b107-a52e-478a-8dde-59bfa7212bc6',
            referenceId: 'mylitt-aa7650f9b1364433-a7e7c4809b379e4e-1742983783200',
            createdAt: Temporal.Instant.from('2025-03-26T10:09:55.171Z'),
            status: 'succeeded',
            amount: { minor: 222n, currency: 'MYR' },
            written: 'MYR 2.22',
            paymentId: null,
            paymentRequestId: null,
          },
          {
            transactionId: 'txn_pay_1234567890abcdef',
            referenceId: 'payref-123456',
            createdAt: Temporal.Instant.from('2025-06-01T09:59:00Z'),
            status: 'succeeded',
            amount: { minor: 100_000n, currency: 'IDR' },
            written: 'IDR 100000',
            paymentId: 'py-123e4567-e89b-12d3-a456-426614174000',
            paymentRequestId: 'pr-123e4567-e89b-12d3-a456-426614174003',
          },
        ],
      },
    });
  });

  it.each([
    ['PENDING', 'pending'],
    ['FAILED', 'failed'],
    ['VOIDED', 'returned'],
    ['REVERSED', 'returned'],
    ['constructor', 'other'],
  ])('%s is %s', async (status, expected) => {
    const { found } = await read(answer(200, { has_more: false, data: [{ ...documented, status }] }));
    expect(found).toMatchObject({ value: { payments: [{ status: expected }] } });
  });

  it.each([
    ['EUR', 1],
    ['IDR', 0.5],
    ['IDR', -1],
  ])('an amount that we do not have (%s %s) is kept as it was written', async (currency, amount) => {
    const { found } = await read(answer(200, { has_more: false, data: [{ ...documented, currency, amount }] }));
    expect(found).toMatchObject({ value: { payments: [{ amount: null, written: `${currency} ${amount}` }] } });
  });

  it('says where the next one begins, whatever the order of the rows', async () => {
    const rows = [documented, { ...documented, id: 'txn_older', created: '2020-01-01T00:00:00Z' }];
    const { found } = await read(answer(200, { has_more: true, data: rows.toReversed() }));
    expect(found).toMatchObject({ value: { next: documented.id } });
  });

  it('with a row that cannot be understood leaves that one out, counts it, and goes on behind it', async () => {
    const rows = [documented, { id: 'txn_odd', created: 'yesterday', status: 7 }];
    const { found } = await read(answer(200, { has_more: true, data: rows }));
    expect(found).toMatchObject({ value: { payments: [{}], unreadable: 1, next: 'txn_odd' } });
  });

  it('that has more, but nothing to go on from, is no answer', async () => {
    expect((await read(answer(200, { has_more: true, data: [] }))).found).toMatchObject({ kind: 'silent' });
    const again = { has_more: true, data: [{ ...documented, id: 'txn_9' }] };
    expect((await read(answer(200, again), { from, until }, 'txn_9')).found).toMatchObject({ kind: 'silent' });
  });

  it.each([
    ['', 200],
    ['{"data":[]}', 200],
    ['<html>', 200],
    ['{}', 503],
    ['', 302],
  ])('%j with HTTP %i is no answer', async (body, status) => {
    expect((await read(answer(status, body))).found).toMatchObject({ kind: 'silent' });
  });

  it('without the permission is refused, in Xendit’s words', async () => {
    const { found } = await read(answer(403, { error_code: 'REQUEST_FORBIDDEN_ERROR', message: 'No.' }));
    expect(found).toMatchObject({
      kind: 'refused',
      status: 403,
      code: 'REQUEST_FORBIDDEN_ERROR',
      retryAfterSeconds: null,
    });
  });

  it('that comes too soon says when to come again', async () => {
    const { found } = await read(answer(429, { error_code: 'RATE_LIMIT_EXCEEDED' }, { 'rate-limit-reset': '58.37' }));
    expect(found).toMatchObject({ kind: 'refused', status: 429, retryAfterSeconds: 59 });
  });
});
