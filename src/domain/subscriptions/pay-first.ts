import { dueInstant } from '../calendar/cycle.ts';
import type { ChangeWay } from '../catalog/plan.ts';
import type { Rhythm } from './terms.ts';

/** How money is asked for that must be paid before its change applies. */
export type PayFirst = Exclude<ChangeWay, 'next_cycle'>;

type Ways = { readonly changes: ChangeWay } | null;

/**
 * How a change is paid before it applies; null: it is not. Either plan may ask for that, and the new one's way goes before. A plan that is
 * null is not in the catalog in force.
 */
export function payFirstBy(before: Ways, after: Ways): PayFirst | null {
  const ways = [after?.changes, before?.changes];
  return ways.find((way) => way === 'pay_link' || way === 'unscheduled') ?? null;
}

/** So long a change waits for its customer to pay, unless a link to pay says otherwise. */
const WAITS = { hours: 24 } as const;

type Calendar = Pick<Rhythm, 'timeZone' | 'chargeAt'> & { readonly nextCycleAt: Temporal.Instant | null };

/**
 * When the days are over that a change pays for: with the period that runs, or before that where the change begins the next one
 * earlier.
 */
export function paidDaysEnd(
  { timeZone, chargeAt, nextCycleAt }: Calendar,
  lastDay: Temporal.PlainDate,
): Temporal.Instant {
  const end = dueInstant(lastDay.add({ days: 1 }), chargeAt, timeZone);
  return nextCycleAt === null ? end : earlier(nextCycleAt, end);
}

/** Until when a change waits for its customer: never beyond the days that it pays for. */
export function waitEnd(
  calendar: Calendar,
  lastDay: Temporal.PlainDate,
  now: Temporal.Instant,
  wanted: Temporal.Instant = now.add(WAITS),
): Temporal.Instant {
  return earlier(paidDaysEnd(calendar, lastDay), wanted);
}

function earlier(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) < 0 ? a : b;
}
