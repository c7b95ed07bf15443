import type { DunningPolicy } from '../catalog/plan.ts';
import type { Attempt } from '../charges/attempt.ts';
import type { Charge } from '../charges/charge.ts';
import type { Why } from '../declines/decision.ts';
import type { DeclineClass } from '../declines/decline-class.ts';
import type { NetworkLimit } from '../declines/network-limits.ts';
import type { Mandate } from '../methods/mandate.ts';
import type { SubscriptionStatus } from '../subscriptions/subscription.ts';
import type { RetryDays } from './retry-days.ts';

/** What the past of this charge and its token says; `now` is the outcome's own moment. */
export type History = {
  readonly subscription: SubscriptionStatus;
  readonly timeZone: string;
  readonly chargeAt: string;
  readonly network: string | null;
  /** When this token was declined for this amount, within the longest window of the limits, this outcome excluded. */
  readonly declinedAt: readonly Temporal.Instant[];
  /** The payment method was replaced while this attempt was on its way: its decline says nothing of the new one. */
  readonly tokenReplaced: boolean;
  /** What people know the next method by, of those that the customer saved for this subscription; left out, or null: none can be charged. */
  readonly nextMethod?: string | null;
};

/** The rules of the catalog version that the charge came from. */
export type Policy = DunningPolicy & {
  readonly declines: Readonly<Record<string, DeclineClass>>;
  readonly catalogVersion: number;
  /** Of the catalog in force: a holiday that is added holds for all that is still to be tried. */
  readonly days: RetryDays;
};

export type Circumstances = {
  readonly charge: Charge;
  readonly attempt: Attempt;
  readonly history: History;
  readonly policy: Policy;
  readonly mandate: Mandate;
  readonly limits: readonly NetworkLimit[];
  readonly now: Temporal.Instant;
};

/** The why of a decision, with what every decision counts. */
export function because(given: Circumstances, rule: string, text: string, more: Partial<Why> = {}): Why {
  const counted = { attempt: given.attempt.number, ladder_step: given.charge.ladderStep, ...more.counted };
  return { class: more.class ?? null, rule, text, counted, catalogVersion: given.policy.catalogVersion };
}

export type Window = {
  readonly charge: Pick<Charge, 'firstAttemptAt' | 'windowFrom' | 'dueAt' | 'openedAt' | 'missed'>;
  readonly policy: Pick<Policy, 'windowDays'>;
  readonly timeZone: string;
};

/**
 * The end of the dunning window, in the subscription's zone: so many days after the first attempt; of a charge that was
 * never tried, after it was due, or after it was opened if it was missed. A person who has it tried later begins it anew.
 */
export function windowEnd({ charge, policy, timeZone }: Window): Temporal.Instant {
  const { windowFrom, firstAttemptAt, missed, openedAt, dueAt } = charge;
  const from = windowFrom ?? firstAttemptAt ?? (missed ? openedAt : dueAt);
  return from.toZonedDateTimeISO(timeZone).add({ days: policy.windowDays }).toInstant();
}

export function endOfWindow(given: Circumstances): Temporal.Instant {
  return windowEnd({ ...given, timeZone: given.history.timeZone });
}
