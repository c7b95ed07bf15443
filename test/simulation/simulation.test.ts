import { describe, expect, test } from 'vitest';
import { broken, LEAST_PAYMENTS, live, QUICK_SEEDS } from './live.ts';
import { count, noSum } from './report.ts';
import { memorable } from './seeds.ts';

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

  test(`keeps every promise in ${QUICK_SEEDS} seeds of three daemons`, async () => {
    const verdicts = await live(Array.from({ length: QUICK_SEEDS }, (_, n) => n + 1));
    expect(broken(verdicts)).toEqual([]);
    const sum = noSum();
    for (const verdict of verdicts) count(verdict, sum);
    expect(sum.payments / QUICK_SEEDS).toBeGreaterThan(LEAST_PAYMENTS);
  }, 1_800_000);
});
