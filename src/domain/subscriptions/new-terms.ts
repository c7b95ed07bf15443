import { type Cycle, cycleAt, cycleStart, dueInstant, localDate, type Schedule, wholeDays } from '../calendar/cycle.ts';
import { addInterval } from '../calendar/interval.ts';
import type { TakenCoupon } from '../catalog/coupon.ts';
import type { Discount } from '../money/sums.ts';
import { lessDiscount } from './period-discount.ts';
import { type ProratedLine, prorationLines } from './proration.ts';
import { type Purchase, type Rhythm, scheduleUnder, type Terms, termsOf } from './terms.ts';

type Interval = Pick<Rhythm, 'intervalCount' | 'intervalUnit'>;

/** What is to be different; null: it stays as it is. */
export type Wanted = {
  readonly purchase: Purchase | null;
  /** Of another plan: how far apart its cycles lie, and how many of them there are. */
  readonly plan: (Interval & { readonly endsAfter: number | null }) | null;
  readonly timeZone: string | null;
  readonly chargeAt: string | null;
  /** The first day of the next period, from which all others are counted. */
  readonly anchor: Temporal.PlainDate | null;
  /** The coupon that it takes; left out, or null: none. */
  readonly coupon?: TakenCoupon | null;
};

/** From when on: at once, with the next period, or from a day that is to come. */
export type FromWhen = 'now' | 'period_end' | Temporal.PlainDate;

/** A subscription as far as its terms go: those in force, and those that were agreed for later, but for what a new change replaces. */
export type InForce = Rhythm &
  Purchase & {
    readonly nextCycle: number;
    readonly nextCycleAt: Temporal.Instant | null;
    readonly endsAfter: number | null;
    readonly later: readonly Terms[];
  };

/** What a change comes to. */
export type NewTerms = {
  readonly terms: Omit<Terms, 'number'>;
  /** The terms that would hold without it. */
  readonly before: Rhythm & Purchase;
  /** The first day of the new terms. */
  readonly on: Temporal.PlainDate;
  /** `now`; `with_cycle`: when its first cycle falls due; else on a day in the middle of a period. */
  readonly applies: 'now' | 'with_cycle' | Temporal.Instant;
  /** The period that the change divides; null: it lies between two, or none runs yet. */
  readonly divides: Cycle | null;
  /** The days of a whole period before the change, and of a whole one after it. */
  readonly days: { readonly before: number; readonly after: number };
  readonly nextStartsOn: Temporal.PlainDate;
  /** When the next cycle falls due. */
  readonly nextCycleAt: Temporal.Instant | null;
};

/** The terms that a change leads to. Numbers of cycles only grow: none is made, lost or repeated by it (invariant 11). */
export function newTerms(inForce: InForce, wanted: Wanted, when: FromWhen, now: Temporal.Instant): NewTerms {
  const schedule = scheduleUnder(inForce, inForce.later);
  const { fromCycle, on, applies } = whenFrom(inForce, schedule, when, now);
  const base = termsOf(inForce.later, fromCycle) ?? { ...inForce, lastCycle: lastOf(inForce) };
  const terms = {
    ...rhythmFrom(base, schedule, wanted, fromCycle),
    ...purchaseFrom(base, wanted, fromCycle),
    fromCycle,
  };
  const nextStartsOn = cycleStart(scheduleUnder(terms, []), fromCycle);
  const running = Math.max(fromCycle - 1, 0);
  const days = wholeDays(schedule, running);
  const isReset = wanted.anchor?.equals(on) === true;
  const isNext = fromCycle === inForce.nextCycle && inForce.nextCycleAt !== null;
  return {
    terms,
    before: base,
    on,
    applies,
    divides: applies === 'with_cycle' || fromCycle === 0 ? null : cycleAt(schedule, fromCycle - 1),
    days: { before: days, after: daysAfter(terms, base, cycleStart(schedule, running), days) },
    nextStartsOn,
    nextCycleAt: isNext ? dueFrom(terms, nextStartsOn, isReset, now) : inForce.nextCycleAt,
  };
}

/**
 * What the change costs and gives back of the period that it divides, at the prices of the periods before and after it; both with the
 * discount that the divided period was charged with.
 */
