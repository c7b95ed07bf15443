import { expect, test } from 'vitest';
import { faultNames } from './faults.ts';
import { broken, LEAST_PAYMENTS, live, QUICK_SEEDS } from './live.ts';
import { count, noSum } from './report.ts';

/** As many seeds as eight minutes hold, up to the 120th; on a machine that is slower up to the 100th all the same. */
const LONGEST_MS = 8 * 60_000;
const [LEAST, MOST] = [100 - QUICK_SEEDS, 120 - QUICK_SEEDS];

test('the simulation keeps every promise in the seeds that follow, through every fault there is', async () => {
  const began = performance.now();
  const seeds = Array.from({ length: MOST }, (_, n) => QUICK_SEEDS + 1 + n);
  const verdicts = await live(seeds, (lived) => lived >= LEAST && performance.now() - began > LONGEST_MS);
  expect(broken(verdicts)).toEqual([]);
  const sum = noSum();
  for (const verdict of verdicts) count(verdict, sum);
  expect(sum.seeds).toBeGreaterThanOrEqual(LEAST);
  expect(sum.payments / sum.seeds).toBeGreaterThan(LEAST_PAYMENTS);
  const never = faultNames.filter((name) => (sum.struck.get(name) ?? 0) === 0);
  expect(never).toEqual([]);
}, 1_800_000);
