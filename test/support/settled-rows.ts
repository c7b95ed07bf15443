import { type ChargeStatus, chargeStatuses, isOpen } from '../../src/domain/charges/charge.ts';
import type { ChargeStanding } from '../../src/domain/charges/moves.ts';
import type { Decision } from '../../src/domain/declines/decision.ts';
import type { SubscriptionStanding } from '../../src/domain/subscriptions/moves.ts';
import { type SubscriptionStatus, subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';

export const now = Temporal.Instant.from('2026-02-01T02:00:00Z');
export const first = Temporal.Instant.from('2026-01-31T02:00:00Z');
export const later = now.add({ hours: 24 });

export type Row = ChargeStanding & { readonly attempts: number; readonly refunded: bigint };

export const AMOUNT = 150_000n;

/** A row as the database holds it, in each status. */
export function row(status: ChargeStatus, more: Partial<Row> = {}): Row {
  const collected = status === 'paid' || status === 'refunded' || status === 'partially_refunded';
  const closed = collected || status === 'uncollectible' || status === 'void';
  return {
    status,
    amount: AMOUNT,
    collected: collected ? AMOUNT : 0n,
    overpaid: 0n,
    refunded: status === 'refunded' ? AMOUNT : status === 'partially_refunded' ? 50_000n : 0n,
    attempts: 1,
    ladderStep: 0,
    technicalRetries: 0,
    throttles: 0,
    inDunning: false,
    firstAttemptAt: first,
    nextAttemptAt: status === 'due' ? now : null,
    waitsUntil: null,
    waitsFor: null,
    holdReason: status === 'held' ? 'unknown_outcome' : null,
    note: 'as it was',
    settledAt: closed ? first : null,
    ...more,
  };
}

// The CHECK constraints of src/infra/tables/schema/charges.ts, in words of this language.
export const chargeChecks: Readonly<Record<string, (charge: Row) => boolean>> = {
  charges_status: (c) => (chargeStatuses as readonly string[]).includes(c.status),
  charges_money: (c) => c.collected >= 0n && c.overpaid >= 0n && c.refunded >= 0n && c.collected <= c.amount,
  charges_paid_is_collected: (c) => c.status !== 'paid' || c.collected === c.amount,
  charges_unpaid_is_not_collected: (c) =>
    !['due', 'attempting', 'uncollectible', 'void'].includes(c.status) || c.collected === 0n,
  charges_only_due_is_scheduled: (c) => c.status === 'due' || (c.nextAttemptAt === null && c.waitsUntil === null),
  charges_held_has_reason: (c) => (c.status === 'held') === (c.holdReason !== null),
  charges_attempting_has_attempt: (c) => c.status !== 'attempting' || c.attempts > 0,
};

export type Subscription = SubscriptionStanding & { readonly anchored: boolean };

// The CHECK constraints of src/infra/tables/schema/subscriptions.ts.
export const subscriptionChecks: Readonly<Record<string, (subscription: Subscription) => boolean>> = {
  subscriptions_status: (s) => (subscriptionStatuses as readonly string[]).includes(s.status),
  subscriptions_in_dunning: (s) => s.inDunning >= 0,
  subscriptions_active_has_anchor: (s) => s.status === 'pending' || s.status === 'canceled' || s.anchored,
  subscriptions_over_has_no_cycle: (s) =>
    !['canceled', 'ended', 'pending'].includes(s.status) || s.nextCycleAt === null,
  subscriptions_over_has_end: (s) => (s.status === 'canceled' || s.status === 'ended') === (s.endedAt !== null),
};

export function broken<T>(checks: Readonly<Record<string, (row: T) => boolean>>, given: T): readonly string[] {
  return Object.entries(checks).flatMap(([name, holds]) => (holds(given) ? [] : [name]));
}

/** The charges that a decision can be about: decideNext answers with no other (dunning.test.ts). */
export function about(decision: Decision): readonly ChargeStatus[] {
  switch (decision.kind) {
    case 'paid':
      return ['due', 'attempting', 'held', 'uncollectible'];
    case 'overpaid':
      return ['paid', 'void', 'refunded', 'partially_refunded'];
    case 'ask_gateway':
    case 'nothing':
      return chargeStatuses;
    case 'retry':
    case 'wait_for_customer':
    case 'give_up':
    case 'hold':
    case 'release':
    case 'void':
      return chargeStatuses.filter(isOpen);
  }
}

export function subscription(status: SubscriptionStatus, inDunning = 0): Subscription {
  const over = status === 'canceled' || status === 'ended';
  return {
    status,
    inDunning,
    nextCycleAt: over || status === 'pending' ? null : later,
    endedAt: over ? first : null,
    reason: null,
    pastDueSince: null,
    anchored: status !== 'pending',
  };
}
