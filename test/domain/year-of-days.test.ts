import { expect, test } from 'vitest';
import { type Period, yearOfDays } from '../../src/domain/charges/year-of-days.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const period = (more: Partial<Period>): Period => ({
  start: day('2026-01-31'),
  end: day('2026-02-27'),
  dueOn: day('2026-01-31'),
  status: 'paid',
  isForgiven: false,
  settledOn: day('2026-01-31'),
  ...more,
});
const on = (text: string, periods: readonly Period[]) =>
  yearOfDays(2026, periods, [], []).find((one) => one.on.equals(day(text)));

test('a period is owed until its money came in, and paid for from that day on', () => {
  const late = [period({ settledOn: day('2026-02-03') })];
  const grounds = ['2026-01-30', '2026-01-31', '2026-02-02', '2026-02-03', '2026-02-27', '2026-02-28'].map(
    (text) => on(text, late)?.ground,
  );
  expect(grounds).toEqual([null, 'owed', 'owed', 'paid', 'paid', null]);
});

test.each([
  ['due', false, 'owed'],
  ['held', false, 'owed'],
  ['uncollectible', false, 'owed'],
  ['void', false, 'off'],
  ['void', true, 'paid'],
  ['refunded', false, 'paid'],
] as const)('a period whose charge is %s (forgiven: %s) is %s', (status, isForgiven, ground) => {
  expect(on('2026-02-10', [period({ status, isForgiven })])?.ground).toBe(ground);
});

test('the due days are framed, those to come too, and of several tries on a day the one with money counts', () => {
  const days = yearOfDays(
    2026,
    [period({})],
    [day('2026-02-28')],
    [
      { on: day('2026-01-31'), dot: 'declined' },
      { on: day('2026-01-31'), dot: 'paid' },
      { on: day('2026-01-31'), dot: 'open' },
      { on: day('2026-02-28'), dot: 'open' },
      { on: day('2025-12-31'), dot: 'paid' },
    ],
  );
  expect(days).toHaveLength(365);
  expect(days.filter(({ isDue }) => isDue).map(({ on: due }) => String(due))).toEqual(['2026-01-31', '2026-02-28']);
  expect(days.flatMap((one) => (one.dot === null ? [] : [`${one.on.toString()} ${one.dot}`]))).toEqual([
    '2026-01-31 paid',
    '2026-02-28 open',
  ]);
});
