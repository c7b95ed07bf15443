import { z } from 'zod';
import { get } from '../../../../xendit/answer.ts';
import { amount, code, currency, id, instant, maybe, reference } from '../../../../xendit/fields.ts';
import type { Transport } from '../../../../xendit/transport.ts';
import type { LookUp, PaymentTrace } from '../../gateway.ts';
import { followFailure, requestOfPayment, unread } from '../payments.ts';
import { outcomeOf } from '../statuses.ts';
import { otherThanTraced, unanswered, unanswering } from '../traces.ts';

/** A transaction of the account (docs/xendit.md 5), as the look-up and the list of the books both read it. */
const Transaction = z.object({
  product_id: maybe(id),
  type: maybe(code),
  status: code,
  reference_id: reference,
  currency,
  amount,
  product_data: maybe(z.object({ payment_request_id: maybe(id) })),
});
type Transaction = z.output<typeof Transaction>;

/** One that is told from all others, and dated. */
export const ListedTransaction = Transaction.extend({ id, created: instant });
export type ListedTransaction = z.output<typeof ListedTransaction>;

/** A fee, a payout or the like is a transaction too. */
export function isPayment({ type }: Transaction): boolean {
  return (type ?? 'PAYMENT') === 'PAYMENT';
}

/** py-: a payment of the v3 API. A transaction of another product has an id of another form. */
export function paymentIdOf({ product_id }: Transaction): string | null {
  return product_id?.startsWith('py-') === true ? product_id : null;
}

const TransactionList = z.object({ data: z.array(Transaction), has_more: maybe(z.boolean()) });

/**
 * The only way to find a payment by our reference: the account's transactions (docs/xendit.md 5). That there is none is said by
 * one answer alone, a whole list that is empty: a list that cannot be found is a wrong address or a proxy.
 */
export async function lookUpTransactions(client: Transport, trace: PaymentTrace): Promise<LookUp> {
  const query = new URLSearchParams({ reference_id: trace.referenceId, types: 'PAYMENT' });
  const seen = await get(client, `/transactions?${query.toString()}`, TransactionList);
  if (seen.kind === 'silent') return unanswered(seen.detail);
  if (seen.kind === 'failed') return unanswering(seen.failure);
  const { data, has_more } = seen.value;
  if (data.length === 0) return has_more === false ? { kind: 'absent' } : unanswered('transactions: half a list');
  const heaviest = data.filter((one) => isOurs(one, trace)).toSorted((a, b) => weight(b) - weight(a))[0];
  if (heaviest === undefined) return unanswered('transactions: another reference_id');
  if (has_more === true && heaviest.status !== 'SUCCESS') return unanswered('transactions: more than one page');
  const other = otherThanTraced(trace, heaviest);
  return other === null ? outcomeOfTransaction(client, trace, heaviest) : unanswered(`transactions: another ${other}`);
}

function isOurs(found: Transaction, trace: PaymentTrace): boolean {
  return found.reference_id === trace.referenceId && isPayment(found);
}

// Lightest first. A success outranks; then what may become one; then money that moved and came back, and what we do
// not understand; a failure only when nothing else is there.
const WEIGHTS = ['FAILED', 'another status', 'VOIDED', 'REVERSED', 'PENDING', 'SUCCESS'];

function weight({ status }: Transaction): number {
  return WEIGHTS.includes(status) ? WEIGHTS.indexOf(status) : WEIGHTS.indexOf('another status');
}

async function outcomeOfTransaction(client: Transport, trace: PaymentTrace, found: Transaction): Promise<LookUp> {
  const paymentRequestId = found.product_data?.payment_request_id ?? trace.paymentRequestId;
  const paymentId = paymentIdOf(found);
  const report = { paymentId, failureCode: null, networkCode: null, adviceCode: null, actionUrl: null };
  const as = (status: string, request = paymentRequestId) =>
    outcomeOf({ ...report, status, paymentRequestId: request });
  switch (found.status) {
    case 'SUCCESS': {
      const unnamed = paymentRequestId === null && paymentId !== null;
      const request = unnamed ? await requestOfPayment(client, trace, paymentId) : paymentRequestId;
      return { kind: 'found', outcome: as('SUCCEEDED', request) };
    }
    case 'PENDING':
      return { kind: 'found', outcome: as('PENDING') };
    case 'FAILED':
      return paymentId === null
        ? { kind: 'found', outcome: unread(as('FAILED')) }
        : followFailure(client, trace, paymentId, as('FAILED'));
    case 'VOIDED':
    case 'REVERSED':
      return { kind: 'found', outcome: { kind: 'unknown', detail: `transaction ${found.status}`, paymentRequestId } };
    default:
      return unanswered(`transactions: status ${found.status}`);
  }
}
