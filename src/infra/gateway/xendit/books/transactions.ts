import type { Transaction } from '../../../../xendit/resources/transactions.ts';
import type { Xendit } from '../../../../xendit/xendit.ts';
import type { LookUp, PaymentTrace } from '../../gateway.ts';
import { followFailure, requestOfPayment, unread } from '../payments.ts';
import { outcomeOf } from '../statuses.ts';
import { otherThanTraced, unanswered, unanswering } from '../traces.ts';

/** A fee, a payout or the like is a transaction too. */
export function isPayment({ type }: Transaction): boolean {
  return (type ?? 'PAYMENT') === 'PAYMENT';
}

/** py-: a payment of the v3 API. A transaction of another product has an id of another form. */
export function paymentIdOf({ product_id }: Transaction): string | null {
  return product_id?.startsWith('py-') === true ? product_id : null;
}

/**
 * The only way to find a payment by our reference: the account's transactions (docs/xendit.md 5). That there is none is said by
 * one answer alone, a whole list that is empty: a list that cannot be found is a wrong address or a proxy.
 */
export async function lookUpTransactions(xendit: Xendit, trace: PaymentTrace): Promise<LookUp> {
  const seen = await xendit.transactions.list({ reference_id: trace.referenceId, types: 'PAYMENT' });
  if (seen.kind === 'failed') return unanswering(seen.failure);
  if (seen.kind !== 'ok') return unanswered(seen.detail);
  const { rows, unreadable, has_more } = seen.value;
  if (unreadable > 0) return unanswered('transactions: an entry that cannot be read');
  if (rows.length === 0) return has_more === false ? { kind: 'absent' } : unanswered('transactions: half a list');
  const heaviest = rows.filter((one) => isOurs(one, trace)).toSorted((a, b) => weight(b) - weight(a))[0];
  if (heaviest === undefined) return unanswered('transactions: another reference_id');
  if (has_more === true && heaviest.status !== 'SUCCESS') return unanswered('transactions: more than one page');
  const other = otherThanTraced(trace, heaviest);
  return other === null ? outcomeOfTransaction(xendit, trace, heaviest) : unanswered(`transactions: another ${other}`);
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

async function outcomeOfTransaction(xendit: Xendit, trace: PaymentTrace, found: Transaction): Promise<LookUp> {
  const paymentRequestId = found.product_data?.payment_request_id ?? trace.paymentRequestId;
  const paymentId = paymentIdOf(found);
  const report = { paymentId, failureCode: null, networkCode: null, adviceCode: null, actions: [] };
  const as = (status: string, request = paymentRequestId) =>
    outcomeOf({ ...report, status, paymentRequestId: request });
  switch (found.status) {
    case 'SUCCESS': {
      const unnamed = paymentRequestId === null && paymentId !== null;
      const request = unnamed ? await requestOfPayment(xendit, trace, paymentId) : paymentRequestId;
      return { kind: 'found', outcome: as('SUCCEEDED', request) };
    }
    case 'PENDING':
      return { kind: 'found', outcome: as('PENDING') };
    case 'FAILED':
      return paymentId === null
        ? { kind: 'found', outcome: unread(as('FAILED')) }
        : followFailure(xendit, trace, paymentId, as('FAILED'));
    case 'VOIDED':
    case 'REVERSED':
      return { kind: 'found', outcome: { kind: 'unknown', detail: `transaction ${found.status}`, paymentRequestId } };
    default:
      return unanswered(`transactions: status ${found.status}`);
  }
}
