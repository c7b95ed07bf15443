import type { Timeline } from './timeline.ts';

/** Counts what reaches Xendit by endpoint, as Xendit does. */
export type Meter = {
  reached(endpoint: string): void;
  /** What the daemons had counted is lost, and what they had reserved is still on its way: this minute nobody can count. */
  forgotten(): void;
  /** The minutes in which more came than is allowed, a sentence each. */
  faults(): readonly string[];
};

const MINUTE = 60_000;
/** Read within two paces: of a declined card by whoever charged it, and by whoever looks an attempt up (docs/reliability.md). */
const IN_TWO_PACES = 'GET payments';

/** `allowed`: requests a minute and endpoint; null where there is no limit. */
export function meterOf(time: Timeline, allowed: number | null): Meter {
  const reached = new Map<string, number[]>();
  const found: string[] = [];
  let countedFrom = 0;
  function judge(): readonly string[] {
    for (const [endpoint, times] of reached) {
      const most = Math.max(0, ...times.map((at, n) => inTheMinuteBefore(times, n, at)));
      const limit = allowed === null || endpoint !== IN_TWO_PACES ? allowed : 2 * allowed;
      if (limit !== null && most > limit)
        found.push(`${most} requests to ${endpoint} within a minute, and ${limit} are allowed`);
    }
    reached.clear();
    return found;
  }
  return {
    reached(endpoint) {
      if (time.now() >= countedFrom) reached.getOrInsert(endpoint, []).push(time.now());
    },
    forgotten() {
      judge();
      countedFrom = time.now() + MINUTE;
    },
    faults: judge,
  };
}

function inTheMinuteBefore(times: readonly number[], last: number, at: number): number {
  let first = last;
  while (first > 0 && (times[first - 1] as number) > at - MINUTE) first -= 1;
  return last - first + 1;
}
