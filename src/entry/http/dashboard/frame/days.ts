import { z } from 'zod';
import { dayText } from '../../../../domain/calendar/moment-text.ts';

/** In the address of a page: a day, in the zone of the catalog's defaults. */
export const dayField = z.string().refine(isDay, 'must be a date like 2026-12-31').optional();

/** So many rows a page of a list may have. */
export const PAGE_SIZES = ['25', '50', '100', '200'] as const;

/** Two days, both included; null: without an end. */
export type Days = { readonly from: Temporal.PlainDate | null; readonly to: Temporal.PlainDate | null };

type Said = { readonly first: string | undefined; readonly last: string | undefined; readonly isAll: boolean };

/** The month of today, unless days were said, or all time was. */
export function daysOf({ first, last, isAll }: Said, today: Temporal.PlainDate): Days {
  if (first !== undefined || last !== undefined) return { from: dayOf(first), to: dayOf(last) };
  return isAll
    ? { from: null, to: null }
    : { from: today.with({ day: 1 }), to: today.with({ day: today.daysInMonth }) };
}

function dayOf(text: string | undefined): Temporal.PlainDate | null {
  return text === undefined ? null : Temporal.PlainDate.from(text);
}

/** "on 1 Dec 2026", "from 1 Dec 2026 to 31 Dec 2026", "until 31 Dec 2026". */
export function daysText({ from, to }: Days): string {
  if (from === null) return to === null ? 'at any time' : `until ${dayText(to)}`;
  if (to === null) return `since ${dayText(from)}`;
  return from.equals(to) ? `on ${dayText(from)}` : `from ${dayText(from)} to ${dayText(to)}`;
}

function isDay(given: string): boolean {
  try {
    const read = /^\d{4}-\d\d-\d\d$/.test(given) ? Temporal.PlainDate.from(given) : null;
    return read !== null && read.year >= 2000 && read.year < 3000;
  } catch {
    return false;
  }
}
