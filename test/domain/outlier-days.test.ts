import { expect, test } from 'vitest';
import { outlierDays } from '../../src/domain/charges/outlier-days.ts';

/* Which days stand out of the last thirty. */

const days = (rates: readonly (readonly [due: number, firstTry: number])[]) =>
  rates.map(([due, firstTry], index) => ({ day: `2026-11-${String(index + 1).padStart(2, '0')}`, due, firstTry }));
const usual = (count: number) => Array.from({ length: count }, (_, index) => [1_000, 930 + (index % 3) * 5] as const);

test('a day on which far fewer are collected at the first try stands out, and no other', () => {
  expect(outlierDays(days([...usual(11), [1_200, 700], ...usual(18)]))).toEqual(['2026-11-12']);
  expect(outlierDays(days(usual(30)))).toEqual([]);
});

test('two bad days do not hide each other', () => {
  expect(outlierDays(days([[1_000, 300], ...usual(28), [1_000, 350]]))).toEqual(['2026-11-01', '2026-11-30']);
});

test('a day of few charges is measured by what chance does to few', () => {
  expect(outlierDays(days([...usual(29), [3, 2]]))).toEqual([]);
  expect(outlierDays(days([...usual(29), [300, 200]]))).toEqual(['2026-11-30']);
});

test('one charge that was not collected is no outlier, also where everything else was', () => {
  const all = Array.from({ length: 20 }, () => [5, 5] as const);
  expect(outlierDays(days([...all, [5, 4]]))).toEqual([]);
  expect(outlierDays(days([...all, [5, 1]]))).toEqual(['2026-11-21']);
});

test('a day that collects more than usual is none', () => {
  expect(outlierDays(days([...usual(29), [1_000, 1_000]]))).toEqual([]);
});

test('few days, or days without charges, tell nothing', () => {
  expect(outlierDays(days([...usual(7).slice(1), [1_000, 100]]))).toEqual([]);
  expect(outlierDays(days([...usual(29), [0, 0]]))).toEqual([]);
});
