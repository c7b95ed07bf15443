import type { ChargeStatus } from '../charges/charge.ts';
import type { Outcome, OutcomeKind } from '../charges/outcome.ts';
import type { Decision, GiveUp, HoldReason } from '../declines/decision.ts';
import type { LimitReason } from '../money/spending-limits.ts';
import type { SubscriptionStatus } from '../subscriptions/subscription.ts';
import { decidedOf, statusOf } from '../subscriptions/subscription-status.ts';

/** What a decision may change of a charge; the names are those of its row. */
export type ChargeStanding = {
  readonly status: ChargeStatus;
  readonly amount: bigint;
  readonly collected: bigint;
  readonly overpaid: bigint;
  readonly ladderStep: number;
  readonly technicalRetries: number;
  readonly throttles: number;
  readonly inDunning: boolean;
  readonly firstAttemptAt: Temporal.Instant | null;
  readonly nextAttemptAt: Temporal.Instant | null;
  readonly waitsUntil: Temporal.Instant | null;
  readonly waitsFor: string | null;
  readonly holdReason: HoldReason | LimitReason | null;
  readonly note: string | null;
  readonly settledAt: Temporal.Instant | null;
};

type Patch = Partial<ChargeStanding>;

/** As which outcome an attempt is kept: one that is still asked about is in doubt, whatever Xendit said of it. */
export function keptAs(outcome: Outcome, decision: Decision): OutcomeKind {
  return outcome.kind === 'declined' && decision.kind === 'ask_gateway' ? 'unknown' : outcome.kind;
}

/** The charge after a decision: one case a legal transition (docs/design.md section 5). */
export function settleCharge<T extends ChargeStanding>(charge: T, decision: Decision, now: Temporal.Instant): T {
  return { ...charge, ...patchOf(charge, decision, now) };
}

const unscheduled = { nextAttemptAt: null, waitsUntil: null, waitsFor: null, holdReason: null, throttles: 0 } as const;

function patchOf(charge: ChargeStanding, decision: Decision, now: Temporal.Instant): Patch {
  const note = decision.why.text;
  switch (decision.kind) {
    case 'paid':
      return { ...unscheduled, status: 'paid', collected: charge.amount, inDunning: false, settledAt: now, note };
    case 'overpaid':
      return { overpaid: charge.overpaid + charge.amount, note };
    case 'retry':
      return { ...unscheduled, ...spent(charge, decision.spends), status: 'due', nextAttemptAt: decision.at, note };
    case 'wait_for_customer':
      return { ...unscheduled, status: 'due', waitsUntil: decision.until, technicalRetries: 0, inDunning: true, note };
    case 'give_up':
      return { ...unscheduled, status: 'uncollectible', inDunning: false, settledAt: now, note };
    case 'hold':
      return { ...unscheduled, status: 'held', holdReason: decision.reason, note };
    case 'release':
      return { ...unscheduled, ...uncounted(charge), status: 'due', nextAttemptAt: decision.at, note };
    case 'void':
      return { ...unscheduled, status: 'void', inDunning: false, settledAt: now, note };
    case 'ask_gateway':
    case 'nothing':
      return {};
  }
}

function spent(charge: ChargeStanding, spends: 'ladder' | 'technical' | 'throttle' | 'nothing'): Patch {
  switch (spends) {
    case 'ladder':
      return { ladderStep: charge.ladderStep + 1, technicalRetries: 0, inDunning: true };
    case 'technical':
      return { technicalRetries: charge.technicalRetries + 1 };
    case 'throttle':
      return { ...uncounted(charge), throttles: charge.throttles + 1 };
    case 'nothing':
      return uncounted(charge);
  }
}

/** An attempt that did not count does not start the dunning window either. */
function uncounted(charge: ChargeStanding): Patch {
  const counts = charge.inDunning || charge.ladderStep > 0 || charge.technicalRetries > 0;
  return counts ? {} : { firstAttemptAt: null };
}

export type SubscriptionStanding = {
  readonly status: SubscriptionStatus;
  readonly inDunning: number;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly endedAt: Temporal.Instant | null;
  readonly reason: string | null;
};

/**
 * The subscription after a decision about one of its charges, whose dunning began or ended with it. `later`: the newest
 * charge of a later cycle that is collected or given up; null where there is none, or this one is of the newest cycle.
 */
export function settleSubscription<T extends SubscriptionStanding>(
  subscription: T,
  decision: Decision,
  dunning: { readonly before: boolean; readonly after: boolean },
  now: Temporal.Instant,
  later: ChargeStatus | null = null,
): T {
  const inDunning = subscription.inDunning + Number(dunning.after) - Number(dunning.before);
  const counted = { ...subscription, inDunning };
  const before = subscription.status;
  if (decidedOf(before) !== null) return counted;
  const ended = decision.kind === 'give_up' ? afterGivingUp(decision.then, now) : null;
  if (ended !== null) return { ...counted, ...ended };
  // While nothing is decided about this charge, what older ones left behind is as it was.
  const newest = later ?? decidedBy(decision) ?? (before === 'past_due' ? 'uncollectible' : null);
  return {
    ...counted,
    status: statusOf({ decided: null, onTrial: before === 'trialing', owed: { inDunning, newest } }),
  };
}

function decidedBy(decision: Decision): ChargeStatus | null {
  if (decision.kind === 'paid') return 'paid';
  return decision.kind === 'give_up' ? 'uncollectible' : null;
}

/** What the policy makes of a subscription with its charge; null when the subscription goes on, owing it. */
function afterGivingUp(then: GiveUp, now: Temporal.Instant): Partial<SubscriptionStanding> | null {
  const reason = 'a charge became uncollectible';
  switch (then) {
    case 'cancel':
      return { status: 'canceled', nextCycleAt: null, endedAt: now, reason };
    case 'pause':
      return { status: 'paused', reason };
    case 'keep':
      return null;
  }
}
