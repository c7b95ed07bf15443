import type { Context } from '../../context.ts';
import type { Cycle } from '../../domain/calendar/cycle.ts';
import { cyclesToCharge } from '../../domain/subscriptions/pause.ts';
import { placeOf, scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { afterShift } from '../../domain/subscriptions/shift.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import { couponCounts } from '../../infra/tables/charges/coupon-charges.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ItemRow, NewItem } from '../../infra/tables/schema/item-columns.ts';
import { waitingItems } from '../../infra/tables/subscriptions/items.ts';
import { laterOf } from '../../infra/tables/subscriptions/terms.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';
import { type Made, madeOfLines, type OpenedCycle } from './made-of-lines.ts';
import { followPlan } from './terms/followed-terms.ts';
import { underTermsOf } from './terms/terms-reached.ts';
import { untilLeaving } from './terms/unanswered-price.ts';

/** What a subscription brings to the charges that are to come. */
export type Bringing = {
  readonly subscription: SubscriptionRow;
  /** Agreed for cycles to come. */
  readonly terms: readonly Terms[];
  /** What waits for its next charge. */
  readonly items: readonly ItemRow[];
  /** Paid cycles that its coupon took something off. */
  readonly discounted: number;
  /** Cycles that count for nothing since nobody paid them. */
  readonly unpaid: number;
};

/** A charge that is to come, with what it will be made of if nothing else happens. */
export type ComingCharge = { readonly cycle: Cycle; readonly made: Made; readonly planName: string };

/** The next charges of a subscription, at most so many, as they will be opened: with what waits for them, and what was agreed for later. */
export async function comingCharges(
  ctx: Context,
  { items, discounted, unpaid, ...standing }: Bringing,
  most: number,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  const { subscription, terms } = afterShift(standing.subscription, standing.terms);
  if (subscription.nextCycleAt === null) return [];
  const { terms: followed, asked } = await followPlan(ctx, subscription, terms);
  const agreed = [...terms, ...followed];
  const place = untilLeaving(placeOf(subscription, agreed, unpaid), asked);
  const cycles = cyclesToCharge(scheduleOf(subscription, agreed), place, subscription, most);
  const opened = await Promise.all(
    cycles.map(async (cycle) => ({ ...(await comingCycle(ctx, subscription, agreed, cycle)), unpaid })),
  );
  const { made } = await madeOfLines(ctx, subscription, opened, { items, discounted }, now);
  return opened.flatMap(({ opening, plan, subscription: { plan: id } }, index) => {
    const one = made[index];
    return one === undefined ? [] : [{ cycle: opening.cycle, made: one, planName: plan?.name ?? id }];
  });
}

/** As it would be opened: by the catalog in force, or else the version that the subscription comes from. */
async function comingCycle(
  ctx: Context,
  subscription: SubscriptionRow,
  terms: readonly Terms[],
  cycle: Cycle,
): Promise<Omit<OpenedCycle, 'unpaid'>> {
  const agreed = underTermsOf(subscription, terms, cycle.number);
  const plan =
    ctx.catalog.current.plans.get(agreed.plan) ??
    (await ctx.catalog.version(agreed.catalogVersion)).plans.get(agreed.plan);
  const opening = { cycle, becomes: 'due', missed: false, why: 'the cycle falls due' } as const;
  return { opening, subscription: agreed, plan, askedAt: null };
}

/** A subscription with what it brings, read. */
export async function bringingOf(ctx: Context, subscription: SubscriptionRow): Promise<Bringing> {
  const { id } = subscription;
  const [later, items, counts, unpaid] = await Promise.all([
    laterOf(ctx.db, [subscription]),
    waitingItems(ctx.db, [id]),
    couponCounts(ctx.db, [subscription]),
    unpaidCycles(ctx, [subscription]),
  ]);
  return {
    subscription,
    terms: later.get(id)?.terms ?? [],
    items: items.get(id) ?? [],
    discounted: counts.get(id) ?? 0,
    unpaid: unpaid.get(id) ?? 0,
  };
}

/** An item that is added, as it will be read. */
export function asItem(item: NewItem): ItemRow {
  return { ...item, chargeId: null, withdrawnAt: null };
}
