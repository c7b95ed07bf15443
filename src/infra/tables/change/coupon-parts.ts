import type { Sql } from '../../database/sql.ts';
import { type CouponUse, usesGivenBack, useTaken } from '../catalog/coupon-uses.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';

/** A change as far as it counts a coupon. */
type Counting = {
  readonly seen: Pick<SubscriptionRow, 'bucket' | 'id'>;
  readonly couponGivenBack?: Temporal.Instant;
  readonly couponTaken?: CouponUse;
};

/** The parts of the statement that count a coupon: a change takes one, or gives back the one that it took. */
export function couponParts({ seen, couponGivenBack: at, couponTaken: use }: Counting): Sql[] {
  return [
    ...(at === undefined ? [] : usesGivenBack(seen.bucket, seen.id, at)),
    ...(use === undefined ? [] : useTaken(use, 'moved')),
  ];
}

/**
 * A coupon is counted in one row, which a statement can write once: each change that takes one has a statement of its own. Only a person
 * cancels what never began, so none gives two back.
 */
export function eachTaking<T extends Counting>(changes: readonly T[]): readonly (readonly T[])[] {
  const taking = changes.filter(({ couponTaken }) => couponTaken !== undefined);
  if (taking.length === 0) return [changes];
  const others = changes.filter(({ couponTaken }) => couponTaken === undefined);
  return [...(others.length === 0 ? [] : [others]), ...taking.map((change) => [change])];
}
