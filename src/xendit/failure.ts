import { z } from 'zod';
import { code, maybe, words } from './fields.ts';
import { readJson } from './json.ts';
import type { Headers } from './transport.ts';

/** An answer outside 2xx: its code (HTTP_502 when Xendit gave none) and words. */
export type Failure = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Seconds to wait, on 429 and on a 400 that says later; null on every other failure. */
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

/** Not now, and nothing was done. */
export function isThrottled(failure: Pick<Failure, 'status' | 'code'>): boolean {
  return failure.status === 429 || (failure.status === 400 && LATER.has(failure.code));
}

const NOT_FOUND = new Set(['DATA_NOT_FOUND', 'NOT_FOUND', 'SESSION_NOT_FOUND']);

/**
 * Xendit itself says that it has no such thing. A 404 without its code came from a proxy, or from an address that is not
 * Xendit's: it says nothing about what Xendit has.
 */
export function isNotFound({ status, code }: Pick<Failure, 'status' | 'code'>): boolean {
  return status === 404 && NOT_FOUND.has(code);
}

/** "HTTP 409 DUPLICATE_ERROR: Duplication is not allowed." */
export function detailOf(failure: Failure): string {
  const named = failure.code.startsWith('HTTP_') ? `HTTP ${failure.status}` : `HTTP ${failure.status} ${failure.code}`;
  return failure.message === '' ? named : `${named}: ${failure.message}`;
}
