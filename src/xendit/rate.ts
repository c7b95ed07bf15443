import { LONGEST_RETRY_AFTER } from './failure.ts';
import type { Headers } from './transport.ts';

/** What the rate headers of an answer say of its endpoint. */
export type Rate = { readonly remaining: number; readonly resetSeconds: number };

/** Null where an answer has no such headers, or none that can be read. */
export function rateOf(headers: Headers): Rate | null {
  const remaining = numberOf(headers['rate-limit-remaining']);
  const reset = numberOf(headers['rate-limit-reset']);
  return remaining === null || reset === null
    ? null
    : { remaining, resetSeconds: Math.min(reset, LONGEST_RETRY_AFTER) };
}

function numberOf(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,9}(\.\d+)?$/.test(header.trim()) ? Number(header) : null;
}
