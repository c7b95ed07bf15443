import { cyclesDue, isBought } from '../calendar/coming-cycles.ts';
import { cycleAt } from '../calendar/cycle.ts';
import { type Placed, placeOf, type Scheduled, scheduleOf } from '../subscriptions/schedule.ts';
import type { Terms } from '../subscriptions/terms.ts';
import { type MissedPolicy, type Opening, openCycles } from './missed-cycles.ts';

/** What was agreed for later; cycles that count for nothing since nobody paid them, null: each counts; how many are opened at most. */
export type Agreed = { readonly terms: readonly Terms[]; readonly unpaid: number | null; readonly most: number };

/** What became of the cycles that fell due, and when the one after them does; null: none follows. */
export type FallenDue = {
  readonly openings: readonly Opening[];
  readonly next: Temporal.Instant | null;
  /** Cycles that count for nothing, those among them that are opened as void. */
  readonly unpaid: number;
};

/** The cycles of a subscription that have fallen due and were not opened. Where unpaid ones do not count, others follow those that are void. */
export function fallenDue(
  subscription: Scheduled & Placed,
  { terms, unpaid, most }: Agreed,
  policy: MissedPolicy,
  now: Temporal.Instant,
): FallenDue {
  const schedule = scheduleOf(subscription, terms);
  const { due, next } = cyclesDue(schedule, placeOf(subscription, terms, unpaid ?? 0), now, most);
  const openings = openCycles(due, policy, now);
  if (unpaid === null) return { openings, next, unpaid: 0 };
  const after = unpaid + openings.filter(({ becomes }) => becomes === 'void').length;
  const further = cycleAt(schedule, subscription.nextCycle + due.length);
  const goesOn = isBought(placeOf(subscription, terms, after), further);
  return { openings, next: next ?? (goesOn ? further.dueAt : null), unpaid: after };
}
