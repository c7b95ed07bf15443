export type IntervalUnit = 'day' | 'week' | 'month' | 'year';

/** A calendar interval: "1 month", "2 weeks". Never a number of hours. */
export type Interval = { readonly count: number; readonly unit: IntervalUnit };

/** Why a text is no interval, in words that follow a field's name: "must be at least 1 day". */
export type IntervalFault = { readonly fault: string };

const FORM = /^(\d{1,6}) ([a-z]+?)s?$/;
const UNITS: readonly string[] = ['day', 'week', 'month', 'year'] satisfies readonly IntervalUnit[];
const CLOCK_UNITS: readonly string[] = ['second', 'minute', 'hour'];

// A slip of the keyboard ("100 years") would otherwise become a subscription that is never billed again.
const LONGEST_YEARS = 10;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Reads "1 day", "14 days", "2 weeks", "1 month", "1 year". At least 1 of its unit, at most ten years. */
export function parseInterval(text: string): Interval | IntervalFault {
  const [, digits = '', unit = ''] = FORM.exec(text) ?? [];
  if (CLOCK_UNITS.includes(unit)) {
    return { fault: `must count days, weeks, months or years, not ${unit}s: what falls due is a calendar day` };
  }
  if (!isUnit(unit)) return { fault: 'must be a number and days, weeks, months or years, such as "1 month"' };
  const interval = { count: Number(digits), unit };
  if (interval.count < 1) return { fault: `must be at least 1 ${unit}` };
  if (shortestDays(interval) > LONGEST_YEARS * 365 + 2) return { fault: `must be at most ${LONGEST_YEARS} years` };
  return interval;
}

function isUnit(text: string): text is IntervalUnit {
  return UNITS.includes(text);
}

/** "1 month", "14 days": the form that `parseInterval` reads. */
export function intervalText(interval: Interval): string {
  return `${interval.count} ${interval.unit}${interval.count === 1 ? '' : 's'}`;
}

/** date + times * interval, in one step. A day that the month lacks becomes its last: 31 Jan + 1 month is 28 Feb. */
export function addInterval(date: Temporal.PlainDate, interval: Interval, times: number): Temporal.PlainDate {
  const amount = interval.count * times;
  switch (interval.unit) {
    case 'day':
      return date.add({ days: amount });
    case 'week':
      return date.add({ weeks: amount });
    case 'month':
      return date.add({ months: amount });
    case 'year':
      return date.add({ years: amount });
  }
}

/** The fewest days that the interval can last: month 28, two months 59, year 365. */
export function shortestDays(interval: Interval): number {
  switch (interval.unit) {
    case 'day':
      return interval.count;
    case 'week':
      return interval.count * 7;
    case 'month':
      return Math.floor(interval.count / 12) * 365 + Math.min(...runsOfMonths(interval.count % 12, 28));
    case 'year':
      return interval.count * 365;
  }
}

/** The most days that the interval can last: month 31, two months 62, year 366. */
export function longestDays(interval: Interval): number {
  switch (interval.unit) {
    case 'day':
      return interval.count;
    case 'week':
      return interval.count * 7;
    case 'month':
      return longestYears(Math.floor(interval.count / 12)) + Math.max(...runsOfMonths(interval.count % 12, 29));
    case 'year':
      return longestYears(interval.count);
  }
}

function longestYears(years: number): number {
  return years * 365 + Math.ceil(years / 4);
}

/** The length of every run of so many months (0 to 11), by the month in which it starts. */
function runsOfMonths(months: number, february: number): readonly number[] {
  const days = MONTH_DAYS.map((length, month) => (month === 1 ? february : length));
  return days.map((_, start) => {
    const run = Array.from({ length: months }, (_unused, i) => days[(start + i) % 12] ?? 0);
    return run.reduce((sum, length) => sum + length, 0);
  });
}
