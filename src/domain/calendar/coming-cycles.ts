import { type Cycle, cycleStart, dueOn, type Place, type Schedule } from './cycle.ts';

/** A cycle of which nobody has asked yet when it ends. */
type Beginning = Omit<Cycle, 'endsOn'>;

/**
 * The cycles that were not opened yet, in order and without end: which of them are bought is said by `isBought`, and the first
 * that is not falls due when the last period that was bought is over.
 */
function* beginnings(schedule: Schedule, { next, nextAt }: Place): Generator<Beginning> {
  if (nextAt === null) return;
  // A trial, or a customer who took days to save a method, may have set another instant for the next one.
  yield { number: next, startsOn: cycleStart(schedule, next), dueAt: nextAt };
  for (let number = next + 1; ; number += 1) {
    const startsOn = cycleStart(schedule, number);
    yield { number, startsOn, dueAt: dueOn(schedule, number, startsOn) };
  }
}

function cycleUntil(beginning: Beginning, following: Beginning): Cycle {
  return { ...beginning, endsOn: following.startsOn.subtract({ days: 1 }) };
}

/** Whether a cycle lies before the end of what was bought. */
export function isBought({ over }: Pick<Place, 'over'>, { number }: Pick<Cycle, 'number'>): boolean {
  return over === null || number < over;
}

/** The cycles that have fallen due, at most so many, and when the one after them will; null when all that were bought have. */
export function cyclesDue(
  schedule: Schedule,
  place: Place,
  now: Temporal.Instant,
  most: number,
): { readonly due: readonly Cycle[]; readonly next: Temporal.Instant | null } {
  const due: Cycle[] = [];
  let last: Beginning | null = null;
  for (const cycle of beginnings(schedule, place)) {
    if (last !== null) due.push(cycleUntil(last, cycle));
    if (due.length === most || Temporal.Instant.compare(cycle.dueAt, now) > 0) return { due, next: cycle.dueAt };
    if (!isBought(place, cycle)) break;
    last = cycle;
  }
  return { due, next: null };
}

/** How far somebody looks ahead: at most so many cycles, and none that falls due at that moment or later; null: however late. */
export type Ahead = { readonly most: number; readonly until: Temporal.Instant | null };

/** Whether a cycle falls due as early as is looked ahead. */
export function isInSight({ until }: Pick<Ahead, 'until'>, { dueAt }: Pick<Cycle, 'dueAt'>): boolean {
  return until === null || Temporal.Instant.compare(dueAt, until) < 0;
}

/** The next cycles that will be opened; fewer when fewer are bought. */
export function cyclesToCome(schedule: Schedule, place: Place, ahead: Ahead): readonly Cycle[] {
  const coming: Cycle[] = [];
  let last: Beginning | null = null;
  for (const cycle of beginnings(schedule, place)) {
    if (last !== null) coming.push(cycleUntil(last, cycle));
    if (coming.length >= ahead.most || !isBought(place, cycle) || !isInSight(ahead, cycle)) break;
    last = cycle;
  }
  return coming;
}
