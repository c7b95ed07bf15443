import { expect, test } from 'vitest';
import { rateText } from '../../src/entry/http/dashboard/frame/figures.ts';

test.each([
  [71, 100, '71.0 %'],
  [9_999, 10_000, 'more than 99.9 %'],
  [1, 10_000, 'less than 0.1 %'],
  [0, 10, '0.0 %'],
  [10, 10, '100.0 %'],
  [0, 0, 'none yet'],
])('%d of %d is written as %s', (part, whole, words) => {
  expect(rateText(part, whole)).toBe(words);
});
