import type { Context } from '../../../context.ts';
import { majorNumber } from '../../../domain/money/money.ts';
import { type PriceCount, priceCounts } from '../../../infra/tables/catalog/price-counts.ts';
import { listVersions, showCatalog, type VersionView } from '../../catalog/show-catalog.ts';

/** What is sold, what those who have it pay, and the versions that there were. */
export type PlansPage = {
  readonly catalog: Awaited<ReturnType<typeof showCatalog>>;
  readonly had: readonly HadAt[];
  readonly versions: readonly VersionView[];
  /** There are older ones than these. */
  readonly isMore: boolean;
};

/** Live subscriptions of a plan whose price is that of one version; major units. */
export type HadAt = Omit<PriceCount, 'prices'> & { readonly prices: readonly number[] };

const NEWEST = 20;

export async function plansPage(ctx: Context): Promise<PlansPage> {
  const catalog = await showCatalog(ctx);
  const { data: versions, isMore } = await listVersions(ctx, null, NEWEST);
  return { catalog, had: (await priceCounts(ctx.db)).map(inMajor), versions, isMore };
}

function inMajor({ prices, currency, ...one }: PriceCount): HadAt {
  const major = prices.map((minor) => majorNumber({ minor: BigInt(minor), currency }));
  return { ...one, currency, prices: major.toSorted((a, b) => a - b) };
}
