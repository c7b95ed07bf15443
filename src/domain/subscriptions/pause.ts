import { type Ahead, cyclesToCome, isBought, isInSight } from '../calendar/coming-cycles.ts';
import { type Cycle, cycleAt, type Place, runningCycle, type Schedule } from '../calendar/cycle.ts';

/** What becomes of the charges that were due, once a subscription goes on. */
export const onResumes = ['charge', 'void', 'hold'] as const;
export type OnResume = (typeof onResumes)[number];

/** What becomes of the cycles of the time that is paused: they pass, void; or all that are to come lie that much later. */
export const pausedCycles = ['skip', 'shift'] as const;
export type PausedCycles = (typeof pausedCycles)[number];

/** A pause as it was asked for. It may be open, or end by itself (`resumesAt` of the subscription). */
export type Pause = {
  /** Since when; null: it begins when the period ends that runs. */
  readonly since: string | null;
  /** The first cycle that falls due in it; null until it begins. */
  readonly from_cycle: number | null;
  readonly on_resume: OnResume;
  /** Left out of pauses from before there was another way: they pass. */
  readonly cycles?: PausedCycles;
  readonly reason: string | null;
};

/** The names are those of the subscription's row. */
export type Resting = {
  readonly status: string;
  readonly nextCycle: number;
  readonly pause: Pause | null;
  readonly resumesAt: Temporal.Instant | null;
};

/** From which cycle until when nothing of a subscription is charged; `until` null: until somebody resumes it. */
export type Rest = { readonly from: number; readonly until: Temporal.Instant | null };

/** Whether a pause is asked for that has not begun. One with a beginning was ended by a version that knew of none. */
export function isPausePlanned({ status, pause }: Pick<Resting, 'status' | 'pause'>): boolean {
  return status !== 'paused' && pause !== null && pause.since === null;
}

/** Whether the calendar stands still in a pause, and goes on after it where it stood. */
export function isShift(pause: Pause | null): boolean {
  return pause?.cycles === 'shift';
}

/** Whether a subscription is paused, and its calendar stands still: none of its cycles falls due. */
export function standsStill({ status, pause }: Pick<Resting, 'status' | 'pause'>): boolean {
  return status === 'paused' && isShift(pause);
}

/** The pause that a subscription is in, or that is planned for the end of its period; null: neither, or one in which no cycle falls due. */
export function restOf(subscription: Resting): Rest | null {
  const { status, nextCycle, pause, resumesAt } = subscription;
  if (isShift(pause)) return null;
  if (isPausePlanned(subscription)) return { from: nextCycle, until: resumesAt };
  return status === 'paused' ? { from: pause?.from_cycle ?? 0, until: resumesAt } : null;
}

/** Whether a cycle falls due in the pause. */
export function fallsIn({ from, until }: Rest, { number, dueAt }: Pick<Cycle, 'number' | 'dueAt'>): boolean {
  return number >= from && (until === null || Temporal.Instant.compare(dueAt, until) < 0);
}

/** The cycles that will be charged, and what a pause does to them. */
export type ToCharge = {
  /** Opened in the pause as void when it fell due, and charged at its end since its period runs then; null: none is. */
  readonly owed: { readonly cycle: Cycle; readonly at: Temporal.Instant } | null;
  readonly cycles: readonly Cycle[];
  /** By how many more or fewer cycles count for nothing then, since nobody paid them. */
  readonly unpaid: number;
};

/**
 * The next cycles that will be charged. Those that fall due in a pause are not; but the one whose period runs
 * when the pause ends by itself is charged then, unless its pause says otherwise (`on_resume`).
 */
export function cyclesToCharge(schedule: Schedule, place: Place, subscription: Resting, ahead: Ahead): ToCharge {
  const rest = restOf(subscription);
  if (rest === null) return { owed: null, cycles: cyclesToCome(schedule, place, ahead), unpaid: 0 };
  const { until } = rest;
  if (until === null || place.nextAt === null) return NOTHING_TO_CHARGE;
  const running = runningCycle(schedule, { ...place, over: null }, until);
  // What is due when a pause ends is opened first: where it becomes void, so does a cycle that falls due at that moment.
  const ends = subscription.pause?.on_resume === 'void' ? { ...rest, until: until.add({ nanoseconds: 1 }) } : rest;
  const isPassed = running !== null && fallsIn(ends, running);
  const first = Math.max(place.next, running === null ? 0 : running.number + Number(isPassed));
  const passed = isBought(place, { number: place.next }) ? first - place.next : 0;
  const isOwed = isPassed && subscription.pause?.on_resume === 'charge' && isBought(grown(place, passed), running);
  const nextAt = first === place.next ? place.nextAt : cycleAt(schedule, first).dueAt;
  const unpaid = passed - Number(isOwed);
  const owed = isOwed ? { cycle: running, at: until } : null;
  if (isOwed && !isInSight(ahead, { dueAt: until })) return NOTHING_TO_CHARGE;
  const most = ahead.most - Number(isOwed);
  const cycles = cyclesToCome(schedule, { ...grown(place, unpaid), next: first, nextAt }, { ...ahead, most });
  return { owed, cycles, unpaid };
}

const NOTHING_TO_CHARGE: ToCharge = { owed: null, cycles: [], unpaid: 0 };

/** As many more cycles are bought as nobody paid, where those count for nothing. */
function grown(place: Place, unpaid: number): Place {
  return place.grows === true && place.over !== null ? { ...place, over: place.over + unpaid } : place;
}
