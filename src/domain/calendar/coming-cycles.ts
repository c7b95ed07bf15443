import { type Cycle, cycleAt, type Place, type Schedule } from './cycle.ts';

/**
 * The cycles that were not opened yet, in order and without end: which of them are bought is said by `isBought`, and the first
 * that is not falls due when the last period that was bought is over.
 */
function* cyclesFrom(schedule: Schedule, { next, nextAt }: Place): Generator<Cycle> {
  if (nextAt === null) return;
  // A trial, or a customer who took days to save a method, may have set another instant for the next one.
  yield { ...cycleAt(schedule, next), dueAt: nextAt };
  for (let number = next + 1; ; number += 1) yield cycleAt(schedule, number);
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
  for (const cycle of cyclesFrom(schedule, place)) {
    if (due.length === most || Temporal.Instant.compare(cycle.dueAt, now) > 0) return { due, next: cycle.dueAt };
    if (!isBought(place, cycle)) break;
    due.push(cycle);
  }
  return { due, next: null };
}

/** The next cycles that will be opened, at most so many; fewer when fewer are bought. */
export function cyclesToCome(schedule: Schedule, place: Place, most: number): readonly Cycle[] {
  return cyclesFrom(schedule, place)
    .take(most)
    .filter((cycle) => isBought(place, cycle))
    .toArray();
}
