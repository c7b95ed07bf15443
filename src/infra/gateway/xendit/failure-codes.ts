import type { Outcome } from '../../../domain/charges/outcome.ts';
import { detailOf, type Failure, isNotFound, isThrottled } from '../../../xendit/failure.ts';

// The customer's method is at fault, though it is told as an error and not as a failed payment.
const DECLINES = new Set(['CARD_EXPIRED', 'INVALID_PAYMENT_DETAILS', 'INVALID_TOKEN', 'ACCOUNT_ACCESS_BLOCKED']);
// One channel that is not activated, or not allowed to do this, says nothing of the others (docs/xendit.md 6.3).
const OF_CHANNEL = new Set([
  'CHANNEL_NOT_ACTIVATED',
  'INVALID_MERCHANT_SETTINGS',
  'INVALID_MERCHANT_CREDENTIALS',
  'SKIP_3DS_FORBIDDEN',
]);
// Refused for what was sent, before anything was done with it.
const REFUSED_AS_SENT = new Set([400, 405, 413, 414, 415, 422, 431]);

/** What an answer outside 2xx means for the charge it answers. Only what is sure to have done nothing is not `unknown`. */
export function outcomeOfFailure(failure: Failure): Outcome {
  const { status } = failure;
  if (isThrottled(failure)) return refused(failure, 'throttled');
  if ((status === 400 || status === 403) && DECLINES.has(failure.code)) return declinedBy(failure);
  if (OF_CHANNEL.has(failure.code)) return refused(failure, 'channel');
  if (status === 401 || status === 403) return refused(failure, 'account');
  if (status === 404) return refused(failure, notFound(failure));
  if (REFUSED_AS_SENT.has(status)) return refused(failure, 'charge');
  return { kind: 'unknown', detail: detailOf(failure), paymentRequestId: null };
}

/**
 * A dead token has a documented 400 of its own, INVALID_TOKEN. A 404 on a POST says that the id is none of this
 * account: our data or our key is wrong, not the customer's card. So the charge is held; a decline would write to
 * every customer that their method died when somebody swapped a key. A 404 that Xendit did not write is a wrong URL.
 */
function notFound(failure: Failure): 'charge' | 'account' {
  return isNotFound(failure) ? 'charge' : 'account';
}

function refused(failure: Failure, scope: 'charge' | 'channel' | 'account' | 'throttled'): Outcome {
  const { toldSeconds } = failure;
  return { kind: 'refused', code: failure.code, detail: detailOf(failure), scope, retryAfterSeconds: toldSeconds };
}

function declinedBy(failure: Failure): Outcome {
  return {
    kind: 'declined',
    code: failure.code,
    paymentRequestId: null,
    paymentId: null,
    networkCode: null,
    adviceCode: null,
    actionUrl: null,
  };
}
