import type { Context } from '../../context.ts';
import type { Catalog, Plan } from '../../domain/catalog/plan.ts';
import { followingOf, isDearer, isSoldAlike } from '../../domain/subscriptions/followed-terms.ts';
import { LEAD_DAYS } from '../../domain/subscriptions/price-notice.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { storedVersions } from '../../infra/tables/catalog/catalog-versions.ts';
import { repricingTargets } from '../../infra/tables/catalog/repricings.ts';
import {
  countWithoutNotice,
  type OldPrice,
  type Owing,
  type ToldBy,
} from '../../infra/tables/subscriptions/owed-notices.ts';
import { soldTo } from '../catalog/sold-to.ts';

type Looking = Pick<Context, 'db' | 'catalog'>;

/** Whom the catalog in force, or a repricing, has told of a higher price before it is charged; null: nobody, and nothing is looked for. */
export async function owingNotices(ctx: Looking): Promise<Owing | null> {
  const coming = (await comingPrices(ctx)).filter(({ plan }) => plan.noticeDays !== null);
  if (coming.length === 0) return null;
  const prices: OldPrice[] = [];
  const toldBy: ToldBy[] = [];
  for (const version of await storedVersions(ctx.db)) {
    const sold = await plansOf(ctx, version);
    for (const { plan, target } of coming) {
      const then = sold?.get(plan.id);
      if (then === undefined) continue;
      if (isSoldAlike(then, plan)) toldBy.push({ plan: plan.id, target, subject: String(version) });
      else prices.push(...oldPrice(then, plan, version).map((price) => ({ ...price, target })));
    }
  }
  return prices.length === 0 ? null : { prices, toldBy };
}

type ComingPrice = Pick<OldPrice, 'target'> & { readonly plan: Plan };

/** What the plans cost for those who come to the price in force, and for those whom a repricing moves. */
async function comingPrices(ctx: Looking): Promise<readonly ComingPrice[]> {
  const inForce = [...ctx.catalog.current.plans.values()].map((plan) => ({ plan, target: null }));
  const repriced: ComingPrice[] = [];
  for (const { plan, toVersion } of await repricingTargets(ctx.db)) {
    const sold = await soldTo(ctx, { number: 0, plan, version: toVersion }, plan);
    if (sold !== null) repriced.push({ plan: sold.plan, target: toVersion });
  }
  return [...inForce, ...repriced];
}

/** So many days before a cycle falls due it may be told that a notice is owed. */
export function toldAhead({ plans }: Catalog): readonly number[] {
  const days = [...plans.values()].flatMap(({ noticeDays }) => (noticeDays === null ? [] : [noticeDays + LEAD_DAYS]));
  return [...new Set(days)];
}

/** How many customers are to be told of a higher price; `repricing`: of those whom that one has moved, null: of all. */
export async function countOwed(ctx: Looking, repricing: number | null = null): Promise<number> {
  const owing = await owingNotices(ctx);
  return owing === null ? 0 : await countWithoutNotice(ctx.db, owing, repricing);
}

/** A version that can no longer be read sells nothing that could be compared. */
async function plansOf({ catalog }: Looking, version: number): Promise<ReadonlyMap<string, Plan> | null> {
  try {
    return (await catalog.version(version)).plans;
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    return null;
  }
}

function oldPrice(then: Plan, now: Plan, version: number): readonly Omit<OldPrice, 'target'>[] {
  const { price, interval, country } = then;
  const bought = {
    unitAmount: price.minor,
    currency: price.currency,
    intervalCount: interval.count,
    intervalUnit: interval.unit,
  };
  if (followingOf(bought, country, { then, now }) !== 'follows' || !isDearer(bought, now)) return [];
  return [
    {
      plan: now.id,
      version,
      unit_amount: price.minor,
      currency: price.currency,
      country,
      interval_count: interval.count,
      interval_unit: interval.unit,
      days: (now.noticeDays ?? 0) + LEAD_DAYS,
    },
  ];
}
