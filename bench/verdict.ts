/**
 * What collecting came to beside bare calls, for each second of CPU: the daemon's and Postgres' for charges, the caller's for calls. By the
 * clock, what else a machine does would count.
 */
export type Round = { readonly chargesPerSecond: number; readonly callsPerSecond: number };

/** What a bench stores, and is held against later. Ratios, not speeds: a slow machine is slow at both. */
export type Baseline = {
  readonly ratio: number;
  /** For people: when and on what it was measured, and what that machine made of a second of CPU. */
  readonly measured: string;
};

/** Below this part of the baseline's ratio, collecting has become slower. */
export const LEAST_OF_BASELINE = 0.9;

/** Of interleaved rounds the one in the middle: what else the machine did in some of them does not count. */
export function ratioOf(rounds: readonly Round[]): number {
  return median(rounds.map(({ chargesPerSecond, callsPerSecond }) => chargesPerSecond / callsPerSecond));
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}

export type Verdict = { readonly isSlower: boolean; readonly ofBaseline: number };

export function verdictOf(rounds: readonly Round[], { ratio }: Baseline): Verdict {
  const ofBaseline = ratioOf(rounds) / ratio;
  // What is not a number must not pass for fast.
  return { isSlower: !(ofBaseline >= LEAST_OF_BASELINE), ofBaseline };
}
