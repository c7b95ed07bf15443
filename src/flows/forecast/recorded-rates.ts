import type { Context } from '../../context.ts';
import { type FirstAttempts, type SuccessRate, successRates } from '../../domain/books/success-rates.ts';
import { firstAttempts } from '../../infra/tables/books/first-attempts.ts';

/** So many weeks of the charge log at most, of whole days of 24 hours. */
const WEEKS = 13;
/** More would say the same. */
const ENOUGH = 100_000;
const WEEK = { hours: 24 * 7 };

/** How often attempts succeeded, over which days, with the rates of the channels that were asked about. */
export type RecordedRates = {
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  /** In millionths. */
  of(channel: string): number;
  shown(): readonly SuccessRate[];
};

/** What the charge log has of first attempts: week by week, the newest first, so that no statement takes long. */
export async function recordedRates(ctx: Context, now: Temporal.Instant): Promise<RecordedRates> {
  const read: FirstAttempts[] = [];
  // Entries have whole milliseconds: this one is the first that is not read.
  let from = now.add({ milliseconds: 1 });
  for (let weeks = 0; weeks < WEEKS && attemptsIn(read) < ENOUGH; weeks += 1) {
    const until = from;
    from = until.subtract(WEEK);
    read.push(...(await firstAttempts(ctx.db, from, until)));
  }
  const known = new Map<string, readonly [SuccessRate, ...SuccessRate[]]>();
  const ratesOf = (channel: string) => known.getOrInsertComputed(channel, () => successRates(read, channel));
  return {
    from,
    until: now,
    of: (channel) => ratesOf(channel)[0].millionths,
    shown: () => [...known.keys()].toSorted().flatMap(ratesOf),
  };
}

function attemptsIn(read: readonly FirstAttempts[]): number {
  return read.reduce((sum, { attempts }) => sum + attempts, 0);
}
