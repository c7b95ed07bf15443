import { isAskedFor } from '../../../domain/charges/attempt.ts';
import { detailOf, type Failure, isNotFound } from '../../../xendit/failure.ts';
import { words } from '../../../xendit/fields.ts';
import type { Result } from '../../../xendit/result.ts';
import type { LookUp, PaymentTrace } from '../gateway.ts';
import { isAmount } from './amounts.ts';

/** The first field in which Xendit speaks about something else than we look for; null when it is the same. */
export function otherThanTraced(
  trace: PaymentTrace,
  said: { readonly reference_id: string; readonly currency: string; readonly amount: string | number },
): string | null {
  if (!isAskedFor(said.reference_id, trace.referenceId)) return 'reference_id';
  if (said.currency !== trace.amount.currency) return 'currency';
  return isAmount(said.amount, trace.amount) ? null : 'amount';
}

/** Xendit's own 404 is the only failure that says "not here"; after every other one nobody knows. */
export function notSeen(seen: Exclude<Result<unknown>, { kind: 'ok' }>): LookUp {
  if (seen.kind !== 'failed') return unanswered(seen.detail);
  if (isNotFound(seen.failure)) return { kind: 'absent' };
  return unanswering(seen.failure);
}

/** A failure that leaves open whether Xendit has what was looked for. */
export function unanswering(failure: Failure): Extract<LookUp, { kind: 'unanswered' }> {
  const { retryAfterSeconds } = failure;
  return { ...unanswered(detailOf(failure)), ...(retryAfterSeconds !== null && { retryAfterSeconds }) };
}

export function unanswered(detail: string): Extract<LookUp, { kind: 'unanswered' }> {
  return { kind: 'unanswered', detail: words(detail) };
}
