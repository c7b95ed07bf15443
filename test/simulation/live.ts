import { availableParallelism } from 'node:os';
import { story } from './report.ts';
import { runSeeds } from './run-seeds.ts';
import type { Verdict } from './seed.ts';

/** `npm test` lives the seeds from 1 to this one; `npm run test:all` goes on behind it. */
export const QUICK_SEEDS = 40;
/** A seed that moves little money shows little: so many payments a seed, on average. */
export const LEAST_PAYMENTS = 60;
/** So many charges of the first seeds are at a price that went up for who pays it. */
export const LEAST_RAISED = 200;
/** So many subscriptions of the first seeds are moved by a repricing, and so many go on here that another biller had. */
export const LEAST_REPRICED = 10;
export const LEAST_SWITCHED = 10;
/** So many refunds of the first seeds give customers their money. */
export const LEAST_GIVEN_BACK = 50;

/** Lives these seeds, two at a time; once `isOver` says so, no more are begun. */
export async function live(
  seeds: readonly number[],
  isOver: (lived: number) => boolean = () => false,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const onVerdict = (verdict: Verdict) => !isOver(verdicts.push(verdict));
  await runSeeds({ seeds, threads: Math.min(2, availableParallelism()), tail: 100, onVerdict });
  return verdicts;
}

/** The stories of those that broke a promise. */
export const broken = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.filter(({ faults }) => faults.length > 0).map(story);
