import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { faultNames } from './faults.ts';
import { count, noSum, story } from './report.ts';
import { runSeeds } from './run-seeds.ts';
import type { Verdict } from './seed.ts';
import { memorable } from './seeds.ts';

const PER_COMMIT = 100;
/** A seed that moves little money shows little. */
const LEAST_PAYMENTS = 60;

async function live(seeds: readonly number[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const onVerdict = (verdict: Verdict) => verdicts.push(verdict) > 0;
  await runSeeds({ seeds, threads: Math.min(2, availableParallelism()), tail: 100, onVerdict });
  return verdicts;
}

const broken = (verdicts: readonly Verdict[]) => verdicts.filter(({ faults }) => faults.length > 0).map(story);

describe('the simulation', () => {
  test('lives the same seed the same way, event by event, whatever was lived before it', async () => {
    const twice = await live([1, 2, 3, 2, 1, 3]);
    const hashes = Map.groupBy(twice, ({ seed }) => seed);
    for (const verdicts of hashes.values()) expect(new Set(verdicts.map(({ hash }) => hash)).size).toBe(1);
    expect(new Set(twice.map(({ hash }) => hash)).size).toBe(3);
  }, 300_000);

  test('keeps every promise in the seeds that once broke one', async () => {
    expect(broken(await live(memorable.map(({ seed }) => seed)))).toEqual([]);
  }, 300_000);

  test(`keeps every promise in ${PER_COMMIT} seeds of three daemons, through every fault there is`, async () => {
    const verdicts = await live(Array.from({ length: PER_COMMIT }, (_, n) => n + 1));
    expect(broken(verdicts)).toEqual([]);
    const sum = noSum();
    for (const verdict of verdicts) count(verdict, sum);
    expect(sum.payments / PER_COMMIT).toBeGreaterThan(LEAST_PAYMENTS);
    const never = faultNames.filter((name) => (sum.struck.get(name) ?? 0) === 0);
    expect(never).toEqual([]);
  }, 1_800_000);
});
