import type { ByHand, ChargeStatus } from '../charges/charge.ts';
import type { SubscriptionStatus } from './subscription.ts';

/** A charge about which it is decided whether its money came in, by its cycle. */
export type DecidedCharge = {
  readonly cycle: number;
  readonly status: ChargeStatus;
  readonly byHand: ByHand | null;
};

/** What is owed of the cycles that were opened. */
export type Owed = {
  /** Charges that were declined, or wait for their customer, and are neither paid nor given up. */
  readonly inDunning: number;
  /** The newest charge that is collected or given up; null when there is none yet. */
  readonly newest: ChargeStatus | null;
};

export type StatusFacts = {
  /** What a person, a policy or the end of the plan made of it, which outranks what is owed; null: it runs. */
  readonly decided: 'pending' | 'paused' | 'canceled' | 'ended' | null;
  /** Its plan has a trial, and cycle 0 was not opened yet. */
  readonly onTrial: boolean;
  readonly owed: Owed;
};

/**
 * The status of a subscription: what was decided about it, else what it owes. Every change of a subscription or of one of
 * its charges asks here, so that a status never outlives its cause.
 *
 * `active` promises: nothing is in dunning, and the newest period about which it is decided was not given up. So the running
 * period is paid, or its charge is on its way and was never declined, or a person here or the plan forgave it.
 */
export function statusOf({ decided, onTrial, owed }: StatusFacts): SubscriptionStatus {
  if (decided !== null) return decided;
  if (owed.inDunning > 0 || owed.newest === 'uncollectible') return 'past_due';
  return onTrial && owed.newest === null ? 'trialing' : 'active';
}

/** What was decided about a subscription, as its status tells; null while it runs. */
export function decidedOf(status: SubscriptionStatus): StatusFacts['decided'] {
  switch (status) {
    case 'pending':
    case 'paused':
    case 'canceled':
    case 'ended':
      return status;
    case 'trialing':
    case 'active':
    case 'past_due':
      return null;
  }
}

/** A charge whose money came in, or that was given up. */
export const decidedStatuses: readonly ChargeStatus[] = ['paid', 'refunded', 'partially_refunded', 'uncollectible'];

/** What a charge counts as where it is asked what is owed: what was forgiven counts as paid. */
export function countsAs({ status, byHand }: Pick<DecidedCharge, 'status' | 'byHand'>): ChargeStatus {
  return status === 'void' && byHand?.closed === 'forgiven' ? 'paid' : status;
}

/**
 * The newest of these charges that is collected or given up, by what they count as. What is void was asked of nobody, and what is due, attempted or
 * held is still to be decided: both are passed over, so that neither hides what an older period left behind.
 */
export function newestDecided(charges: readonly DecidedCharge[]): ChargeStatus | null {
  const decided = charges.filter((charge) => decidedStatuses.includes(countsAs(charge)));
  const newest = decided.toSorted((a, b) => a.cycle - b.cycle).at(-1);
  return newest === undefined ? null : countsAs(newest);
}

/** Since when it is past due: from the decline that made it so until it owes nothing more. A retry moves nothing. */
export function pastDueAfter(
  before: Temporal.Instant | null,
  status: SubscriptionStatus,
  now: Temporal.Instant,
): Temporal.Instant | null {
  if (status === 'past_due') return before ?? now;
  return decidedOf(status) === null ? null : before;
}

type ShownState = {
  readonly word: string;
  readonly shape: 'due' | 'attempting' | 'active' | 'dunning' | 'paused' | 'void' | 'ended';
  readonly tone: 'ok' | 'go' | 'wait' | '';
};

/** The one place that writes the word of a subscription's state. */
export const shownStates: Readonly<Record<SubscriptionStatus, ShownState>> = {
  pending: { word: 'Pending', shape: 'due', tone: '' },
  trialing: { word: 'Trialing', shape: 'attempting', tone: 'go' },
  active: { word: 'Active', shape: 'active', tone: 'ok' },
  past_due: { word: 'Past due', shape: 'dunning', tone: 'wait' },
  paused: { word: 'Paused', shape: 'paused', tone: '' },
  canceled: { word: 'Canceled', shape: 'void', tone: '' },
  ended: { word: 'Ended', shape: 'ended', tone: '' },
};
