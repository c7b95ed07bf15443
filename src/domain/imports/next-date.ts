import { dueInstant, localDate } from '../calendar/cycle.ts';
import { addInterval } from '../calendar/interval.ts';
import type { Plan } from '../catalog/plan.ts';

/** Two digits each of a day and a month, in an order that nobody can know, and a year. */
const SLASHED = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/;
const ISO = /^\d{4}-\d{2}-\d{2}$/;

/** The day of the next payment, as it stands in a file; or why it is none, in words that follow the name of its column. */
export function nextDate(text: string): Temporal.PlainDate | { readonly fault: string } {
  if (text === '')
    return { fault: 'is empty: without it nobody knows when this customer is charged next, so it is never guessed' };
  if (ISO.test(text)) return isoDate(text);
  const slashed = SLASHED.exec(text);
  if (slashed === null) return { fault: `must be a date like 2026-01-31, not ${JSON.stringify(text.slice(0, 40))}` };
  const [, one = '', other = '', year = ''] = slashed;
  const days = [
    [one, other],
    [other, one],
  ].flatMap(([month = '', day = '']) => realDays(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`));
  const meant = [...new Set(days)];
  return {
    fault:
      meant.length === 2
        ? `is ambiguous: ${text} is ${meant.join(' or ')}; write the one that is meant`
        : `must be a date like ${meant[0] ?? '2026-01-31'}, not ${text}`,
  };
}

function isoDate(text: string): Temporal.PlainDate | { readonly fault: string } {
  return realDay(text) ?? { fault: `is no day of the calendar: ${text}` };
}

function realDays(text: string): readonly string[] {
  const day = realDay(text);
  return day === null ? [] : [day.toString()];
}

function realDay(text: string): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return null;
  }
}

type Due = Temporal.Instant | { readonly fault: string };
type Rhythm = Pick<Plan, 'interval' | 'chargeAt'>;
export type NextDues = (date: Temporal.PlainDate, plan: Rhythm, timeZone: string) => Due;

/** `nextDue` as of an instant. What it said is said again: many lines of a file have day, plan and zone in common. */
export function nextDues(now: Temporal.Instant): NextDues {
  const said = new Map<string, Due>();
  return (date, plan, timeZone) => {
    const { interval, chargeAt } = plan;
    const key = `${date.toString()} ${interval.count} ${interval.unit} ${chargeAt} ${timeZone}`;
    const due = said.get(key) ?? nextDue(date, plan, timeZone, now);
    said.set(key, due);
    return due;
  };
}

/**
 * When the next payment falls due; or why it cannot be the next. One that is over was taken by whoever billed before, or by nobody: only a
 * person knows. One that lies more than a period ahead would be served for nothing until then.
 */
function nextDue(
  date: Temporal.PlainDate,
  { interval, chargeAt }: Rhythm,
  timeZone: string,
  now: Temporal.Instant,
): Due {
  const dueAt = dueInstant(date, chargeAt, timeZone);
  if (Temporal.Instant.compare(dueAt, now) <= 0)
    return {
      fault: `lies in the past (${dueAt.toString()}): the period before it has lapsed. Write the date after it, once you know who collected that one`,
    };
  const last = addInterval(localDate(now, timeZone), interval, 1);
  if (Temporal.PlainDate.compare(date, last) <= 0) return dueAt;
  return {
    fault: `lies more than a period of the plan ahead, after ${last.toString()}: nothing is charged until then. A wrong year?`,
  };
}
