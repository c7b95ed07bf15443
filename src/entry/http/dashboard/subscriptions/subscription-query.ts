import { z } from 'zod';
import type { Part } from '../../../../flows/views/pages/list-part.ts';
import { subscriptionFilters } from '../../lists/subscription-filters.ts';
import { withoutEmpty } from '../frame/form.ts';

const ROWS = 50;

const asked = z.strictObject({
  ...subscriptionFilters,
  after: z.string().max(1_000).optional(),
  before: z.string().max(1_000).optional(),
  count: z.literal('all').optional(),
  format: z.enum(['csv', 'xlsx']).optional(),
});

/** What stands in the address of the list, by the names of the API: whoever is sent it sees the same. */
export const subscriptionQuery = z.preprocess(withoutEmpty, asked);

export type SubscriptionQuery = z.infer<typeof asked>;

/** The address of the list with this question; without a place in it unless one is said here. */
export function subscriptionsAt({ after, before, count, format, ...rest }: SubscriptionQuery): string {
  const said = Object.entries({ ...rest, after, before, count, format }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return said.length === 0 ? '/subscriptions' : `/subscriptions?${new URLSearchParams(said).toString()}`;
}

export function partOf({ after, before, count }: SubscriptionQuery): Part {
  return { after: after ?? null, before: before ?? null, rows: ROWS, isCounted: count === 'all' };
}

/** The same question from the beginning of the list, without some of what it is narrowed by. */
export function without(query: SubscriptionQuery, ...names: readonly (keyof SubscriptionQuery)[]): SubscriptionQuery {
  const left = new Set<string>(['after', 'before', 'count', 'format', ...names]);
  return Object.fromEntries(Object.entries(query).filter(([name]) => !left.has(name)));
}
