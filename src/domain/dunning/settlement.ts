import type { ChargeStatus } from '../charges/charge.ts';
import {
  type ChargeStanding,
  givenUp,
  heldAfterTries,
  overpaid,
  paid,
  released,
  retried,
  voidedAfterTries,
} from '../charges/moves.ts';
import { awaiting } from '../charges/waits.ts';
import type { Decision } from '../declines/decision.ts';
import { canceled, owing, paused, type SubscriptionStanding } from '../subscriptions/moves.ts';
import { decidedOf } from '../subscriptions/subscription-status.ts';

/** The charge after a decision: one case a legal move (docs/design.md section 5). */
export function settleCharge<T extends ChargeStanding>(charge: T, decision: Decision, now: Temporal.Instant): T {
  const note = decision.why.text;
  switch (decision.kind) {
    case 'paid':
      return paid(charge, note, now);
    case 'overpaid':
      return overpaid(charge, charge.amount, note);
    case 'retry':
      return retried(charge, decision.at, decision.spends, note);
    case 'wait_for_customer':
      return awaiting(charge, decision.until, note);
    case 'give_up':
      return givenUp(charge, note, now);
    case 'hold':
      return heldAfterTries(charge, decision.reason, note);
    case 'release':
      return released(charge, decision.at, note);
    case 'void':
      return voidedAfterTries(charge, note, now);
    case 'ask_gateway':
    case 'nothing':
      return charge;
  }
}

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
  cycles: CyclesSay | null = null,
): T {
  const inDunning = subscription.inDunning + Number(dunning.after) - Number(dunning.before);
  const before = subscription.status;
  if (decision.kind === 'give_up' && decision.then !== 'keep' && decidedOf(before) === null)
    return leftBy({ ...subscription, inDunning }, decision.then, now);
  if (cycles !== null) return owing(subscription, { inDunning, newest: cycles.newest }, cycles.onTrial, now);
  // While nothing is decided about this charge, what older ones left behind is as it was.
  const newest = later ?? decidedBy(decision) ?? (before === 'past_due' ? 'uncollectible' : null);
  return owing(subscription, { inDunning, newest }, before === 'trialing', now);
}

/** What the cycles of a subscription say of it, where the charge that is decided about is of none. */
export type CyclesSay = { readonly newest: ChargeStatus | null; readonly onTrial: boolean };

function decidedBy(decision: Decision): ChargeStatus | null {
  if (decision.kind === 'paid') return 'paid';
  return decision.kind === 'give_up' ? 'uncollectible' : null;
}

/** Until somebody resumes it. */
const NO_END = { pause: null, resumesAt: null } as const;

/** What the policy of its plan makes of a subscription whose charge was given up. */
function leftBy<T extends SubscriptionStanding>(subscription: T, then: 'cancel' | 'pause', now: Temporal.Instant): T {
  const reason = 'a charge became uncollectible';
  return then === 'cancel' ? canceled(subscription, { reason }, now) : paused(subscription, NO_END, reason);
}
