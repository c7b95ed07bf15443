import type { Timeline } from './timeline.ts';

/** Counts what reaches Xendit by endpoint, as Xendit does. */
export type Meter = {
  reached(endpoint: string): void;
  /** The minutes in which more came than is allowed, a sentence each. */
  faults(): readonly string[];
};

const MINUTE = 60_000;

/** `allowed`: requests a minute and endpoint; null where there is no limit. */
export function meterOf(time: Timeline, allowed: number | null): Meter {
  const reached = new Map<string, number[]>();
  return {
    reached: (endpoint) => void reached.getOrInsert(endpoint, []).push(time.now()),
    faults() {
      if (allowed === null) return [];
      return [...reached].flatMap(([endpoint, times]) => {
        const most = Math.max(0, ...times.map((at, n) => inTheMinuteBefore(times, n, at)));
        return most > allowed ? [`${most} requests to ${endpoint} within a minute, and ${allowed} are allowed`] : [];
      });
    },
  };
}

function inTheMinuteBefore(times: readonly number[], last: number, at: number): number {
  let first = last;
  while (first > 0 && (times[first - 1] as number) > at - MINUTE) first -= 1;
  return last - first + 1;
}
