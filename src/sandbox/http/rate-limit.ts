const WINDOW_MS = 60_000;

type Allowance = { readonly allowed: boolean; readonly headers: Record<string, string> };

export type RateLimit = {
  /** Undefined: no limit, and no headers. */
  perMinute: number | undefined;
  /** Counts one request of an endpoint, at an epoch millisecond of the sandbox's clock. */
  count(endpoint: string, now: number): Allowance | undefined;
};

type Window = { times: number[]; start: number };

/** A sliding window of a minute for each endpoint (docs/xendit.md 1: "sliding window, per endpoint per account"). */
export function makeRateLimit(perMinute?: number): RateLimit {
  const windows = new Map<string, Window>();
  return {
    perMinute,
    count(endpoint, now) {
      if (this.perMinute === undefined) return undefined;
      const window = windows.get(endpoint) ?? { times: [], start: 0 };
      windows.set(endpoint, window);
      slide(window, now);
      const allowed = window.times.length - window.start < this.perMinute;
      if (allowed) window.times.push(now);
      return { allowed, headers: rateHeaders(this.perMinute, window, now) };
    },
  };
}

/** The three headers, as strings; the reset is in seconds and a float (docs/xendit.md 1). */
export function limitHeaders(limit: number, remaining: number, resetSeconds: number): Record<string, string> {
  return {
    'Rate-Limit-Limit': String(limit),
    'Rate-Limit-Remaining': String(Math.max(remaining, 0)),
    'Rate-Limit-Reset': resetSeconds.toFixed(2),
  };
}

function rateHeaders(limit: number, window: Window, now: number): Record<string, string> {
  const oldest = window.times[window.start] ?? now;
  return limitHeaders(limit, limit - (window.times.length - window.start), (oldest + WINDOW_MS - now) / 1000);
}

// A moving start instead of shift(): under load the window holds thousands of times.
function slide(window: Window, now: number): void {
  while ((window.times[window.start] ?? Number.POSITIVE_INFINITY) <= now - WINDOW_MS) window.start += 1;
  if (window.start > 1_000 && window.start * 2 > window.times.length) {
    window.times = window.times.slice(window.start);
    window.start = 0;
  }
}
