import { cycleAt, cycleStart, localDate } from '../calendar/cycle.ts';
import { isPausePlanned, isShift, type Resting, standsStill } from './pause.ts';
import { holdingTerms, type Purchase, type Rhythm, scheduleUnder, type Terms, termsOf } from './terms.ts';

/** A subscription whose calendar stands still in a pause; the names are those of its row. */
type Standing = Resting &
  Omit<Rhythm, 'anchor'> &
  Omit<Purchase, 'unitAmount'> & {
    readonly anchor: Temporal.PlainDate | null;
    readonly nextCycleAt: Temporal.Instant | null;
    readonly endsAfter: number | null;
  };

/** A calendar that goes on: what holds from the next cycle on, so many days later than it would have. */
export type Moved = { readonly days: number; readonly terms: readonly Terms[] };

/** The calendar of a subscription that goes on at an instant: all cycles that were not opened lie as many days later as it stood still. */
export function movedCalendar(subscription: Standing, later: readonly Terms[], at: Temporal.Instant): Moved {
  const { timeZone, nextCycle } = subscription;
  const since = stoodSince(subscription);
  const days = since === null ? 0 : localDate(since, timeZone).until(localDate(at, timeZone)).days;
  if (days <= 0) return { days: 0, terms: later };
  const now = inForce(subscription, nextCycle);
  const startsOn = cycleStart(scheduleUnder(now, later), nextCycle);
  const anchor = startsOn.add({ days });
  const first = { ...(termsOf(later, nextCycle) ?? now), fromCycle: nextCycle, anchor, anchorCycle: nextCycle };
  const after = holdingTerms(later).filter(({ fromCycle }) => fromCycle > nextCycle);
  return { days, terms: [first, ...after.map((terms) => movedWith(first, terms, days))] };
}

/** Terms that follow others whose calendar moved: those that count from the same anchor, or an earlier one, count from the new one. */
export function movedWith<T extends Rhythm>(first: Rhythm, terms: T, days: number): T {
  return terms.anchorCycle < first.anchorCycle
    ? { ...terms, anchor: first.anchor, anchorCycle: first.anchorCycle }
    : { ...terms, anchor: terms.anchor.add({ days }) };
}

/** When the next cycle falls due of a calendar that goes on at an instant: never before it does. */
export function dueAfter(subscription: Standing, terms: readonly Terms[], at: Temporal.Instant): Temporal.Instant {
  const { nextCycle } = subscription;
  const { dueAt } = cycleAt(scheduleUnder(inForce(subscription, nextCycle), terms), nextCycle);
  return Temporal.Instant.compare(dueAt, at) < 0 ? at : dueAt;
}

/**
 * A subscription with what was agreed for later as both will be once a pause is over that moves its calendar; where nobody knows when that
 * will be, no cycle is to come. Every other subscription as it is.
 */
export function afterShift<S extends Standing>(
  subscription: S,
  terms: readonly Terms[],
): { readonly subscription: S; readonly terms: readonly Terms[] } {
  const { pause, resumesAt } = subscription;
  const isToStand = isPausePlanned(subscription) && isShift(pause);
  if (!isToStand && !standsStill(subscription)) return { subscription, terms };
  if (resumesAt === null) return { subscription: { ...subscription, nextCycleAt: null }, terms };
  const moved = movedCalendar(subscription, terms, resumesAt);
  const nextCycleAt = dueAfter(subscription, moved.terms, resumesAt);
  return { subscription: { ...subscription, nextCycleAt }, terms: moved.terms };
}

/** Since when the calendar stands still: a pause that is planned begins when the next cycle would fall due. */
function stoodSince({ pause, nextCycleAt }: Standing): Temporal.Instant | null {
  return pause?.since == null ? nextCycleAt : Temporal.Instant.from(pause.since);
}

/** What its own row says was agreed, from a cycle on. */
function inForce(subscription: Standing, fromCycle: number): Terms {
  const { anchor, anchorCycle, intervalCount, intervalUnit, timeZone, chargeAt, endsAfter } = subscription;
  const { plan, catalogVersion, amount, quantity, currency } = subscription;
  if (anchor === null) throw new Error('A subscription stands still that has no anchor.');
  return {
    anchor,
    anchorCycle,
    intervalCount,
    intervalUnit,
    timeZone,
    chargeAt,
    plan,
    catalogVersion,
    amount,
    quantity,
    unitAmount: amount / BigInt(quantity),
    currency,
    number: 0,
    fromCycle,
    lastCycle: endsAfter === null ? null : endsAfter - 1,
  };
}
