import type { Context } from '../../context.ts';

/**
 * Requests a minute that work in the background may use of an endpoint; null: no limit. The other half is kept for whoever
 * may not be kept waiting by it: the rescue of attempts, or a product that waits at the API.
 */
export function backgroundPace({ requestsPerMinute }: Pick<Context, 'requestsPerMinute'>): number | null {
  return requestsPerMinute === null ? null : Math.max(1, Math.floor(requestsPerMinute / 2));
}
