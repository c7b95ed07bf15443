import type { Context } from '../../context.ts';
import { isPausePlanned } from '../../domain/subscriptions/pause.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow } from '../../infra/tables/schema/terms-columns.ts';
import type { Live } from '../../infra/tables/subscriptions/live-subscriptions.ts';
import type { Bringing } from '../due-date/coming-charges.ts';

/** Why nobody can say what a subscription will be charged, as far as its row tells; null: it can be said. */
export function whyNotForecast(
  ctx: Context,
  { subscription, method }: Live,
  ahead: ChangeRow | undefined,
  now: Temporal.Instant,
): string | null {
  const { status, cancelsAtPeriodEnd, spareMethods } = subscription;
  if (status === 'pending') return 'no payment method is saved yet, so nobody knows when it begins';
  // Nothing of it falls due any more.
  if (cancelsAtPeriodEnd) return null;
  if (status === 'past_due') return 'it is past due: what becomes of its open charge decides whether it goes on';
  if (restsOpenEnded(subscription))
    return status === 'paused'
      ? 'it is paused until somebody resumes it'
      : 'it will be paused at the end of its period, until somebody resumes it';
  if (ahead?.state === 'awaiting_payment') return `change ${ahead.number} waits for its payment`;
  if (method?.standing !== 'active' && spareMethods === 0)
    return 'its payment method has ended, and its customer has to save another one';
  return overdue(ctx, subscription, now);
}

function restsOpenEnded(subscription: SubscriptionRow): boolean {
  return (subscription.status === 'paused' || isPausePlanned(subscription)) && subscription.resumesAt === null;
}

/** A cycle that fell due so long ago is opened as missed, and what follows from that is for whoever lets it be opened. */
function overdue({ catalog }: Context, { nextCycle, nextCycleAt }: SubscriptionRow, now: Temporal.Instant) {
  const hours = catalog.current.defaults.missedAfterHours;
  if (nextCycleAt === null || Temporal.Instant.compare(nextCycleAt.add({ hours }), now) >= 0) return null;
  return `cycle ${nextCycle} fell due at ${nextCycleAt.toString()} and is not opened: no daemon has run since, or it cannot be`;
}

/** A change of a day in the middle of a period divides the one that runs then: which one that is can be said unless a pause moves it. */
export function withinItsPeriod({ subscription, planned }: Bringing): string | null {
  if (planned === null || planned.appliesAt === null || subscription.pause === null) return null;
  return `change ${planned.number} is planned for a day that a pause may move`;
}
