import { z } from 'zod';
import type { Part } from '../../../../flows/views/pages/list-part.ts';
import { logFilters } from '../../lists/log-filters.ts';
import { type Days, dayField, daysOf, PAGE_SIZES } from '../frame/days.ts';
import { withoutEmpty } from '../frame/form.ts';

const asked = z.strictObject({
  ...logFilters,
  from: dayField,
  to: dayField,
  all_time: z.literal('yes').optional(),
  after: z.string().max(1_000).optional(),
  before: z.string().max(1_000).optional(),
  rows: z.enum(PAGE_SIZES, `must be ${PAGE_SIZES.join(', ')}`).optional(),
  count: z.literal('all').optional(),
  columns: z.literal('all').optional(),
  format: z.enum(['csv', 'xlsx']).optional(),
});

/** What stands in the address of the log, by the names of the API. */
export const logQuery = z.preprocess(withoutEmpty, asked);

export type LogQuery = z.infer<typeof asked>;
export type LogLink = Partial<LogQuery>;

/** Where in the log somebody looks, and how: no part of what they ask. */
const OF_A_LOOK: readonly string[] = ['after', 'before', 'rows', 'count', 'columns', 'format'];

/** What is asked alone, from the beginning of the log, without some of what it is narrowed by. */
export function without(query: LogLink, ...names: readonly (keyof LogQuery)[]): LogLink {
  const left = new Set<string>([...OF_A_LOOK, ...names]);
  return Object.fromEntries(Object.entries(query).filter(([name]) => !left.has(name)));
}

/** The address of the log with this question. */
export function logAt(query: LogLink): string {
  const said = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return said.length === 0 ? '/log' : `/log?${new URLSearchParams(said).toString()}`;
}

export function partOf({ after, before, rows, count }: LogQuery): Part {
  return { after: after ?? null, before: before ?? null, rows: Number(rows ?? 50), isCounted: count === 'all' };
}

/** The month of today unless the address says otherwise, or names what the lines are about. */
export function daysAsked(query: LogLink, today: Temporal.PlainDate): Days {
  const isNamed = query.find !== undefined || query.customer !== undefined;
  return daysOf({ first: query.from, last: query.to, isAll: query.all_time === 'yes' || isNamed }, today);
}
