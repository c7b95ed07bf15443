import { z } from 'zod';
import type { Money } from '../../../domain/money/money.ts';
import { refundReasons } from '../../../domain/refunds/refund.ts';
import { get, see } from '../../../xendit/answer.ts';
import { amount, code, currency, id, maybe, reference } from '../../../xendit/fields.ts';
import { exactNumber } from '../../../xendit/json.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer, BooksQuery } from '../gateway.ts';
import type { BookedRefund, Refund, RefundRequest, RefundsPage } from '../refund.ts';
import { readAmount, shortestMajor } from './amounts.ts';
import { answerOf } from './answers.ts';
import { readTransactions } from './books/transaction-list.ts';
import type { ListedTransaction } from './books/transactions.ts';

const STATUSES = {
  PENDING: 'pending',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  // Spelled both ways in Xendit's own pages.
  CANCELLED: 'failed',
  CANCELED: 'failed',
} as const;

const RefundAnswer = z
  .object({
    id,
    reference_id: maybe(reference),
    payment_request_id: maybe(id),
    payment_id: maybe(id),
    status: code.pipe(z.enum(Object.keys(STATUSES) as readonly (keyof typeof STATUSES)[], 'is no status of a refund')),
    currency,
    amount,
    reason: maybe(z.enum(refundReasons)),
    failure_code: maybe(code),
    refund_fee_amount: maybe(amount),
  })
  .transform(
    (said): Refund => ({
      refundId: said.id,
      referenceId: said.reference_id,
      paymentRequestId: said.payment_request_id,
      paymentId: said.payment_id,
      status: STATUSES[said.status],
      amount: readAmount(said.amount, said.currency),
      written: `${said.currency} ${said.amount}`,
      reason: said.reason ?? 'OTHERS',
      failureCode: said.failure_code ?? (STATUSES[said.status] === 'failed' ? said.status : null),
      fee: feeOf(said.refund_fee_amount, said.currency),
    }),
  );

/** The body of a refund (docs/xendit.md 4.4); the amount is always said, so that nothing depends on what was given back meanwhile. */
export function describeRefund({
  referenceId,
  paymentRequestId,
  amount: money,
  reason,
  metadata,
}: RefundRequest): string {
  return JSON.stringify({
    reference_id: referenceId,
    payment_request_id: paymentRequestId,
    currency: money.currency,
    amount: exactNumber(shortestMajor(money)),
    reason,
    metadata,
  });
}

/** Sends a body that was stored, once. */
export async function askForRefund(client: Transport, body: string): Promise<Answer<Refund>> {
  const reply = await client.send({ method: 'POST', path: '/refunds', body });
  if (reply.kind !== 'not_sent') return answerOf(see(reply, RefundAnswer));
  return { kind: 'refused', status: 503, code: 'GATEWAY_UNREACHABLE', message: reply.detail, retryAfterSeconds: null };
}

export async function refundById(client: Transport, refundId: string): Promise<Answer<Refund>> {
  return answerOf(await get(client, `/refunds/${encodeURIComponent(refundId)}`, RefundAnswer));
}

/**
 * The only way to a refund whose id was never heard: the account's transactions. That there is none is said by one answer alone, a
 * whole list that is empty.
 */
export async function refundByReference(client: Transport, referenceId: string): Promise<Answer<Refund | null>> {
  const listed = await refundsOf(client, { referenceId }, null);
  if (listed.kind !== 'ok') return listed;
  const { refunds, unreadable, next } = listed.value;
  const found = refunds.find((one) => one.referenceId === referenceId && one.refundId !== null);
  if (found?.refundId != null) return await refundById(client, found.refundId);
  if (refunds.length === 0 && unreadable === 0 && next === null) return { kind: 'ok', value: null };
  return { kind: 'silent', detail: 'transactions: a refund that says neither its id nor its reference' };
}

/** One page of the account's refunds (GET /transactions). */
export async function refundsOf(
  client: Transport,
  query: BooksQuery,
  after: string | null,
): Promise<Answer<RefundsPage>> {
  const listed = await readTransactions(client, 'REFUND', query, after);
  if (listed.kind !== 'ok') return listed;
  const { rows, unreadable, next } = listed.value;
  return {
    kind: 'ok',
    value: { refunds: rows.filter(({ type }) => type === 'REFUND').map(bookedRefund), unreadable, next },
  };
}

function bookedRefund(row: ListedTransaction): BookedRefund {
  return {
    transactionId: row.id,
    refundId: row.product_id?.startsWith('rfd-') === true ? row.product_id : null,
    referenceId: row.reference_id,
    isGone: row.status === 'SUCCESS',
  };
}

function feeOf(written: string | number | null, inCurrency: string): Money | null {
  const fee = readAmount(written, inCurrency);
  return fee === null || fee.minor === 0n ? null : fee;
}
