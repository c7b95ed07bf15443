import { cyclesDue } from '../calendar/coming-cycles.ts';
import { cycleStart, type Place, type Schedule } from '../calendar/cycle.ts';
import type { Plan } from '../catalog/plan.ts';
import { perMonth } from '../money/per-month.ts';
import { holdingTerms, type Purchase, type Rhythm, type Terms, termsOf } from './terms.ts';

/** A plan in the catalog version that terms came from, and in the one in force; undefined: that one has none of this name. */
export type Sold = { readonly then: Plan | undefined; readonly now: Plan | undefined };

/** Why terms stay as they were agreed although their plan is sold otherwise now. */
export type KeptFor = 'new_only' | 'own_terms' | 'removed' | 'currency' | 'country';

export type Following = 'as_sold' | 'follows' | KeptFor;

type Bought = Pick<Purchase, 'unitAmount' | 'currency'> & Pick<Rhythm, 'intervalCount' | 'intervalUnit'>;

/**
 * Whether what was agreed follows its plan. It does where it was the plan's price and interval when it was agreed, and the plan says
 * `price_change: next_cycle`: what somebody agreed for themselves alone is theirs, whatever the plan costs.
 */
export function followingOf(agreed: Bought, country: string, { then, now }: Sold): Following {
  if (now === undefined) return 'removed';
  if (now.price.currency !== agreed.currency) return 'currency';
  if (now.country !== country) return 'country';
  if (isAsSold(agreed, now)) return 'as_sold';
  if (then === undefined || !isAsSold(agreed, then)) return 'own_terms';
  return now.priceChange === 'next_cycle' ? 'follows' : 'new_only';
}

/** Whether this is the plan's price and interval. */
export function isAsSold(agreed: Bought, plan: Plan): boolean {
  const { unitAmount, currency } = agreed;
  return unitAmount === plan.price.minor && currency === plan.price.currency && isSameInterval(agreed, plan);
}

/** Whether the cycles of what was agreed lie as far apart as the plan's do. */
export function isSameInterval(
  { intervalCount, intervalUnit }: Pick<Bought, 'intervalCount' | 'intervalUnit'>,
  { interval }: Plan,
): boolean {
  return intervalCount === interval.count && intervalUnit === interval.unit;
}

/** Whether a plan costs the same in two versions. */
export function isSoldAlike({ price, interval }: Plan, other: Plan): boolean {
  const { count: intervalCount, unit: intervalUnit } = interval;
  return isAsSold({ unitAmount: price.minor, currency: price.currency, intervalCount, intervalUnit }, other);
}

/** The plan's price and interval in the place of what was agreed, from the same cycle on. */
export function soldTerms(agreed: Terms, plan: Plan, version: number, schedule: Schedule): Terms {
  const { count, unit } = plan.interval;
  return {
    ...agreed,
    ...(!isSameInterval(agreed, plan) && {
      anchor: cycleStart(schedule, agreed.fromCycle),
      anchorCycle: agreed.fromCycle,
      intervalCount: count,
      intervalUnit: unit,
    }),
    catalogVersion: version,
    unitAmount: plan.price.minor,
    amount: plan.price.minor * BigInt(agreed.quantity),
  };
}

/** More cycles than fall due before anybody opens them. */
const MOST_CYCLES = 1_000;

/**
 * The first cycle that another version of the catalog may set terms for: the first that falls due after it came in force, and never the
 * one that a customer agreed to when they saved their method.
 */
export function firstToFollow(schedule: Schedule, place: Place, since: Temporal.Instant | null): number {
  const before = since === null ? 0 : cyclesDue(schedule, place, since, MOST_CYCLES).due.length;
  return Math.max(1, place.next + before);
}

/** What holds from a cycle on, each from the first cycle that it still holds for. `inForce`: where nothing was agreed for later. */
export function holdingFrom(inForce: Terms, later: readonly Terms[], from: number): readonly Terms[] {
  const base = termsOf(later, from) ?? inForce;
  return [{ ...base, fromCycle: from }, ...holdingTerms(later).filter(({ fromCycle }) => fromCycle > from)];
}

/** Whether the plan costs more than was agreed: in a month, or each time. */
export function isDearer(agreed: Omit<Bought, 'currency'>, plan: Plan): boolean {
  const { intervalCount: count, intervalUnit: unit, unitAmount } = agreed;
  const month = perMonth(unitAmount, { count, unit });
  return plan.price.minor > unitAmount || perMonth(plan.price.minor, plan.interval) > month;
}
