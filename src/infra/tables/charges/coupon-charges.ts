import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';

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
  const rows = await db.run<{
    id: string;
    code: string;
    counted: number;
  }>(sql`select c.subscription_id as id, c.coupon as code,
      count(*)::int as counted
    from charges c
    where ${anyOf('c', 'subscription_id', [...counting.keys()])} and c.coupon is not null and not c.status = any(${givenUp}::text[])
    group by 1, 2`);
  return new Map(rows.filter(({ id, code }) => counting.get(id) === code).map(({ id, counted }) => [id, counted]));
}
