import type { Context } from '../../context.ts';
import type { Ahead } from '../../domain/calendar/coming-cycles.ts';
import type { Cycle } from '../../domain/calendar/cycle.ts';
import type { Opening } from '../../domain/dunning/missed-cycles.ts';
import { cyclesToCharge } from '../../domain/subscriptions/pause.ts';
import { placeOf, scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { afterShift } from '../../domain/subscriptions/shift.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import { couponCounts } from '../../infra/tables/charges/coupon-charges.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ItemRow, NewItem } from '../../infra/tables/schema/item-columns.ts';
import type { ChangeRow } from '../../infra/tables/schema/terms-columns.ts';
import { waitingItems } from '../../infra/tables/subscriptions/items.ts';
import { laterOf, NOTHING_LATER } from '../../infra/tables/subscriptions/terms.ts';
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
  /** The change that lies ahead, whose terms are among these; null: none does. */
  readonly planned: ChangeRow | null;
  /** What waits for its next charge. */
  readonly items: readonly ItemRow[];
  /** Paid cycles that its coupon took something off. */
  readonly discounted: number;
  /** Cycles that count for nothing since nobody paid them; null: each cycle counts. */
  readonly unpaid: number | null;
};

/** A charge that is to come, with what it will be made of if nothing else happens. */
export type ComingCharge = {
  readonly cycle: Cycle;
  readonly made: Made;
  readonly planName: string;
  /** Whether the catalog in force has its plan, or else the version that it was agreed by. */
  readonly isSold: boolean;
};

/** The next charges of a subscription, as they will be opened: with what waits for them, and what was agreed for later. */
export async function comingCharges(
  ctx: Context,
  bringing: Bringing,
  ahead: Ahead,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  return (await chargesWithRest(ctx, bringing, ahead, now)).charges;
}

/** The same, with what waits after the last of them: what that one was too little to ask for. */
export async function chargesWithRest(
  ctx: Context,
  { items, discounted, unpaid, ...standing }: Bringing,
  ahead: Ahead,
  now: Temporal.Instant,
): Promise<{ readonly charges: readonly ComingCharge[]; readonly waiting: readonly ItemRow[] }> {
  const { subscription, terms } = afterShift(standing.subscription, standing.terms);
  if (subscription.nextCycleAt === null) return { charges: [], waiting: items };
  const { terms: followed, asked } = await followPlan(ctx, subscription, terms);
  const agreed = [...terms, ...followed];
  const place = untilLeaving(placeOf(subscription, agreed, unpaid), asked);
  const toCharge = cyclesToCharge(scheduleOf(subscription, agreed), place, subscription, ahead);
  const openings = [
    ...(toCharge.owed === null ? [] : [{ ...OWED, cycle: toCharge.owed.cycle }]),
    ...toCharge.cycles.map((cycle) => ({ ...FALLS_DUE, cycle })),
  ];
  const unpaidThen = (unpaid ?? 0) + toCharge.unpaid;
  const opened = await Promise.all(
    openings.map(async (opening) => ({
      ...(await comingCycle(ctx, subscription, agreed, opening)),
      unpaid: unpaidThen,
    })),
  );
  const { made, taken } = await madeOfLines(ctx, subscription, opened, { items, discounted }, now);
  const charges = opened.flatMap(({ opening, plan, subscription: { plan: id } }, index) => {
    const one = made[index];
    if (one === undefined) return [];
    const cycle = index === 0 && toCharge.owed !== null ? { ...opening.cycle, dueAt: toCharge.owed.at } : opening.cycle;
    return [{ cycle, made: one, planName: plan?.name ?? id, isSold: plan !== undefined }];
  });
  const isTaken = opened.some(({ opening }) => opening.becomes !== 'void');
  return { charges, waiting: isTaken ? taken.addedItems.map(asItem) : items };
}

const FALLS_DUE = { becomes: 'due', missed: false, why: 'the cycle falls due' } as const;
/** Opened in a pause: it took nothing of what waited, and has no discount, when it is charged after all. */
const OWED = { becomes: 'void', missed: false, why: 'its period runs when the pause ends' } as const;

/** As it would be opened: by the catalog in force, or else the version that the subscription comes from. */
async function comingCycle(
  ctx: Context,
  subscription: SubscriptionRow,
  terms: readonly Terms[],
  opening: Opening,
): Promise<Omit<OpenedCycle, 'unpaid'>> {
  const agreed = underTermsOf(subscription, terms, opening.cycle.number);
  const plan =
    ctx.catalog.current.plans.get(agreed.plan) ??
    (await ctx.catalog.version(agreed.catalogVersion)).plans.get(agreed.plan);
  return { opening, subscription: agreed, plan, askedAt: null };
}

/** A subscription with what it brings, read. */
export async function bringingOf(ctx: Context, subscription: SubscriptionRow): Promise<Bringing> {
  const read = await broughtBy(ctx, [subscription]);
  return read(subscription);
}

/** What many subscriptions bring, read together. Of those that bring nothing nothing is read. */
export async function broughtBy(
  ctx: Context,
  subscriptions: readonly SubscriptionRow[],
): Promise<(subscription: SubscriptionRow) => Bringing> {
  const waiting = subscriptions.filter((subscription) => subscription.waitingItems > 0).map(({ id }) => id);
  const [later, items, counts, unpaid] = await Promise.all([
    laterOf(ctx.db, subscriptions),
    waitingItems(ctx.db, waiting),
    couponCounts(ctx.db, subscriptions),
    unpaidCycles(ctx, subscriptions),
  ]);
  return (subscription) => ({
    subscription,
    ...(later.get(subscription.id) ?? NOTHING_LATER),
    items: items.get(subscription.id) ?? [],
    discounted: counts.get(subscription.id) ?? 0,
    unpaid: unpaid.get(subscription.id) ?? null,
  });
}

/** An item that is added, as it will be read. */
export function asItem(item: NewItem): ItemRow {
  return { ...item, chargeId: null, withdrawnAt: null };
}
