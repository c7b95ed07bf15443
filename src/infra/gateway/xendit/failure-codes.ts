import { z } from 'zod';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import type { Headers } from './client.ts';
import { code, maybe, words } from './fields.ts';
import { readJson } from './json.ts';

/** An answer outside 2xx: its code (HTTP_502 when Xendit gave none) and words. */
export type Failure = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds: number | null;
  /** Seconds of `retryAfterSeconds` that Xendit itself asked for; null when it said to wait and not how long. */
  readonly toldSeconds: number | null;
};

const ErrorBody = z.object({
  error_code: maybe(code),
  message: maybe(z.string()),
  errors: maybe(z.array(z.unknown())),
});

const RETRY_AFTER_SECONDS = 60;
/** Seconds; whatever a header says, nobody waits longer without asking again. */
export const LONGEST_RETRY_AFTER = 3600;

/** Reads an error answer; whatever its body is, there is a code. */
export function readFailure(status: number, headers: Headers, text: string): Failure {
  const json = readJson(text);
  const body = ErrorBody.safeParse(json.kind === 'read' ? json.value : null).data;
  const said = [body?.message ?? '', ...(body?.errors ?? []).map(fieldFault)].filter((part) => part !== '');
  const failure = { status, code: body?.error_code ?? `HTTP_${status}`, message: words(said.join('; ')) };
  // The headers speak of the endpoint's window: what one channel refuses with a 400 of its own they say nothing about.
  const toldSeconds = status === 429 ? retryAfter(headers) : null;
  return {
    ...failure,
    toldSeconds,
    retryAfterSeconds: isThrottled(failure) ? (toldSeconds ?? RETRY_AFTER_SECONDS) : null,
  };
}

function fieldFault(fault: unknown): string {
  if (typeof fault === 'string') return fault;
  const read = z.object({ path: maybe(z.string()), message: maybe(z.string()) }).safeParse(fault).data;
  return [read?.path, read?.message].filter((part) => part).join(' ');
}

// Rate-Limit-Reset is a fraction of seconds, 58.37 (docs/xendit.md 1); Retry-After is documented nowhere.
function retryAfter(headers: Headers): number | null {
  return [headers['rate-limit-reset'], headers['retry-after']].map(secondsOf).find((wait) => wait !== null) ?? null;
}

function secondsOf(header: string | string[] | undefined): number | null {
  const seconds = typeof header === 'string' && /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) : null;
  return seconds === null ? null : Math.min(Math.max(Math.ceil(seconds), 1), LONGEST_RETRY_AFTER);
}

// Answers that say: not now, and nothing was done.
const LATER = new Set(['PAYMENT_REQUEST_RATE_LIMITED', 'RATE_LIMIT_EXCEEDED', 'TEMPORARILY_UNAVAILABLE']);
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

function isThrottled(failure: Pick<Failure, 'status' | 'code'>): boolean {
  return failure.status === 429 || (failure.status === 400 && LATER.has(failure.code));
}

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

const NOT_FOUND = new Set(['DATA_NOT_FOUND', 'NOT_FOUND', 'SESSION_NOT_FOUND']);

/**
 * Xendit itself says that it has no such thing. A 404 without its code came from a proxy, or from an address that is not
 * Xendit's: it says nothing about what Xendit has.
 */
export function isNotFound({ status, code }: Pick<Failure, 'status' | 'code'>): boolean {
  return status === 404 && NOT_FOUND.has(code);
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

/** "HTTP 409 DUPLICATE_ERROR: Duplication is not allowed." */
export function detailOf(failure: Failure): string {
  const named = failure.code.startsWith('HTTP_') ? `HTTP ${failure.status}` : `HTTP ${failure.status} ${failure.code}`;
  return failure.message === '' ? named : `${named}: ${failure.message}`;
}
