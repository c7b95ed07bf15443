import { and, count, inArray, isNotNull, not } from 'drizzle-orm';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import { charges } from '../schema/charges.ts';

/** Nobody paid for what became of these, so their discount was had by nobody. */
const givenUp: readonly ChargeStatus[] = ['void', 'uncollectible'];

type WithCoupon = Pick<SubscriptionRow, 'id' | 'coupon'>;

/** How many charges of each subscription carry its coupon and are not given up, by its id; read only where that matters. */
export async function couponCounts(
  db: Database,
  subscriptions: readonly WithCoupon[],
): Promise<ReadonlyMap<string, number>> {
  const counting = new Map(
    subscriptions.flatMap(({ id, coupon }) =>
      coupon === null || coupon.cycles === null ? [] : [[id, coupon.code] as const],
    ),
  );
  if (counting.size === 0) return new Map();
  const rows = await db.drizzle
    .select({ id: charges.subscriptionId, code: charges.coupon, counted: count() })
    .from(charges)
    .where(
      and(
        anyOf('charges', 'subscription_id', [...counting.keys()]),
        isNotNull(charges.coupon),
        not(inArray(charges.status, givenUp)),
      ),
    )
    .groupBy(charges.subscriptionId, charges.coupon);
  return new Map(rows.filter(({ id, code }) => counting.get(id) === code).map(({ id, counted }) => [id, counted]));
}
