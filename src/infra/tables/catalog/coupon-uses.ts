import type { Coupon } from '../../../domain/catalog/coupon.ts';
import { DatabaseError } from '../../database/database-error.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** A subscription that takes a coupon. */
export type CouponUse = {
  readonly coupon: Pick<Coupon, 'code' | 'maxUses' | 'perCustomer'>;
  readonly bucket: number;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly at: Temporal.Instant;
};

/**
 * Takes a use in the statement that writes the subscription, once the part `from` has its row: a use stands for a subscription
 * that took it, and for nothing else. Whoever comes at the same instant waits for the row of the count; the CHECKs hold both mosts.
 */
export function useTaken({ coupon, bucket, subscriptionId, customerId, at }: CouponUse, from: string): Sql[] {
  const { code, maxUses, perCustomer } = coupon;
  const own = sql`u.code = ${code} and u.customer_id = ${customerId}::uuid and u.given_back_at is null`;
  return [
    sql`free as (select n.number
      from generate_series(1, (select count(*)::int + 1 from coupon_uses u where ${own})) as n(number)
      where not exists (select 1 from coupon_uses u where ${own} and u.number = n.number) order by n.number limit 1)`,
    sql`used as (insert into coupon_uses (code, subscription_id, customer_id, number, most, taken_at)
      select ${code}, m.id, ${customerId}::uuid, f.number, ${perCustomer}::int, ${at.toString()}::timestamptz
      from free f cross join ${sql.identifier(from)} m where m.bucket = ${bucket} and m.id = ${subscriptionId}::uuid
      on conflict (code, subscription_id) do update
        set number = excluded.number, most = excluded.most, taken_at = excluded.taken_at, given_back_at = null
        where coupon_uses.given_back_at is not null
      returning code)`,
    sql`counted as (insert into coupon_counts as c (code, used, most) select code, 1, ${maxUses}::int from used
      on conflict (code) do update set used = c.used + 1, most = excluded.most)`,
  ];
}

/** Gives back what a subscription took that never began, in the statement that ends it. */
export function usesGivenBack(bucket: number, subscriptionId: string, now: Temporal.Instant): Sql[] {
  return [
    sql`given as (update coupon_uses u set given_back_at = ${now.toString()}::timestamptz from moved m
      where m.bucket = ${bucket} and m.id = ${subscriptionId}::uuid and u.subscription_id = m.id and u.given_back_at is null
      returning u.code)`,
    sql`uncounted as (update coupon_counts c set used = c.used - g.uses
      from (select code, count(*)::int as uses from given group by code) g where c.code = g.code)`,
  ];
}

/** Whether uses of a coupon are left, at a glance: another may take the last one before it is taken. */
export async function usesLeft(
  db: Database,
  { code, maxUses, perCustomer }: Coupon,
  customerId: string,
): Promise<Left> {
  const [row] = await db.run<{ used: number; own: number }>(sql`
    select coalesce((select used from coupon_counts where code = ${code}), 0) as used,
      (select count(*)::int from coupon_uses
        where code = ${code} and customer_id = ${customerId}::uuid and given_back_at is null) as own`);
  if (maxUses !== null && (row?.used ?? 0) >= maxUses) return 'spent';
  return perCustomer !== null && (row?.own ?? 0) >= perCustomer ? 'spent_by_customer' : 'left';
}

/** Whether a subscription has taken a coupon before, and not given it back. */
export async function hasTaken(db: Database, code: string, subscriptionId: string): Promise<boolean> {
  const [row] = await db.run<{ taken: boolean }>(sql`select exists (select from coupon_uses
    where code = ${code} and subscription_id = ${subscriptionId}::uuid and given_back_at is null) as taken`);
  return row?.taken === true;
}

/** `spent`: as many subscriptions as may took it; `spent_by_customer`: as many of this customer. */
export type Left = 'left' | Spent;
export type Spent = 'spent' | 'spent_by_customer';

/** Why a use could not be taken; `again`: the same customer took another at the same instant. Null: it failed for another reason. */
export function whyNotTaken(error: unknown): Spent | 'again' | null {
  if (!(error instanceof DatabaseError)) return null;
  switch (error.constraint) {
    case 'coupon_counts_within_most':
      return 'spent';
    case 'coupon_uses_within_most':
      return 'spent_by_customer';
    case 'coupon_uses_numbered':
      return 'again';
    default:
      return null;
  }
}
