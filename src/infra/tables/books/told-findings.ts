import type { FindingKind } from '../../../domain/books/finding.ts';
import type { Currency } from '../../../domain/money/money.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** What our books and Xendit's disagree about, with the names of what it is about. */
export type ToldFinding = {
  readonly kind: FindingKind;
  readonly reference: string;
  readonly subscriptionId: string;
  /** Null: our books have no such subscription. */
  readonly subscription: string | null;
  readonly chargeId: string | null;
  readonly cycle: number | null;
  readonly amount: bigint | null;
  readonly currency: Currency | null;
  readonly why: string;
  readonly foundAt: string;
  /** The refund that is lost from sight; null: it is about none. */
  readonly refundId: string | null;
};

/** What stands open, oldest first; of some kinds only, or of all. */
export async function toldFindings(
  db: Database,
  kinds: readonly FindingKind[] | null,
  most: number,
): Promise<readonly ToldFinding[]> {
  const asked = kinds === null ? sql`true` : sql`f.kind = any(${kinds}::text[])`;
  const rows = await db.run<Omit<ToldFinding, 'amount'> & { readonly amount: string | null }>(sql`select f.kind,
      f.reference, f.subscription_id as "subscriptionId", s.reference_id as subscription, f.charge_id as "chargeId", c.cycle,
      f.amount::text, f.currency, f.why, to_char(f.found_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "foundAt",
      r.id as "refundId"
    from (select * from findings f where f.closed_at is null and ${asked} order by f.found_at, f.bucket, f.reference
      limit ${most}::int) f
    left join subscriptions s on s.bucket = f.bucket and s.id = f.subscription_id
    left join charges c on c.bucket = f.bucket and c.id = f.charge_id
    left join refunds r on f.kind = 'unknown_refund' and r.bucket = f.bucket and r.reference_id = f.reference order by f.found_at, f.bucket, f.reference`);
  return rows.map((row) => ({ ...row, amount: row.amount === null ? null : BigInt(row.amount) }));
}

/** How many stand open of each kind, of so many at most. */
export async function findingCounts(
  db: Database,
  most: number,
): Promise<readonly { readonly kind: FindingKind; readonly count: number }[]> {
  return await db.run(sql`select kind, count(*)::int as count
    from (select kind from findings where closed_at is null limit ${most}::int) f group by 1`);
}
