import type { Context } from '../../../context.ts';
import { cycleAt, localDate } from '../../../domain/calendar/cycle.ts';
import { activated } from '../../../domain/subscriptions/moves.ts';
import { scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { decidedStatuses } from '../../../domain/subscriptions/subscription-status.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../../infra/tables/charges/attempts.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import { chargeOfCycle } from '../../../infra/tables/subscriptions/cycles.ts';
import { isApplied } from '../../change/until-applied.ts';

type Unbegun = Pick<AttemptDossier, 'charge' | 'subscription'>;

/**
 * The charge of cycle 0 is about to be paid while its subscription waits: its period is moved to today, which is answered and the day that cycles are
 * counted from. A statement of its own, since the one that pays it writes it too; whoever dies in between moves it again.
 */
export async function laidOnToday(
  ctx: Context,
  { charge, subscription }: Unbegun,
  now: Temporal.Instant,
): Promise<Temporal.PlainDate> {
  const anchor = localDate(now, subscription.timeZone);
  if (charge.periodStart.equals(anchor)) return anchor;
  const { startsOn: periodStart, endsOn: periodEnd } = cycleAt(scheduleOf({ ...subscription, anchor }), 0);
  const { bucket, id, nextAttemptAt } = charge;
  const begun = [{ bucket, id, periodStart, periodEnd, nextAttemptAt }];
  // Lost to somebody else, so is the statement that pays it, and both are made again.
  await isApplied(ctx, { seen: subscription, offered: { begun }, entries: [] });
  return anchor;
}

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
