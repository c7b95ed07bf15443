import type { Interval } from '../calendar/interval.ts';

/** Months in so many intervals, as a fraction: twelve of a year, each as long as the others. */
const MONTHS: Readonly<Record<Interval['unit'], readonly [number: bigint, of: bigint]>> = {
  day: [12n, 365n],
  week: [12n, 52n],
  month: [1n, 1n],
  year: [12n, 1n],
};

/** What an amount that is charged each interval comes to in a month, half up. */
export function perMonth(minor: bigint, { count, unit }: Interval): bigint {
  const [months, of] = MONTHS[unit];
  const whole = months * BigInt(count);
  return (2n * minor * of + whole) / (2n * whole);
}
