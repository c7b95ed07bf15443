import type { Context } from '../../../context.ts';
import { cycleAt, localDate } from '../../../domain/calendar/cycle.ts';
import { activated } from '../../../domain/subscriptions/moves.ts';
import { scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { decidedStatuses } from '../../../domain/subscriptions/subscription-status.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import { chargeOfCycle } from '../../../infra/tables/subscriptions/cycles.ts';

type BegunOnDay = Required<Pick<Change, 'offered'>> & { readonly subscription: SubscriptionRow };

/**
 * The charge of cycle 0 was opened before, to be paid in the session: cycles are counted from the local day on which it was paid, and its period
 * is moved there. One that is still owed is charged to the method at once.
 */
export async function begunWithCycleZero(
  ctx: Context,
  subscription: SubscriptionRow,
  now: Temporal.Instant,
): Promise<BegunOnDay> {
  const charge = await chargeOfCycle(ctx.db, subscription, 0);
  if (charge === null) throw new Error(`Subscription ${subscription.id} has no charge of cycle 0.`);
  const paidAt = decidedStatuses.includes(charge.status) ? charge.settledAt : null;
  const anchor = localDate(paidAt ?? now, subscription.timeZone);
  const { startsOn: periodStart, endsOn: periodEnd } = cycleAt(scheduleOf({ ...subscription, anchor }), 0);
  const { bucket, id, status } = charge;
  return {
    subscription: begunOn(subscription, anchor, now),
    offered: { begun: [{ bucket, id, periodStart, periodEnd, nextAttemptAt: status === 'due' ? now : null }] },
  };
}

/** Cycle 0 lies on that day, and was asked for before. */
export function begunOn(
  subscription: SubscriptionRow,
  anchor: Temporal.PlainDate,
  now: Temporal.Instant,
): SubscriptionRow {
  const { dueAt } = cycleAt(scheduleOf({ ...subscription, anchor }), 1);
  return activated(subscription, { anchor, dueAt, trialing: false }, now, 1);
}
