import { describe, expect, test } from 'vitest';
import {
  broken,
  LEAST_GIVEN_BACK,
  LEAST_PAYMENTS,
  LEAST_RAISED,
  LEAST_REPRICED,
  LEAST_SWITCHED,
  live,
  QUICK_SEEDS,
} from './live.ts';
import { count, noSum } from './report.ts';
import type { Verdict } from './seed.ts';
import { memorable } from './seeds.ts';

const first = Array.from({ length: QUICK_SEEDS }, (_, n) => n + 1);
const remembered = memorable.map(({ seed }) => seed).filter((seed) => seed > QUICK_SEEDS);
/** Lived once more, behind all others: a few of the shorter ones. */
const again = [9, 2, 21];

/** The seeds of a commit, lived once for all that is looked at. */
let lived: Promise<readonly Verdict[]> | undefined;
const all = () => (lived ??= live([...first, ...remembered, ...again]));
const those = async (seeds: readonly number[]) => (await all()).filter(({ seed }) => seeds.includes(seed));

const LONG = { timeout: 1_800_000 };

describe('the simulation', () => {
  test(`keeps every promise in ${QUICK_SEEDS} seeds of three daemons`, LONG, async () => {
    const verdicts = await those(first);
    expect(broken(verdicts)).toEqual([]);
    expect(new Set(verdicts.map(({ seed }) => seed)).size).toBe(QUICK_SEEDS);
    const sum = noSum();
    for (const verdict of verdicts) count(verdict, sum);
    expect(sum.payments / sum.seeds).toBeGreaterThan(LEAST_PAYMENTS);
    expect(sum.raised).toBeGreaterThan(LEAST_RAISED);
    expect(sum.repriced).toBeGreaterThan(LEAST_REPRICED);
    expect(sum.switched).toBeGreaterThan(LEAST_SWITCHED);
    expect(sum.givenBack).toBeGreaterThan(LEAST_GIVEN_BACK);
  });

  test('keeps every promise in the seeds that once broke one', LONG, async () => {
    const verdicts = await those(remembered);
    expect(verdicts).toHaveLength(remembered.length);
    expect(broken(verdicts)).toEqual([]);
  });

  test('lives the same seed the same way, event by event, whatever was lived before it', LONG, async () => {
    const hashes = Map.groupBy(await those(again), ({ seed }) => seed);
    for (const verdicts of hashes.values()) {
      expect(verdicts).toHaveLength(2);
      expect(new Set(verdicts.map(({ hash }) => hash)).size).toBe(1);
    }
    expect(new Set((await those(again)).map(({ hash }) => hash)).size).toBe(again.length);
  });
});
