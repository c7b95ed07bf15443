import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addInterval,
  type Interval,
  intervalText,
  longestDays,
  parseInterval,
  shortestDays,
} from '../../src/domain/calendar/interval.ts';

const interval: fc.Arbitrary<Interval> = fc.record({
  count: fc.integer({ min: 1, max: 10 }),
  unit: fc.constantFrom('day', 'week', 'month', 'year'),
});

describe('an interval is a number of days, weeks, months or years', () => {
  test.each<[string, Interval]>([
    ['1 day', { count: 1, unit: 'day' }],
    ['14 days', { count: 14, unit: 'day' }],
    ['2 weeks', { count: 2, unit: 'week' }],
    ['1 month', { count: 1, unit: 'month' }],
    ['18 months', { count: 18, unit: 'month' }],
    ['10 years', { count: 10, unit: 'year' }],
  ])('%s', (text, read) => {
    expect(parseInterval(text)).toEqual(read);
  });

  test('it is written as it is read', () => {
    fc.assert(
      fc.property(interval, (any) => {
        expect(parseInterval(intervalText(any))).toEqual(any);
      }),
    );
  });
});

describe('what is no calendar interval is refused, and the fault says why', () => {
  const form = 'must be a number and days, weeks, months or years, such as "1 month"';
  test.each([
    ['12 hours', 'must count days, weeks, months or years, not hours: what falls due is a calendar day'],
    ['1 minute', 'must count days, weeks, months or years, not minutes: what falls due is a calendar day'],
    ['0 days', 'must be at least 1 day'],
    ['00 months', 'must be at least 1 month'],
    ['11 years', 'must be at most 10 years'],
    ['121 months', 'must be at most 10 years'],
    ['999999 days', 'must be at most 10 years'],
    ['', form],
    ['month', form],
    ['1', form],
    ['1 Month', form],
    ['1  month', form],
    ['1month', form],
    ['-1 day', form],
    ['1.5 months', form],
    ['1e2 days', form],
    ['1 fortnight', form],
    ['1 day and more', form],
    ['P1M', form],
    ['9999999999 days', form],
  ])('%j', (text, fault) => {
    expect(parseInterval(text)).toEqual({ fault });
  });
});

describe('adding counts in one step from where it starts', () => {
  test.each<[string, Interval, number, string]>([
    ['2026-01-31', { count: 1, unit: 'month' }, 1, '2026-02-28'],
    ['2026-01-31', { count: 1, unit: 'month' }, 2, '2026-03-31'],
    ['2024-02-29', { count: 1, unit: 'year' }, 1, '2025-02-28'],
    ['2024-02-29', { count: 1, unit: 'year' }, 4, '2028-02-29'],
    ['2026-12-31', { count: 2, unit: 'week' }, 3, '2027-02-11'],
    ['2026-02-27', { count: 1, unit: 'day' }, 2, '2026-03-01'],
    ['2026-05-05', { count: 3, unit: 'month' }, 0, '2026-05-05'],
  ])('%s + %o x %i', (from, step, times, to) => {
    expect(addInterval(Temporal.PlainDate.from(from), step, times).toString()).toBe(to);
  });
});

describe('how many days an interval can last', () => {
  test.each<[Interval, number, number]>([
    [{ count: 3, unit: 'day' }, 3, 3],
    [{ count: 2, unit: 'week' }, 14, 14],
    [{ count: 1, unit: 'month' }, 28, 31],
    [{ count: 2, unit: 'month' }, 59, 62],
    [{ count: 3, unit: 'month' }, 89, 92],
    [{ count: 6, unit: 'month' }, 181, 184],
    [{ count: 12, unit: 'month' }, 365, 366],
    [{ count: 1, unit: 'year' }, 365, 366],
  ])('%o', (any, shortest, longest) => {
    expect([shortestDays(any), longestDays(any)]).toEqual([shortest, longest]);
  });

  test('no cycle is ever shorter or longer, wherever it starts', () => {
    const day = fc.integer({ min: 0, max: 40_000 }).map((days) => Temporal.PlainDate.from('1990-01-01').add({ days }));
    fc.assert(
      fc.property(day, interval, fc.integer({ min: 0, max: 24 }), (anchor, any, n) => {
        const from = addInterval(anchor, any, n);
        const { days } = from.until(addInterval(anchor, any, n + 1));
        expect(days).toBeGreaterThanOrEqual(shortestDays(any));
        expect(days).toBeLessThanOrEqual(longestDays(any));
      }),
      { numRuns: 2000 },
    );
  });
});
