import type { Xendit } from '../../../xendit/xendit.ts';
import type { Answer, LookUp, PaymentIds, PaymentTrace } from '../gateway.ts';
import { answerAs } from './answers.ts';
import { lookUpTransactions } from './books/transactions.ts';
import { outcomeOfRequest } from './payment-requests.ts';
import { followFailure, referenceOfPayment } from './payments.ts';
import { notSeen, otherThanTraced, unanswered } from './traces.ts';

const LOST = new Set(['FAILED', 'EXPIRED', 'CANCELED']);

/** Finds out what became of an attempt: by the id of its payment request when it is known, else by its reference. */
export async function lookUp(xendit: Xendit, trace: PaymentTrace): Promise<LookUp> {
  if (trace.paymentRequestId === null) return lookUpTransactions(xendit, trace);
  const found = await lookUpRequest(xendit, trace, trace.paymentRequestId);
  return found.kind === 'absent' ? lookUpTransactions(xendit, trace) : found;
}

/**
 * Cancels a payment request, which only works while it waits for its customer (docs/xendit.md 4.1), and looks at it then: the
 * answer to the cancellation may be lost, or a refusal because the customer was faster.
 */
export async function closeRequest(xendit: Xendit, trace: PaymentTrace): Promise<LookUp> {
  if (trace.paymentRequestId !== null) await xendit.paymentRequests.cancel(trace.paymentRequestId);
  return await lookUp(xendit, trace);
}

/** By the id of its request, which names the reference; else by its own. */
export async function referenceOf(xendit: Xendit, ids: PaymentIds): Promise<Answer<string>> {
  if (ids.paymentRequestId === null) return await referenceOfPayment(xendit, ids.paymentId ?? '');
  return answerAs(await xendit.paymentRequests.get(ids.paymentRequestId), (said) => said.reference_id);
}

async function lookUpRequest(xendit: Xendit, trace: PaymentTrace, id: string): Promise<LookUp> {
  const seen = await xendit.paymentRequests.get(id);
  if (seen.kind !== 'ok') return notSeen(seen);
  const said = seen.value;
  if (said.payment_request_id !== id) return unanswered('payment request: another payment_request_id');
  const other = otherThanTraced(trace, { ...said, amount: said.request_amount });
  if (other !== null) return unanswered(`payment request: another ${other}`);
  const outcome = outcomeOfRequest(said);
  return LOST.has(said.status) && said.latest_payment_id !== null
    ? followFailure(xendit, trace, said.latest_payment_id, outcome)
    : { kind: 'found', outcome };
}
