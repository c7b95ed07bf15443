import type { Outcome } from '../../../domain/charges/outcome.ts';
import { isNotFound } from '../../../xendit/failure.ts';
import type { Xendit } from '../../../xendit/xendit.ts';
import type { Answer, LookUp, PaymentTrace } from '../gateway.ts';
import { answerAs } from './answers.ts';
import { outcomeOf, reportOf } from './statuses.ts';
import { notSeen, otherThanTraced, unanswered } from './traces.ts';

/** What a payment may say that outranks its request: money, why there is none, or that it is still on its way. */
const TELLS_MORE = new Set(['SUCCEEDED', 'FAILED', 'PENDING', 'AUTHORIZED']);

/**
 * Reads the payment behind something that failed. It knows why, and what the card network said; and a payment may
 * succeed after its request was given up (docs/xendit.md 3.1): a success outranks, and while it is in flight nothing is known.
 */
export async function followFailure(
  xendit: Xendit,
  trace: PaymentTrace,
  paymentId: string,
  failed: Outcome,
): Promise<LookUp> {
  const seen = await xendit.payments.get(paymentId);
  // Xendit knows no more than it said, so what failed stays failed, without its details. Silence is asked again.
  if (seen.kind === 'failed' && isNotFound(seen.failure)) return { kind: 'found', outcome: unread(failed) };
  if (seen.kind !== 'ok') return notSeen(seen);
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
export async function withNetworkCodes(xendit: Xendit, trace: PaymentTrace, said: Outcome): Promise<Outcome> {
  if (said.kind !== 'declined' || said.paymentId === null) return said;
  // Nobody declined yet what waits for its customer.
  if (said.code === 'REQUIRES_ACTION' || said.networkCode !== null || said.adviceCode !== null) return said;
  const read = await followFailure(xendit, trace, said.paymentId, said);
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
export async function requestOfPayment(xendit: Xendit, trace: PaymentTrace, paymentId: string): Promise<string | null> {
  const seen = await xendit.payments.get(paymentId);
  return seen.kind === 'ok' && seen.value.reference_id === trace.referenceId ? seen.value.payment_request_id : null;
}

export async function referenceOfPayment(xendit: Xendit, paymentId: string): Promise<Answer<string>> {
  return answerAs(await xendit.payments.get(paymentId), (said) => said.reference_id);
}
