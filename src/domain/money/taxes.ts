import type { LineTax } from './lines.ts';
import { type Ratio, shareOf, type WrittenRatio } from './ratios.ts';

/** How much a tax is. `of`: the share of the base that is taxed; null: all of it. */
type Rate = { readonly rate: WrittenRatio; readonly of: WrittenRatio | null };

/** How much it is from a day on. */
export type TaxRate = Rate & { readonly from: Temporal.PlainDate };

export type Tax = {
  readonly name: string;
  /** Inside of prices, or added to them. */
  readonly included: boolean;
  /** Oldest first. */
  readonly rates: readonly TaxRate[];
};

/** A tax as it is on one day. */
export type DayTax = Rate & { readonly name: string; readonly included: boolean };

/** The tax as it is on that day; null before its first rate. */
export function taxOn({ name, included, rates }: Tax, day: Temporal.PlainDate): DayTax | null {
  const inForce = rates.findLast(({ from }) => Temporal.PlainDate.compare(from, day) <= 0);
  return inForce === undefined ? null : { name, included, rate: inForce.rate, of: inForce.of };
}

/**
 * The tax of an amount. Included: base = amount / (1 + rate x of), the part that is taxed and the tax of it, each half up; the amount
 * stands, and the base is what is left of it. Added: the amount is the base.
 */
export function taxOf(tax: DayTax, amount: bigint): LineTax {
  const { name, included, rate, of } = tax;
  const whole = included ? netOf(tax, amount) : amount;
  const part = of === null ? whole : shareOf(whole, of);
  const due = shareOf(part, rate);
  return {
    name,
    rate: rate.text,
    of: of?.text ?? null,
    base: included ? amount - due : amount,
    part: of === null ? null : part,
    amount: due,
    included,
  };
}

/** Whether base and tax of an included tax, each rounded by itself, add up to the price. Of an added one they always do. */
export function closes(tax: DayTax, price: bigint): boolean {
  return !tax.included || netOf(tax, price) === taxOf(tax, price).base;
}

/** More prices in a row than ever fail to close. */
const LOOKED_AT = 1_000n;

/** The nearest prices below and above whose base and tax add up; null where there is none. */
export function nearestThatClose(
  tax: DayTax,
  price: bigint,
): { readonly below: bigint | null; readonly above: bigint | null } {
  const nearest = (step: bigint) => {
    for (let far = 1n; far <= LOOKED_AT; far += 1n) {
      const other = price + step * far;
      if (other > 0n && closes(tax, other)) return other;
    }
    return null;
  };
  return { below: nearest(-1n), above: nearest(1n) };
}

/** amount / (1 + rate x of), half up. */
function netOf({ rate, of }: DayTax, amount: bigint): bigint {
  const taxed = of === null ? rate : product(rate, of);
  return shareOf(amount, { numerator: taxed.denominator, denominator: taxed.denominator + taxed.numerator });
}

function product(a: Ratio, b: Ratio): Ratio {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}
