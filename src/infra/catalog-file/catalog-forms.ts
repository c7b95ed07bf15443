import { type Interval, parseInterval, shortestDays } from '../../domain/calendar/interval.ts';

/** Why a text is not what its field wants, in words that follow the field's name. */
export type FormFault = { readonly fault: string };

const ANY_UNIT = /^\d+ (second|minute|hour|day|week|month|year)s?$/;
const CYCLES = /^(\d{1,5}) cycles?$/;
const MOST_CYCLES = 10_000;
const HOURS = /^(\d{1,5}) (hour|day|week)s?$/;
const HOURS_PER = { hour: 1, day: 24, week: 168 } as const;
const MOST_HOURS = 366 * 24;
const MOST_DAYS = 366;

/** "1 day", "3 days", "2 weeks" to days. Months are refused: as a distance between two tries they vary. */
export function parseDays(text: string): number | FormFault {
  if (!ANY_UNIT.test(text)) return { fault: 'must be days or weeks, such as "3 days"' };
  const interval: Interval | FormFault = parseInterval(text);
  if ('fault' in interval) return interval;
  if (interval.unit === 'month' || interval.unit === 'year') {
    return { fault: `must be days or weeks, such as "28 days": ${interval.unit}s differ in length` };
  }
  const days = shortestDays(interval);
  return days > MOST_DAYS ? { fault: `must be at most ${MOST_DAYS} days` } : days;
}

/** How long past due still lets in: days, or "none" for not at all. */
export function parseGrace(text: string): number | FormFault {
  if (text === 'none') return 0;
  const days = parseDays(text);
  return typeof days === 'number' ? days : { fault: `${days.fault}, or none` };
}

/** "12 hours", "1 day", "30 days" to hours. */
export function parseHours(text: string): number | FormFault {
  const [, count = '', unit = ''] = HOURS.exec(text) ?? [];
  if (unit !== 'hour' && unit !== 'day' && unit !== 'week') {
    return { fault: 'must be hours, days or weeks, such as "12 hours" or "1 day"' };
  }
  const hours = Number(count) * HOURS_PER[unit];
  if (hours < 1) return { fault: 'must be at least 1 hour' };
  return hours > MOST_HOURS ? { fault: `must be at most ${MOST_HOURS / 24} days` } : hours;
}

/** "12 cycles" to 12. */
export function parseCycles(text: string): number | FormFault {
  const [, count = ''] = CYCLES.exec(text) ?? [];
  if (count === '') return { fault: 'must be a number of cycles, such as "12 cycles"' };
  const cycles = Number(count);
  if (cycles < 1) return { fault: 'must be at least 1 cycle' };
  return cycles > MOST_CYCLES ? { fault: `must be at most ${MOST_CYCLES} cycles` } : cycles;
}

/** "2027-01-01", a day of the calendar. */
export function parseDay(text: string): Temporal.PlainDate | FormFault {
  const fault = { fault: 'must be a day of the calendar, such as 2027-01-01' };
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return fault;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return fault;
  }
}
