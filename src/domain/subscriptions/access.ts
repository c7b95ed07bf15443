import { isPausePlanned, type Resting } from './pause.ts';
import type { SubscriptionStatus } from './subscription.ts';

/** Whether a customer may use what they subscribed to, until when as things stand, and why; `until` null: nothing ends it. */
export type Access = { readonly allowed: boolean; readonly until: Temporal.Instant | null; readonly why: string };

/** The names are those of the subscription's row. */
export type Subscribed = Resting & {
  readonly status: SubscriptionStatus;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly endsAfter: number | null;
  readonly cancelsAtPeriodEnd: boolean;
  readonly pastDueSince: Temporal.Instant | null;
  readonly graceUntil: Temporal.Instant | null;
  readonly endedAt: Temporal.Instant | null;
  readonly timeZone: string;
};

/** What access ends with, and when; `at` null: it has not begun. */
type End = { readonly at: Temporal.Instant | null; readonly why: string };

/**
 * Access follows from state and time alone, so it is right at every instant, whoever runs or does not: an end that was planned
 * holds from its instant on, and a pause that is over is over. `graceDays`: how long past due still lets in.
 */
export function accessOf(subscription: Subscribed, graceDays: number, now: Temporal.Instant): Access {
  const end = endOf(subscription, graceDays, now);
  const { graceUntil } = subscription;
  if (end === null) return { allowed: true, until: null, why: 'It is paid, or was not asked to be.' };
  if (graceUntil !== null && isBefore(now, graceUntil) && (end.at === null || isBefore(end.at, graceUntil)))
    return { allowed: true, until: graceUntil, why: `Somebody granted it until then; otherwise: ${end.why}` };
  return { allowed: end.at !== null && isBefore(now, end.at), until: end.at, why: end.why };
}

function endOf(subscription: Subscribed, graceDays: number, now: Temporal.Instant): End | null {
  const { status, endedAt, pause, resumesAt } = subscription;
  switch (status) {
    case 'pending':
      return { at: null, why: 'No payment method was saved yet.' };
    case 'canceled':
      return { at: endedAt, why: 'It is canceled.' };
    case 'ended':
      return { at: endedAt, why: 'Its last period is over.' };
    case 'paused':
      if (resumesAt !== null && !isBefore(now, resumesAt)) return owedEnd(subscription, graceDays);
      return { at: pause?.since == null ? null : Temporal.Instant.from(pause.since), why: 'It is paused.' };
    case 'trialing':
    case 'active':
    case 'past_due':
      return earliest(owedEnd(subscription, graceDays), plannedEnd(subscription, now));
  }
}

/** Past due lets in for some days, counted from the first decline: no retry moves it. */
function owedEnd({ pastDueSince, timeZone }: Subscribed, graceDays: number): End | null {
  if (pastDueSince === null) return null;
  const at = pastDueSince.toZonedDateTimeISO(timeZone).add({ days: graceDays }).toInstant();
  return { at, why: `A payment is past due since ${pastDueSince.toString()}.` };
}

/** What was planned for the end of the period, which holds from then on, also before anybody carries it out. */
function plannedEnd(subscription: Subscribed, now: Temporal.Instant): End | null {
  const { nextCycleAt: at, nextCycle, endsAfter, cancelsAtPeriodEnd, resumesAt } = subscription;
  if (at === null) return null;
  if (cancelsAtPeriodEnd) return { at, why: 'It is canceled for the end of its period.' };
  if (endsAfter !== null && nextCycle >= endsAfter) return { at, why: 'Its last period ends then.' };
  if (!isPausePlanned(subscription)) return null;
  const isOver = resumesAt !== null && !isBefore(now, resumesAt);
  return isOver ? null : { at, why: 'It is to be paused at the end of its period.' };
}

function earliest(one: End | null, other: End | null): End | null {
  if (one?.at == null || other?.at == null) return one ?? other;
  return isBefore(other.at, one.at) ? other : one;
}

function isBefore(one: Temporal.Instant, other: Temporal.Instant): boolean {
  return Temporal.Instant.compare(one, other) < 0;
}
