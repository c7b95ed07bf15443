import type { Place, Schedule } from '../calendar/cycle.ts';
import { holdingTerms, type Rhythm, scheduleUnder, type Terms } from './terms.ts';

/** Where the cycles of a subscription lie; the names are those of its row. */
export type Scheduled = Omit<Rhythm, 'anchor'> & { readonly id: string; readonly anchor: Temporal.PlainDate | null };

/** `later`: the terms that were agreed for cycles to come; none unless the subscription says that there are some. */
export function scheduleOf(subscription: Scheduled, later: readonly Terms[] = []): Schedule {
  const { id, anchor } = subscription;
  if (anchor === null) throw new Error(`Subscription ${id} has a cycle but no anchor.`);
  return scheduleUnder({ ...subscription, anchor }, later);
}

export type Placed = {
  readonly nextCycle: number;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly endsAfter: number | null;
  readonly cancelsAtPeriodEnd: boolean;
};

/**
 * How far it has come, and how far it goes: one that is canceled at the end of its period buys no further cycle. `unpaid`: cycles that
 * were not paid and count for nothing, so that as many more follow; they are of the terms in force, and of no others. Null: each counts.
 */
export function placeOf(
  { nextCycle, nextCycleAt, endsAfter, cancelsAtPeriodEnd }: Placed,
  later: readonly Terms[] = [],
  unpaid: number | null = null,
): Place {
  const last = holdingTerms(later).at(-1);
  const bought = last === undefined ? endsAfter : boughtBy(last);
  const grows = unpaid !== null && bought !== null && bought === endsAfter;
  const over = grows ? bought + unpaid : bought;
  if (cancelsAtPeriodEnd) return { next: nextCycle, nextAt: nextCycleAt, over: nextCycle };
  return { next: nextCycle, nextAt: nextCycleAt, over, ...(grows && { grows }) };
}

/** Cycles from this number on are not bought under these terms; null: there is no such end. */
export function boughtBy({ lastCycle }: Pick<Terms, 'lastCycle'>): number | null {
  return lastCycle === null ? null : lastCycle + 1;
}