export function linesOf(
  { terms, before, on, divides, days, nextStartsOn }: NewTerms,
  names: { readonly before: string; readonly after: string },
  { isPaidFor, discount }: { readonly isPaidFor: boolean; readonly discount: Discount | null },
): readonly ProratedLine[] {
  if (divides === null) return [];
  const isSamePurchase =
    terms.plan === before.plan && terms.quantity === before.quantity && terms.unitAmount === before.unitAmount;
  const less = (name: string, amount: bigint) => {
    return { name: discount === null ? name : `${name} (${discount.text})`, amount: lessDiscount(amount, discount) };
  };
  const bought = { ...less(names.before, before.amount), days: days.before };
  return prorationLines(
    { endsOn: divides.endsOn, isPaidFor },
    { on, nextStartsOn },
    bought,
    isSamePurchase ? bought : { ...less(names.after, terms.amount), days: days.after },
    isSamePurchase,
  );
}

function whenFrom(
  { nextCycle, timeZone, chargeAt }: InForce,
  schedule: Schedule,
  when: FromWhen,
  now: Temporal.Instant,
): Pick<NewTerms, 'on' | 'applies'> & { readonly fromCycle: number } {
  if (when === 'now') return { fromCycle: nextCycle, on: localDate(now, timeZone), applies: 'now' };
  if (when === 'period_end')
    return { fromCycle: nextCycle, on: cycleStart(schedule, nextCycle), applies: 'with_cycle' };
  let fromCycle = nextCycle;
  while (Temporal.PlainDate.compare(cycleStart(schedule, fromCycle), when) < 0) fromCycle += 1;
  const isBetween = fromCycle === 0 || cycleStart(schedule, fromCycle).equals(when);
  return { fromCycle, on: when, applies: isBetween ? 'with_cycle' : dueInstant(when, chargeAt, timeZone) };
}

/** 31 January counts its months on although a price changes in February: the anchor moves only with the interval, or by itself. */
function rhythmFrom(
  base: Rhythm,
  schedule: Schedule,
  { plan, timeZone, chargeAt, anchor }: Wanted,
  fromCycle: number,
): Rhythm {
  const { intervalCount, intervalUnit } = plan ?? base;
  const isMoved = anchor !== null || !isSameInterval({ intervalCount, intervalUnit }, base);
  return {
    anchor: isMoved ? (anchor ?? cycleStart(schedule, fromCycle)) : base.anchor,
    anchorCycle: isMoved ? fromCycle : base.anchorCycle,
    intervalCount,
    intervalUnit,
    timeZone: timeZone ?? base.timeZone,
    chargeAt: chargeAt ?? base.chargeAt,
  };
}

function purchaseFrom(
  base: Purchase & Pick<Terms, 'lastCycle'>,
  { purchase, plan, coupon: taken }: Wanted,
  fromCycle: number,
): Purchase & Pick<Terms, 'lastCycle'> {
  const { plan: id, catalogVersion, unitAmount, quantity, amount, currency } = purchase ?? base;
  const lastCycle = plan === null ? base.lastCycle : lastOf(plan, fromCycle);
  const coupon = taken ?? base.coupon ?? null;
  return { plan: id, catalogVersion, unitAmount, quantity, amount, currency, coupon, lastCycle };
}

function lastOf({ endsAfter }: { readonly endsAfter: number | null }, from = 0): number | null {
  return endsAfter === null ? null : from + endsAfter - 1;
}

function daysAfter(terms: Rhythm, before: Rhythm, startsOn: Temporal.PlainDate, days: number): number {
  const interval = { count: terms.intervalCount, unit: terms.intervalUnit };
  return isSameInterval(terms, before) ? days : startsOn.until(addInterval(startsOn, interval, 1)).days;
}

function isSameInterval(a: Interval, b: Interval): boolean {
  return a.intervalCount === b.intervalCount && a.intervalUnit === b.intervalUnit;
}

/** A period that somebody has begin today begins at once; and so does one whose hour is over already in its new zone. */
function dueFrom(
  { chargeAt, timeZone }: Rhythm,
  startsOn: Temporal.PlainDate,
  isReset: boolean,
  now: Temporal.Instant,
): Temporal.Instant {
  const due = dueInstant(startsOn, chargeAt, timeZone);
  return isReset || Temporal.Instant.compare(due, now) < 0 ? now : due;
}
