import type { Rate } from '../../../xendit/rate.ts';
import type { Allowance } from '../gateway.ts';

/** Keeps the tightest of what the rate headers said, until it is asked for. */
export type AllowanceWatch = { note(rate: Rate | null): void; take(): Allowance | null };

export function allowanceWatch(): AllowanceWatch {
  let tightest: Allowance | null = null;
  return {
    note(rate) {
      if (rate === null) return;
      const { remaining, resetSeconds } = rate;
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
