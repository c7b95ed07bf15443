import type { Money } from '../../../domain/money/money.ts';
import { exactNumber } from '../../../xendit/json.ts';
import type { NewRefund, Refund as Said } from '../../../xendit/resources/refunds.ts';
import type { Transaction } from '../../../xendit/resources/transactions.ts';
import { written } from '../../../xendit/speaker.ts';
import type { Xendit } from '../../../xendit/xendit.ts';
import type { Answer, BooksQuery } from '../gateway.ts';
import type { BookedRefund, Refund, RefundRequest, RefundsPage } from '../refund.ts';
import { readAmount, shortestMajor } from './amounts.ts';
import { answerAs, sureAnswerAs } from './answers.ts';
import { readTransactions } from './books/transaction-list.ts';

const STATUSES = {
  PENDING: 'pending',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELED: 'failed',
} as const;

function refundOf(said: Said): Refund {
  const status = STATUSES[said.status];
  return {
    refundId: said.id,
    referenceId: said.reference_id,
    paymentRequestId: said.payment_request_id,
    paymentId: said.payment_id,
    status,
    amount: readAmount(said.amount, said.currency),
    written: `${said.currency} ${said.amount}`,
    reason: said.reason ?? 'OTHERS',
    failureCode: 'failure_code' in said ? (said.failure_code ?? said.status) : null,
    fee: feeOf(said.refund_fee_amount, said.currency),
  };
}

/** The body of a refund (docs/xendit.md 4.4); the amount is always said, so that nothing depends on what was given back meanwhile. */
export function describeRefund({
  referenceId,
  paymentRequestId,
  amount: money,
  reason,
  metadata,
}: RefundRequest): string {
  const body: NewRefund = {
    reference_id: referenceId,
    payment_request_id: paymentRequestId,
    currency: money.currency,
    amount: exactNumber(shortestMajor(money)),
    reason,
    metadata,
  };
  return written(body);
}

/** Sends a body that was stored, once. */
export async function askForRefund(xendit: Xendit, body: string): Promise<Answer<Refund>> {
  return sureAnswerAs(await xendit.refunds.create(body), refundOf);
}

export async function refundById(xendit: Xendit, refundId: string): Promise<Answer<Refund>> {
  return answerAs(await xendit.refunds.get(refundId), refundOf);
}

/**
 * The only way to a refund whose id was never heard: the account's transactions. That there is none is said by one answer alone, a
 * whole list that is empty.
 */
export async function refundByReference(xendit: Xendit, referenceId: string): Promise<Answer<Refund | null>> {
  const listed = await refundsOf(xendit, { referenceId }, null);
  if (listed.kind !== 'ok') return listed;
  const { refunds, unreadable, next } = listed.value;
  const found = refunds.find((one) => one.referenceId === referenceId && one.refundId !== null);
  if (found?.refundId != null) return await refundById(xendit, found.refundId);
  if (refunds.length === 0 && unreadable === 0 && next === null) return { kind: 'ok', value: null };
  return { kind: 'silent', detail: 'transactions: a refund that says neither its id nor its reference' };
}

/** One page of the account's refunds (GET /transactions). */
export async function refundsOf(xendit: Xendit, query: BooksQuery, after: string | null): Promise<Answer<RefundsPage>> {
  const listed = await readTransactions(xendit, 'REFUND', query, after);
  if (listed.kind !== 'ok') return listed;
  const { rows, unreadable, next } = listed.value;
  return {
    kind: 'ok',
    value: { refunds: rows.filter(({ type }) => type === 'REFUND').map(bookedRefund), unreadable, next },
  };
}

function bookedRefund(row: Transaction): BookedRefund {
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
