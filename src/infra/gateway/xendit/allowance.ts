import { LONGEST_RETRY_AFTER } from '../../../xendit/failure.ts';
import type { Headers } from '../../../xendit/transport.ts';
import type { Allowance } from '../gateway.ts';

/** Keeps the tightest of what the rate headers said, until it is asked for. */
export type AllowanceWatch = { note(headers: Headers): void; take(): Allowance | null };

export function allowanceWatch(): AllowanceWatch {
  let tightest: Allowance | null = null;
  return {
    note(headers) {
      const remaining = numberOf(headers['rate-limit-remaining']);
      const reset = numberOf(headers['rate-limit-reset']);
      if (remaining === null || reset === null) return;
      const resetSeconds = Math.min(reset, LONGEST_RETRY_AFTER);
      // As few as the tightest, and later: the wait is the longer one.
      const tighter = tightest === null || remaining < tightest.remaining;
      const longer = tightest?.remaining === remaining && resetSeconds > tightest.resetSeconds;
      if (tighter || longer) tightest = { remaining, resetSeconds };
    },
    take() {
      const taken = tightest;
      tightest = null;
      return taken;
    },
  };
}

function numberOf(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,9}(\.\d+)?$/.test(header.trim()) ? Number(header) : null;
}
