import type { Coupon } from '../../domain/catalog/coupon.ts';
import { amountsFrom } from './catalog-plans.ts';
import type { CatalogFields } from './catalog-schema.ts';

type CouponFields = NonNullable<CatalogFields['coupons']>[string];

/** The coupons by code. The fields have passed the schema and the cross checks. */
export function couponsFrom(fields: CatalogFields): ReadonlyMap<string, Coupon> {
  return new Map(Object.entries(fields.coupons ?? {}).map(([code, coupon]) => [code, couponFrom(code, coupon)]));
}

function couponFrom(code: string, coupon: CouponFields): Coupon {
  return {
    code,
    percent: coupon.percent ?? null,
    amounts: amountsFrom(coupon.amount),
    cycles: coupon.cycles === 'for_ever' ? null : coupon.cycles,
    maxUses: coupon.max_uses ?? null,
    perCustomer: coupon.per_customer ?? null,
    plans: coupon.plans ?? null,
    customers: coupon.customers ?? null,
    until: coupon.until ?? null,
  };
}
