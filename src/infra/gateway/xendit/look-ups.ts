import { get, V3 } from '../../../xendit/answer.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer, LookUp, PaymentIds, PaymentTrace } from '../gateway.ts';
import { answerOf } from './answers.ts';
import { lookUpTransactions } from './books/transactions.ts';
import { outcomeOfRequest, PaymentRequestAnswer } from './payment-requests.ts';
import { followFailure, referenceOfPayment } from './payments.ts';
import { notSeen, otherThanTraced, unanswered } from './traces.ts';

const LOST = new Set(['FAILED', 'EXPIRED', 'CANCELED', 'CANCELLED']);

/** Finds out what became of an attempt: by the id of its payment request when it is known, else by its reference. */
export async function lookUp(client: Transport, trace: PaymentTrace): Promise<LookUp> {
  if (trace.paymentRequestId === null) return lookUpTransactions(client, trace);
  const found = await lookUpRequest(client, trace, trace.paymentRequestId);
  return found.kind === 'absent' ? lookUpTransactions(client, trace) : found;
}

/**
 * Cancels a payment request, which only works while it waits for its customer (docs/xendit.md 4.1), and looks at it then: the
 * answer to the cancellation may be lost, or a refusal because the customer was faster.
 */
export async function closeRequest(client: Transport, trace: PaymentTrace): Promise<LookUp> {
  if (trace.paymentRequestId !== null) {
    const path = `/v3/payment_requests/${encodeURIComponent(trace.paymentRequestId)}/cancel`;
    await client.send({ method: 'POST', path, headers: V3 });
  }
  return await lookUp(client, trace);
}

/** By the id of its request, which names the reference; else by its own. */
export async function referenceOf(client: Transport, ids: PaymentIds): Promise<Answer<string>> {
  if (ids.paymentRequestId === null) return await referenceOfPayment(client, ids.paymentId ?? '');
  const path = `/v3/payment_requests/${encodeURIComponent(ids.paymentRequestId)}`;
  const answer = answerOf(await get(client, path, PaymentRequestAnswer, V3));
  return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.reference_id } : answer;
}

async function lookUpRequest(client: Transport, trace: PaymentTrace, id: string): Promise<LookUp> {
  const seen = await get(client, `/v3/payment_requests/${encodeURIComponent(id)}`, PaymentRequestAnswer, V3);
  if (seen.kind !== 'seen') return notSeen(seen);
  const said = seen.value;
  if (said.payment_request_id !== id) return unanswered('payment request: another payment_request_id');
  const other = otherThanTraced(trace, { ...said, amount: said.request_amount });
  if (other !== null) return unanswered(`payment request: another ${other}`);
  const outcome = outcomeOfRequest(said);
  return LOST.has(said.status) && said.latest_payment_id !== null
    ? followFailure(client, trace, said.latest_payment_id, outcome)
    : { kind: 'found', outcome };
}
