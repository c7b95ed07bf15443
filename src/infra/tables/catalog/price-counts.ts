import type { Currency } from '../../../domain/money/money.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** How many live subscriptions have a plan at the price of a version. */
export type PriceCount = {
  readonly plan: string;
  readonly version: number;
  readonly currency: Currency;
  /** The prices of one of it, in minor units: that of the version, and those that were agreed with some. */
  readonly prices: readonly number[];
  readonly count: number;
};

/** Of every plan and version that somebody has, the newest version first. */
export async function priceCounts(db: Database): Promise<readonly PriceCount[]> {
  return await db.run<PriceCount>(sql`select s.plan, s.catalog_version as version, s.currency,
      json_agg(distinct s.amount / s.quantity) as prices, count(*)::int as count
    from subscriptions s where s.status not in ('canceled', 'ended')
    group by 1, 2, 3 order by 1, 2 desc, 3`);
}
