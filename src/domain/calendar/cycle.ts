import { addInterval, type Interval } from './interval.ts';

/** Where the cycles of a subscription lie: all of them follow from these values and a number. */
export type Schedule = {
  /** First day of the cycle `anchorCycle`, in the zone. */
  readonly anchor: Temporal.PlainDate;
  /** The cycle that begins on the anchor: 0, until somebody moves the anchor. */
  readonly anchorCycle: number;
  readonly interval: Interval;
  /** IANA zone of the subscription. */
  readonly timeZone: string;
  /** Local time of day at which cycles fall due, "HH:MM". */
  readonly chargeAt: string;
  /** Another schedule that was agreed from a later cycle on; null: none was. */
  readonly then: { readonly from: number; readonly schedule: Schedule } | null;
};

export type Cycle = {
  readonly number: number;
  readonly startsOn: Temporal.PlainDate;
  /** The last day, included. */
  readonly endsOn: Temporal.PlainDate;
  readonly dueAt: Temporal.Instant;
};

/** The schedule that holds for cycle n. */
function holding(schedule: Schedule, n: number): Schedule {
  const { then } = schedule;
  return then === null || n < then.from ? schedule : holding(then.schedule, n);
}

/** First day of cycle n. Counted from the anchor, never from the cycle before: 31 Jan, 28 Feb, 31 Mar (invariant 11). */
export function cycleStart(schedule: Schedule, n: number): Temporal.PlainDate {
  const { anchor, anchorCycle, interval } = holding(schedule, n);
  return addInterval(anchor, interval, n - anchorCycle);
}

/** The days of a whole cycle n: of the period that its own schedule has, where another schedule lengthens or shortens it. */
export function wholeDays(schedule: Schedule, n: number): number {
  const alone = { ...holding(schedule, n), then: null };
  return cycleStart(alone, n).until(cycleStart(alone, n + 1)).days;
}

/** Cycle n with its days and its due instant. For n = 0 `firstCycle` may have set another due instant. */
export function cycleAt(schedule: Schedule, n: number): Cycle {
  const startsOn = cycleStart(schedule, n);
  return {
    number: n,
    startsOn,
    endsOn: cycleStart(schedule, n + 1).subtract({ days: 1 }),
    dueAt: dueOn(schedule, n, startsOn),
  };
}

/** When cycle n falls due, which starts on that day. */
export function dueOn(schedule: Schedule, n: number, startsOn: Temporal.PlainDate): Temporal.Instant {
  const { chargeAt, timeZone } = holding(schedule, n);
  return dueInstant(startsOn, chargeAt, timeZone);
}

/** Where a subscription stands among its cycles. */
export type Place = {
  /** The cycle that was not opened yet, and when it falls due; null when none is to come. */
  readonly next: number;
  readonly nextAt: Temporal.Instant | null;
  /** Cycles from this number on are not bought; null when there is no such end. */
  readonly over: number | null;
  /** Whether each cycle that nobody pays has another one follow at the end; left out: it counts like the others. */
  readonly grows?: true;
};

/**
 * The cycle whose period runs at an instant. A period begins when its cycle falls due, at the charge hour, and not at the
 * midnight before; null before the first and after the last.
 */
export function runningCycle(schedule: Schedule, place: Place, now: Temporal.Instant): Cycle | null {
  const ofTheDay = currentCycle(schedule, now);
  if (ofTheDay === null) return null;
  const at = ofTheDay.number === place.next ? place.nextAt : ofTheDay.dueAt;
  const isComing = ofTheDay.number >= place.next && at !== null && Temporal.Instant.compare(at, now) > 0;
  const number = ofTheDay.number - Number(isComing);
  return number < 0 || (place.over !== null && number >= place.over) ? null : cycleAt(schedule, number);
}

