import type { Place, Schedule } from '../calendar/cycle.ts';
import type { IntervalUnit } from '../calendar/interval.ts';

/** Where the cycles of a subscription lie; the names are those of its row. */
type Scheduled = {
  readonly id: string;
  readonly anchor: Temporal.PlainDate | null;
  readonly intervalCount: number;
  readonly intervalUnit: IntervalUnit;
  readonly timeZone: string;
  readonly chargeAt: string;
};

export function scheduleOf({ id, anchor, intervalCount, intervalUnit, timeZone, chargeAt }: Scheduled): Schedule {
  if (anchor === null) throw new Error(`Subscription ${id} has a cycle but no anchor.`);
  return { anchor, interval: { count: intervalCount, unit: intervalUnit }, timeZone, chargeAt };
}

type Placed = {
  readonly nextCycle: number;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly endsAfter: number | null;
  readonly cancelsAtPeriodEnd: boolean;
};

/** How far it has come, and how far it goes: one that is canceled at the end of its period buys no further cycle. */
export function placeOf({ nextCycle, nextCycleAt, endsAfter, cancelsAtPeriodEnd }: Placed): Place {
  return { next: nextCycle, nextAt: nextCycleAt, over: cancelsAtPeriodEnd ? nextCycle : endsAfter };
}
