import { expect, test } from 'vitest';
import { Arrivals } from '../../src/entry/http/guard/arrivals.ts';

const LARGEST = 64 * 1_024;

/** How many of the largest bodies are taken in so many minutes, one each ten milliseconds. */
function taken(minutes: number, requestsPerMinute: number | null): number {
  const arrivals = new Arrivals(requestsPerMinute, 0);
  let count = 0;
  for (let ms = 0; ms < minutes * 60_000; ms += 10) if (arrivals.take(LARGEST, ms)) count += 1;
  return count;
}

test('whoever has the callback token cannot fill the disk: eight megabytes a minute are stored, and a burst', () => {
  expect(taken(60, 600) * LARGEST).toBeLessThan(70 * 600 * 16 * 1_024);
});

test('what Xendit sends of as many charges as the pace allows is taken, many times over', () => {
  const arrivals = new Arrivals(600, 0);
  let refused = 0;
  for (let ms = 0; ms < 10 * 60_000; ms += 20) if (!arrivals.take(2_048, ms)) refused += 1;
  expect(refused).toBe(0);
});

test('where nothing paces the charges nothing limits their webhooks', () => {
  expect(taken(1, null)).toBe(6_000);
});
