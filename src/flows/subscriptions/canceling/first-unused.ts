import { cycleAt, localDate } from '../../../domain/calendar/cycle.ts';
import { standsStill } from '../../../domain/subscriptions/pause.ts';
import { scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { afterShift } from '../../../domain/subscriptions/shift.ts';
import { termsOf } from '../../../domain/subscriptions/terms.ts';
import type { ChargeRow, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { TermsRow } from '../../../infra/tables/schema/terms-columns.ts';

/**
 * From which day on the days of a paid period are not used if its subscription ends at an instant, by the days that its charge names: those
 * in which the calendar stood still were no days of it.
 */
export function firstUnused(
  subscription: SubscriptionRow,
  last: ChargeRow,
  terms: readonly TermsRow[],
  at: Temporal.Instant,
): Temporal.PlainDate {
  const { nextCycle, timeZone, pause, resumesAt } = subscription;
  const stands = standsStill(subscription);
  const isShifted = stands || termsOf(terms, nextCycle)?.origin === 'shifted';
  if (!isShifted || last.cycle !== nextCycle - 1) return localDate(at, timeZone);
  const stillStands = stands && (resumesAt === null || Temporal.Instant.compare(at, resumesAt) < 0);
  const held = stillStands ? terms : afterShift(subscription, terms).terms;
  const { endsOn } = cycleAt(scheduleOf(subscription, held), last.cycle);
  const until = stillStands && pause?.since != null ? Temporal.Instant.from(pause.since) : at;
  return localDate(until, timeZone).subtract({ days: last.periodEnd.until(endsOn).days });
}