/** The cycle that the local date of `now` lies in; null before the anchor. */
export function currentCycle(schedule: Schedule, now: Temporal.Instant): Cycle | null {
  const { then } = schedule;
  if (then !== null && hasBegun(then.schedule, then.from, now)) return currentCycle(then.schedule, now);
  const today = localDate(now, schedule.timeZone);
  if (Temporal.PlainDate.compare(today, schedule.anchor) < 0) return null;
  const { count, unit } = schedule.interval;
  const elapsed = schedule.anchor.until(today, { largestUnit: unit });
  // 31 Jan to 28 Feb is "28 days" and no month to Temporal, but cycle 1 to us: so look one further.
  const n = schedule.anchorCycle + Math.floor(elapsed[`${unit}s`] / count);
  const last = then === null ? n + 1 : Math.min(n + 1, then.from - 1);
  const next = cycleAt(schedule, last);
  return Temporal.PlainDate.compare(next.startsOn, today) <= 0 ? next : cycleAt(schedule, Math.min(n, last));
}

function hasBegun(schedule: Schedule, n: number, now: Temporal.Instant): boolean {
  return Temporal.PlainDate.compare(cycleStart(schedule, n), localDate(now, schedule.timeZone)) <= 0;
}

/**
 * The instant at which the local clock shows `chargeAt` ("HH:MM") on that date. A time that the clock skips gives the
 * first valid instant after it: 02:30 in a gap from 02:00 to 03:00 is 03:00 (Temporal's own choice would be 03:30).
 * A time shown twice gives the first (docs/design.md section 7).
 */
export function dueInstant(date: Temporal.PlainDate, chargeAt: string, timeZone: string): Temporal.Instant {
  const wanted = date.toPlainDateTime(chargeAt);
  const earlier = wanted.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (earlier.toPlainDateTime().equals(wanted)) return earlier.toInstant();
  const gapEnds = earlier.getTimeZoneTransition('next');
  if (gapEnds === null) throw new Error(`${timeZone} skips ${wanted.toString()} without a transition`);
  return gapEnds.toInstant();
}

/** The date that a calendar on the wall shows in the zone. */
export function localDate(instant: Temporal.Instant, timeZone: string): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The zone as IANA spells it ("asia/jakarta" is Asia/Jakarta), or null. An offset such as +07:00 is no zone: it has no rules. */
export function timeZoneNamed(text: string): string | null {
  // Temporal also takes offsets and whole timestamps where it wants a zone.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]+$/.test(text)) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return null;
  }
}

/**
 * The zone that whoever writes "Etc/GMT+7" mostly means, which is "Etc/GMT-7": in these names the sign is turned round, and
 * +7 lies seven hours west of UTC. null for every other zone.
 */
export function zoneMeant(zone: string): string | null {
  const [, hours] = /^etc\/gmt\+([1-9]\d?)$/i.exec(zone) ?? [];
  return hours === undefined ? null : `Etc/GMT-${hours}`;
}

/** What is known when a subscription becomes active. */
export type Activation = Pick<Schedule, 'interval' | 'timeZone' | 'chargeAt'> & {
  readonly activatedAt: Temporal.Instant;
  readonly trial: Interval | null;
  /** A day that the product asked for; wins over the trial. */
  readonly anchorDate: Temporal.PlainDate | null;
};

export type FirstCycle = {
  readonly anchor: Temporal.PlainDate;
  readonly dueAt: Temporal.Instant;
  /** The plan has a trial, and cycle 0 is not due yet. */
  readonly trialing: boolean;
};

/** The anchor, and when cycle 0 falls due (docs/design.md section 7, "When cycles fall due"). */
export function firstCycle(activation: Activation): FirstCycle {
  const { activatedAt, timeZone, chargeAt, trial, anchorDate } = activation;
  const activatedOn = localDate(activatedAt, timeZone);
  if (anchorDate === null && trial === null) return { anchor: activatedOn, dueAt: activatedAt, trialing: false };
  const anchor = anchorDate ?? (trial === null ? activatedOn : addInterval(activatedOn, trial, 1));
  const onTheDay = dueInstant(anchor, chargeAt, timeZone);
  // The customer may have taken days to save a payment method: nothing is due before it can be paid.
  const late = Temporal.Instant.compare(onTheDay, activatedAt) <= 0;
  // A whole cycle late: what went by before the customer was ever active is not owed, so counting begins today.
  const next = dueInstant(addInterval(anchor, activation.interval, 1), chargeAt, timeZone);
  if (Temporal.Instant.compare(next, activatedAt) <= 0)
    return { anchor: activatedOn, dueAt: activatedAt, trialing: false };
  return { anchor, dueAt: late ? activatedAt : onTheDay, trialing: trial !== null && !late };
}
