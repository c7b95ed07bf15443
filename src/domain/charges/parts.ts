import { type StoredLine, storedLine } from '../money/lines.ts';
import type { Money } from '../money/money.ts';
import type { BareLine, Sums } from '../money/sums.ts';

/** What a charge is made of, in the columns of its row; whole minor units. */
export type Parts = {
  readonly amount: bigint;
  readonly lines: readonly StoredLine[] | null;
  readonly subtotal: bigint | null;
  readonly discount: bigint;
  readonly taxIncluded: bigint;
  readonly taxAdded: bigint;
  readonly creditUsed: bigint;
};

export function partsOf({ lines, subtotal, discount, taxIncluded, taxAdded, creditUsed, amount }: Sums): Parts {
  return { amount, lines: lines.map(storedLine), subtotal, discount, taxIncluded, taxAdded, creditUsed };
}

/** What a subscription pays for a cycle: so many of its plan, each at the same price. */
export type CyclePrice = { readonly amount: bigint; readonly quantity: number };

/** The line of a cycle's plan. */
export function planLine(text: string, price: CyclePrice, period: BareLine['period']): BareLine {
  const { amount, quantity } = price;
  return { kind: 'plan', text, quantity, unitAmount: amount / BigInt(quantity), amount, period, discounted: true };
}

/** The names are those of the item's row. */
export type ItemStanding = Omit<BareLine, 'period'> & {
  readonly periodStart: Temporal.PlainDate | null;
  readonly periodEnd: Temporal.PlainDate | null;
};

/** The line that a waiting item becomes. */
export function itemLine(item: ItemStanding): BareLine {
  const { kind, text, quantity, unitAmount, amount, discounted, periodStart, periodEnd } = item;
  const period = periodStart === null || periodEnd === null ? null : { start: periodStart, end: periodEnd };
  return { kind, text, quantity, unitAmount, amount, discounted, period };
}

/** The text of what was too little to be paid, and is a line of the charge after it. */
export const CARRIED = 'carried from the charge before';

/** The set-up fee, which waits for the first charge. */
export function setupLine({ minor }: Money): ItemStanding {
  return {
    kind: 'setup',
    text: 'Set-up fee',
    quantity: 1,
    unitAmount: minor,
    amount: minor,
    periodStart: null,
    periodEnd: null,
    discounted: true,
  };
}
