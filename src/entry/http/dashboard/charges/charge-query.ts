import { z } from 'zod';
import { dayText } from '../../../../domain/calendar/moment-text.ts';
import type { Part } from '../../../../flows/views/pages/charge-list.ts';
import { chargeFilters } from '../../lists/charge-filters.ts';
import { withoutEmpty } from '../frame/form.ts';

const day = z.string().refine(isDay, 'must be a date like 2026-12-31').optional();

const PAGE_SIZES = ['25', '50', '100', '200'] as const;

const asked = z.strictObject({
  ...chargeFilters,
  due_from: day,
  due_to: day,
  paid_from: day,
  paid_to: day,
  planned_from: day,
  planned_to: day,
  all_time: z.literal('yes').optional(),
  after: z.string().max(1_000).optional(),
  before: z.string().max(1_000).optional(),
  rows: z.enum(PAGE_SIZES, `must be ${PAGE_SIZES.join(', ')}`).optional(),
  count: z.literal('all').optional(),
  format: z.enum(['csv', 'xlsx']).optional(),
});

/** What stands in the address of the list, by the names of the API: whoever is sent it sees the same. */
export const chargeQuery = z.preprocess(withoutEmpty, asked);

export type ChargeQuery = z.infer<typeof asked>;
/** What a link to the list says. */
export type ChargeLink = Partial<ChargeQuery>;

/** Where in a list somebody looks, and how: no part of what they ask. */
const OF_A_LOOK: readonly string[] = ['after', 'before', 'rows', 'count', 'format'];

/** What is asked alone, from the beginning of the list, without some of what it is narrowed by. */
export function without(query: ChargeLink, ...names: readonly (keyof ChargeQuery)[]): ChargeLink {
  const left = new Set<string>([...OF_A_LOOK, ...names]);
  return Object.fromEntries(Object.entries(query).filter(([name]) => !left.has(name)));
}

/** The address of the list with this question. */
export function linkTo(query: ChargeLink): string {
  const said = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || (name === 'sort' && value === 'due_at') ? [] : [[name, String(value)]],
  );
  return said.length === 0 ? '/charges' : `/charges?${new URLSearchParams(said).toString()}`;
}

export function partOf({ after, before, rows, count }: ChargeQuery): Part {
  return { after: after ?? null, before: before ?? null, rows: Number(rows ?? 50), isCounted: count === 'all' };
}

export type DueRange = {
  readonly from: Temporal.PlainDate | null;
  readonly to: Temporal.PlainDate | null;
  /** As it follows "charges". */
  readonly words: string;
};

/** The month of today unless the address says otherwise, or names whose charges they are. */
export function rangeOf(query: ChargeLink, today: Temporal.PlainDate): DueRange {
  const { due_from: first, due_to: last, all_time: all } = query;
  const isNamed =
    query.find ??
    query.customer ??
    query.subscription ??
    query.paid_from ??
    query.paid_to ??
    query.planned_from ??
    query.planned_to;
  if (first === undefined && last === undefined) {
    if (all === 'yes' || isNamed !== undefined) return { from: null, to: null, words: 'of all time' };
    return rangeBetween(today.with({ day: 1 }), today.with({ day: today.daysInMonth }));
  }
  return rangeBetween(
    first === undefined ? null : Temporal.PlainDate.from(first),
    last === undefined ? null : Temporal.PlainDate.from(last),
  );
}

function rangeBetween(from: Temporal.PlainDate | null, to: Temporal.PlainDate | null): DueRange {
  return { from, to, words: `due ${daysText(from, to)}` };
}

/** "on 1 Dec 2026", "from 1 Dec 2026 to 31 Dec 2026", "until 31 Dec 2026": two days, both included. */
export function daysText(from: Temporal.PlainDate | null, to: Temporal.PlainDate | null): string {
  if (from === null) return to === null ? 'at any time' : `until ${dayText(to)}`;
  if (to === null) return `since ${dayText(from)}`;
  return from.equals(to) ? `on ${dayText(from)}` : `from ${dayText(from)} to ${dayText(to)}`;
}

/** What is asked of API and file: with the days that the page took for asked. */
export function withRange(query: ChargeQuery, { from, to }: DueRange): ChargeQuery {
  return { ...query, due_from: from?.toString(), due_to: to?.toString() };
}

function isDay(given: string): boolean {
  try {
    const read = /^\d{4}-\d\d-\d\d$/.test(given) ? Temporal.PlainDate.from(given) : null;
    return read !== null && read.year >= 2000 && read.year < 3000;
  } catch {
    return false;
  }
}
