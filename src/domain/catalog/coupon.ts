import type { Currency } from '../money/money.ts';
import type { Amounts } from '../money/spending-limits.ts';
import type { Discount } from '../money/sums.ts';

/** A coupon of the catalog: what it takes off, how often, and who may take it. */
export type Coupon = {
  readonly code: string;
  /** Of what a charge comes to, up to two decimals; null: it takes an amount off. */
  readonly percent: number | null;
  /** Minor units by currency; empty where it is a percentage. */
  readonly amounts: Amounts;
  /** How many paid cycles it takes something off; null: all. */
  readonly cycles: number | null;
  /** How many subscriptions may take it; null: any number. */
  readonly maxUses: number | null;
  readonly perCustomer: number | null;
  /** The plans that it may be taken for; null: all. */
  readonly plans: readonly string[] | null;
  /** References of the customers who may take it; null: all. */
  readonly customers: readonly string[] | null;
  /** The last day on which it may be taken; null: it stays. */
  readonly until: Temporal.PlainDate | null;
};

/** Who wants to take a coupon, and for what. */
export type CouponWish = {
  readonly plan: string;
  readonly currency: Currency;
  /** Null: a customer who is known by Xendit's id only. */
  readonly customerReference: string | null;
  /** In the subscription's zone. */
  readonly today: Temporal.PlainDate;
};

/** Why a coupon cannot be taken, in words that follow the field's name; null when it can, as long as uses of it are left. */
export function couponFault(
  coupons: ReadonlyMap<string, Coupon>,
  code: string,
  { plan, currency, customerReference, today }: CouponWish,
): string | null {
  const coupon = coupons.get(code);
  // Not which ones there are: the message may reach the customer, who would try them.
  if (coupon === undefined) return 'is no coupon of the catalog';
  if (coupon.until !== null && Temporal.PlainDate.compare(today, coupon.until) > 0)
    return `could be taken until ${coupon.until.toString()}`;
  if (coupon.plans !== null && !coupon.plans.includes(plan))
    return `is for ${coupon.plans.join(', ')} and not for ${plan}`;
  if (coupon.customers !== null && (customerReference === null || !coupon.customers.includes(customerReference)))
    return 'is not for this customer';
  return coupon.percent === null && coupon.amounts[currency] === undefined
    ? `takes off ${Object.keys(coupon.amounts).join(' or ')}, and ${plan} costs ${currency}`
    : null;
}

/** What was promised with a coupon when it was taken: no later catalog changes it. As JSON keeps it. */
export type TakenCoupon = {
  readonly code: string;
  readonly percent: number | null;
  /** Minor units of the subscription's currency; null where it is a percentage. */
  readonly amount: string | null;
  /** How many paid cycles it takes something off; null: all. */
  readonly cycles: number | null;
  /** The one that it took the place of in the middle of a period which had that one's discount. */
  readonly before?: TakenCoupon;
};

export function takenCoupon({ code, percent, amounts, cycles }: Coupon, currency: Currency): TakenCoupon {
  return { code, percent, amount: percent === null ? String(amounts[currency] ?? 0n) : null, cycles };
}

/**
 * What a coupon takes off the next charge, `counted` being the charges that carry it and are not given up; null: it has been taken off as often as was promised. A charge that is retried counts once,
 * one that was given up or void does not.
 */
export function couponDiscount(coupon: TakenCoupon, counted: number): Discount | null {
  const { code, percent, amount, cycles } = coupon;
  if (cycles !== null && counted >= cycles) return null;
  if (percent === null) return { text: code, amount: BigInt(amount ?? 0) };
  return {
    text: `${code}, ${percent}% off`,
    percent: { numerator: BigInt(Math.round(percent * 100)), denominator: 10_000n },
  };
}
