import { z } from 'zod';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import { get, type Seen, V3 } from '../../../xendit/answer.ts';
import { isNotFound } from '../../../xendit/failure.ts';
import { amount, code, currency, id, maybe, reference } from '../../../xendit/fields.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer, LookUp, PaymentTrace } from '../gateway.ts';
import { answerOf } from './answers.ts';
import { details, outcomeOf, reportOf } from './statuses.ts';
import { notSeen, otherThanTraced, unanswered } from './traces.ts';

const PaymentAnswer = z.object({
  ...details,
  payment_id: id,
  payment_request_id: maybe(id),
  reference_id: reference,
  status: code,
  currency,
  request_amount: amount,
});
type PaymentAnswer = z.output<typeof PaymentAnswer>;

/** One payment: its status, why it failed, and what the card network said. */
async function readPayment(client: Transport, paymentId: string): Promise<Seen<PaymentAnswer>> {
  return get(client, `/v3/payments/${encodeURIComponent(paymentId)}`, PaymentAnswer, V3);
}

/** What a payment may say that outranks its request: money, why there is none, or that it is still on its way. */
const TELLS_MORE = new Set(['SUCCEEDED', 'FAILED', 'PENDING', 'AUTHORIZED']);

/**
 * Reads the payment behind something that failed. It knows why, and what the card network said; and a payment may
 * succeed after its request was given up (docs/xendit.md 3.1): a success outranks, and while it is in flight nothing is known.
 */
export async function followFailure(
  client: Transport,
  trace: PaymentTrace,
  paymentId: string,
  failed: Outcome,
): Promise<LookUp> {
  const seen = await readPayment(client, paymentId);
  // Xendit knows no more than it said, so what failed stays failed, without its details. Silence is asked again.
  if (seen.kind === 'failed' && isNotFound(seen.failure)) return { kind: 'found', outcome: unread(failed) };
  if (seen.kind !== 'seen') return notSeen(seen);
  const said = seen.value;
  const other = otherThanTraced(trace, { ...said, amount: said.request_amount });
  if (other !== null) return unanswered(`payment: another ${other}`);
  if (!TELLS_MORE.has(said.status)) return { kind: 'found', outcome: failed };
  const paymentRequestId = said.payment_request_id ?? trace.paymentRequestId;
  return { kind: 'found', outcome: outcomeOf(reportOf(said, { paymentRequestId, paymentId: said.payment_id })) };
}

/**
 * A card's decline with what the network said of it. The answer to the charge does not carry that, its payment does
 * (docs/xendit.md 6.2), and it may forbid what the failure code would allow. Money that came, or is on its way, outranks the
 * answer; of a payment that cannot be read, that is told, since the failure code must not have the last word.
 */
export async function withNetworkCodes(client: Transport, trace: PaymentTrace, said: Outcome): Promise<Outcome> {
  if (said.kind !== 'declined' || said.paymentId === null) return said;
  // Nobody declined yet what waits for its customer.
  if (said.code === 'REQUIRES_ACTION' || said.networkCode !== null || said.adviceCode !== null) return said;
  const read = await followFailure(client, trace, said.paymentId, said);
  if (read.kind !== 'found') return unread(said);
  const { outcome } = read;
  if (outcome.kind === 'declined') {
    const { networkCode, adviceCode } = outcome;
    return { ...said, networkCode, adviceCode, ...(outcome.unread === true && { unread: true }) };
  }
  return outcome.kind === 'succeeded' || outcome.kind === 'pending' ? outcome : said;
}

/** What failed, without what its payment would say of it. */
export function unread(failed: Outcome): Outcome {
  return failed.kind === 'declined' ? { ...failed, unread: true } : failed;
}

/** The payment request behind a payment, which a refund will need; null when Xendit does not tell. */
export async function requestOfPayment(
  client: Transport,
  trace: PaymentTrace,
  paymentId: string,
): Promise<string | null> {
  const seen = await readPayment(client, paymentId);
  return seen.kind === 'seen' && seen.value.reference_id === trace.referenceId ? seen.value.payment_request_id : null;
}

export async function referenceOfPayment(client: Transport, paymentId: string): Promise<Answer<string>> {
  const answer = answerOf(await readPayment(client, paymentId));
  return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.reference_id } : answer;
}
