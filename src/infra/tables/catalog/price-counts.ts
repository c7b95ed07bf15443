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
  // In two steps: to tell prices apart within each group all subscriptions would be sorted.
  return await db.run<PriceCount>(sql`select plan, version, currency, json_agg(price) as prices, sum(count)::int as count
    from (select s.plan, s.catalog_version as version, s.currency, s.amount / s.quantity as price, count(*) as count
      from subscriptions s where s.status not in ('canceled', 'ended') group by 1, 2, 3, 4) p
    group by 1, 2, 3 order by 1, 2 desc, 3`);
}
