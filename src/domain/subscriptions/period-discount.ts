import { couponDiscount, type TakenCoupon } from '../catalog/coupon.ts';
import { CARRIED } from '../charges/parts.ts';
import type { StoredLine } from '../money/lines.ts';
import { shareOf, spread } from '../money/ratios.ts';
import type { Discount } from '../money/sums.ts';

/** The charge of a period, as far as something was taken off it; the names are those of its row. */
type Discounted = {
  readonly coupon: string | null;
  readonly discount: bigint;
  readonly lines: readonly StoredLine[] | null;
};

/**
 * What was taken off the plan of a period: the share that was promised, or of an amount the part that fell on the plan. Days of that
 * period are given back and asked for with the same discount, so that nobody gets back what nobody paid. Null: nothing was.
 */
export function periodDiscount(
  { coupon: code, discount, lines }: Discounted,
  coupon: TakenCoupon | null,
): Discount | null {
  if (code === null) return null;
  const taken = takenAs(code, coupon);
  const promised = taken === null ? { text: code, amount: discount } : couponDiscount({ ...taken, cycles: null }, 0);
  return promised === null || 'percent' in promised
    ? promised
    : { ...promised, amount: onPlan(promised.amount, lines) };
}

/** The coupon of this code, or the one of it whose place another took. */
function takenAs(code: string, coupon: TakenCoupon | null): TakenCoupon | null {
  if (coupon === null || coupon.code === code) return coupon;
  return takenAs(code, coupon.before ?? null);
}

/** The part of an amount that fell on the plan, as it was spread over all lines that had it. */
function onPlan(amount: bigint, lines: readonly StoredLine[] | null): bigint {
  const weights = (lines ?? []).filter(hadDiscount).map((line) => BigInt(line.amount));
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  return weights.length === 0 || amount >= whole ? amount : (spread(amount, weights)[0] ?? amount);
}

/** The plan's own line, which is the first, the set-up fee and items; not the days of a change, nor what was carried. */
function hadDiscount({ kind, text, amount }: StoredLine, index: number): boolean {
  if (amount <= 0) return false;
  return index === 0 || kind === 'setup' || (kind === 'item' && text !== CARRIED);
}

/** A price with that discount. */
export function lessDiscount(amount: bigint, discount: Discount | null): bigint {
  if (discount === null) return amount;
  const off = 'percent' in discount ? shareOf(amount, discount.percent) : discount.amount;
  return off > amount ? 0n : amount - off;
}
