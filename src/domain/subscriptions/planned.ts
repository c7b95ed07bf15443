import { isPausePlanned, type Resting } from './pause.ts';

/** A cancellation, a pause or a change of terms that was planned, and no longer is. */
export type Replaced = {
  readonly what: 'cancel' | 'pause' | 'change';
  readonly at: Temporal.Instant | null;
  readonly reason: string | null;
};

type Planned = Resting & {
  readonly nextCycleAt: Temporal.Instant | null;
  readonly cancelsAtPeriodEnd: boolean;
  readonly reason: string | null;
};

/** What a change of the subscription puts an end to before it began; null: nothing. */
export function replacedBy(before: Planned, after: Partial<Planned>): Replaced | null {
  const { nextCycleAt: at, reason, pause } = before;
  if (before.cancelsAtPeriodEnd && after.cancelsAtPeriodEnd === false) return { what: 'cancel', at, reason };
  const isKept = after.pause === undefined || after.pause === pause;
  return isPausePlanned(before) && !isKept ? { what: 'pause', at, reason: pause?.reason ?? null } : null;
}
