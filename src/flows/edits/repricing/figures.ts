import { type Currency, majorNumber } from '../../../domain/money/money.ts';
import { perMonth } from '../../../domain/money/per-month.ts';
import { type ItemState, itemStates } from '../../../domain/subscriptions/repricing/repricing.ts';
import type { Terms } from '../../../domain/subscriptions/terms.ts';

/** A subscription of a repricing as it is told. */
export type ToldItem = {
  readonly id: string;
  readonly reference: string;
  readonly state: ItemState;
  readonly why: string;
  readonly terms: { readonly before: Terms; readonly after: Terms } | null;
};

export type Figures = ReturnType<typeof figuresOf>;

/** What a repricing comes to: how many of each state with why, and what those who are moved are asked for in a month. */
export function figuresOf(items: readonly ToldItem[]) {
  const moved = items.filter(({ state }) => state === 'done').flatMap(({ terms }) => (terms === null ? [] : [terms]));
  return {
    subscriptions: items.length,
    by_state: countsOf(items.map(({ state }) => ({ state, count: 1 }))),
    why: whysOf(items),
    monthly: [...Map.groupBy(moved, ({ after }) => after.currency)].map(([currency, some]) => ({
      currency,
      before: monthly(
        some.map(({ before }) => before),
        currency,
      ),
      after: monthly(
        some.map(({ after }) => after),
        currency,
      ),
    })),
  };
}

/** How many there are of each state; those of which there is none too. */
export function countsOf(
  counted: readonly { readonly state: ItemState; readonly count: number }[],
): Record<ItemState, number> {
  const sums = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<ItemState, number>;
  for (const { state, count } of counted) sums[state] += count;
  return sums;
}

/** Why some are left as they are, the most frequent reason first. */
function whysOf(items: readonly ToldItem[]) {
  const left = items.filter(({ state }) => state !== 'done');
  return [...Map.groupBy(left, ({ state, why }) => `${state}: ${why}`).values()]
    .flatMap((some) => (some[0] === undefined ? [] : [{ state: some[0].state, why: some[0].why, count: some.length }]))
    .toSorted((a, b) => b.count - a.count || (a.why < b.why ? -1 : 1));
}

/** In major units, before tax, discounts and credit. */
function monthly(terms: readonly Terms[], currency: Currency): number {
  const minor = terms.reduce(
    (sum, { amount, intervalCount: count, intervalUnit: unit }) => sum + perMonth(amount, { count, unit }),
    0n,
  );
  return majorNumber({ minor, currency });
}
