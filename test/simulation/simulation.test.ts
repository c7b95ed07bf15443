import { describe, expect, test } from 'vitest';
import { broken, LEAST_PAYMENTS, live, QUICK_SEEDS } from './live.ts';
import { count, noSum } from './report.ts';
import type { Verdict } from './seed.ts';
import { memorable } from './seeds.ts';

/** The seeds of a commit, lived once for all that is looked at. */
let lived: Promise<readonly Verdict[]> | undefined;
const quick = () => (lived ??= live(Array.from({ length: QUICK_SEEDS }, (_, n) => n + 1)));

const LONG = { timeout: 1_800_000 };

describe('the simulation', () => {
  test(`keeps every promise in ${QUICK_SEEDS} seeds of three daemons`, LONG, async () => {
    const verdicts = await quick();
    expect(broken(verdicts)).toEqual([]);
    const sum = noSum();
    for (const verdict of verdicts) count(verdict, sum);
    expect(sum.payments / QUICK_SEEDS).toBeGreaterThan(LEAST_PAYMENTS);
  });

  test('keeps every promise in the seeds that once broke one', LONG, async () => {
    const seeds = memorable.map(({ seed }) => seed).filter((seed) => seed > QUICK_SEEDS);
    expect(broken(await live(seeds))).toEqual([]);
  });

  test('lives the same seed the same way, event by event, whatever was lived before it', LONG, async () => {
    const again = await live([3, 1, 2]);
    const first = (await quick()).filter(({ seed }) => seed <= 3);
    const hashes = Map.groupBy([...first, ...again], ({ seed }) => seed);
    for (const verdicts of hashes.values()) {
      expect(verdicts).toHaveLength(2);
      expect(new Set(verdicts.map(({ hash }) => hash)).size).toBe(1);
    }
    expect(new Set(first.map(({ hash }) => hash)).size).toBe(3);
  });
});
