import { z } from 'zod';
import type { Part } from '../../../../flows/views/pages/list-part.ts';
import { chargeFilters } from '../../lists/charge-filters.ts';
import { type Days, dayField, daysOf, daysText, PAGE_SIZES } from '../frame/days.ts';
import { withoutEmpty } from '../frame/form.ts';

const asked = z.strictObject({
  ...chargeFilters,
  due_from: dayField,
  due_to: dayField,
  paid_from: dayField,
  paid_to: dayField,
  planned_from: dayField,
  planned_to: dayField,
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

/** Two days, and how they follow "charges". */
export type DueRange = Days & { readonly words: string };

/** Whoever asks by one of these means charges of whatever days. */
const NAMING = ['find', 'customer', 'subscription', 'paid_from', 'paid_to', 'planned_from', 'planned_to'] as const;

/** The month of today unless the address says otherwise, or names whose charges they are. */
export function rangeOf(query: ChargeLink, today: Temporal.PlainDate): DueRange {
  const isNamed = NAMING.some((field) => query[field] !== undefined);
  const isAll = query.all_time === 'yes' || isNamed;
  const days = daysOf({ first: query.due_from, last: query.due_to, isAll }, today);
  return { ...days, words: days.from === null && days.to === null ? 'of all time' : `due ${daysText(days)}` };
}

/** What is asked of API and file: with the days that the page took for asked. */
export function withRange(query: ChargeQuery, { from, to }: DueRange): ChargeQuery {
  return { ...query, due_from: from?.toString(), due_to: to?.toString() };
}
