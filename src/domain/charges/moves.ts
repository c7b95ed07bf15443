import type { HoldReason } from '../declines/decision.ts';
import type { LimitReason } from '../money/spending-limits.ts';
import { type ChargeStatus, openStatuses } from './charge.ts';

/*
 * One constructor for each legal move of a charge (docs/design.md section 5): it sets the status with every column that goes
 * with it, and refuses a charge that may not make the move. Nobody else writes the status of a charge.
 */

/** What moves change of a charge; the names are those of its row. */
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

/** Where a charge is after each move, and from where it may make it. */
export const chargeMoves = {
  claim: { from: ['due'], to: 'attempting' },
  pay: { from: [...openStatuses, 'uncollectible'], to: 'paid' },
  retry: { from: openStatuses, to: 'due' },
  wait: { from: openStatuses, to: 'due' },
  giveUp: { from: openStatuses, to: 'uncollectible' },
  hold: { from: openStatuses, to: 'held' },
  release: { from: openStatuses, to: 'due' },
  void: { from: [...openStatuses, 'uncollectible'], to: 'void' },
  park: { from: ['due'], to: 'due' },
  replan: { from: ['due'], to: 'due' },
  unpark: { from: ['due', 'uncollectible', 'void'], to: 'due' },
  releaseFromHold: { from: ['held'], to: 'due' },
  takeBack: { from: ['due', 'held'], to: 'due' },
} as const satisfies Readonly<Record<string, { readonly from: readonly ChargeStatus[]; readonly to: ChargeStatus }>>;

type Move = keyof typeof chargeMoves;

export function assertMay(move: Move, { status }: Pick<ChargeStanding, 'status'>): void {
  const from: readonly ChargeStatus[] = chargeMoves[move].from;
  if (!from.includes(status)) throw new Error(`A charge that is ${status} cannot make the move "${move}".`);
}

/** Neither tried at an instant nor waiting for anybody. */
export const unqueued = { nextAttemptAt: null, waitsUntil: null, waitsFor: null } as const;

/** Why a charge is paid that nobody was asked for. */
export const NOTHING_DUE = 'nothing_due';

/**
 * What a new charge is: due at its instant, held for a person since its cycle was missed, void from the beginning, or paid, since
 * it comes to nothing.
 */
export function openedAs(
  becomes: 'due' | 'held' | 'void' | 'paid',
  { dueAt, why }: { readonly dueAt: Temporal.Instant; readonly why: string },
  now: Temporal.Instant,
) {
  return {
    status: becomes,
    nextAttemptAt: becomes === 'due' ? dueAt : null,
    holdReason: becomes === 'held' ? 'missed_cycle' : null,
    note: becomes === 'paid' ? NOTHING_DUE : why,
    settledAt: becomes === 'void' || becomes === 'paid' ? now : null,
  } as const;
}

/** What a cycle's charge is that is made of its plan alone. */
export const ofPlanAlone = {
  kind: 'cycle',
  extra: null,
  lines: null,
  subtotal: null,
  discount: 0n,
  taxIncluded: 0n,
  taxAdded: 0n,
  creditUsed: 0n,
  coupon: null,
  collected: 0n,
  waitsUntil: null,
} as const;

type Claimable = ChargeStanding & { readonly attempts: number; readonly claimFaults: number };

/** Its next attempt is written down with this move. */
export function claimed<T extends Claimable>(charge: T, now: Temporal.Instant): T {
  assertMay('claim', charge);
  return {
    ...charge,
    ...unqueued,
    status: 'attempting',
    attempts: charge.attempts + 1,
    firstAttemptAt: charge.firstAttemptAt ?? now,
    claimFaults: 0,
  };
}

export function paid<T extends ChargeStanding>(charge: T, note: string, now: Temporal.Instant): T {
  assertMay('pay', charge);
  return {
    ...charge,
    ...unqueued,
    status: 'paid',
    collected: charge.amount,
    holdReason: null,
    throttles: 0,
    inDunning: false,
    settledAt: now,
    note,
  };
}

/** Money beyond the first payment: its status stays, whatever it is. */
export function overpaid<T extends ChargeStanding>(charge: T, money: bigint, note: string): T {
  return { ...charge, overpaid: charge.overpaid + money, note };
}

/** What the next try takes from the charge. */
export type Spends = 'ladder' | 'technical' | 'throttle' | 'hand' | 'nothing';

export function retried<T extends ChargeStanding>(charge: T, at: Temporal.Instant, spends: Spends, note: string): T {
  assertMay('retry', charge);
  return { ...dueAt(charge, at, note), ...spent(charge, spends) };
}

export function givenUp<T extends ChargeStanding>(charge: T, note: string, now: Temporal.Instant): T {
  assertMay('giveUp', charge);
  return {
    ...charge,
    ...unqueued,
    status: 'uncollectible',
    holdReason: null,
    throttles: 0,
    inDunning: false,
    settledAt: now,
    note,
  };
}

/** Left to a person: it stays owed, and in dunning if it was. */
export function held<T extends ChargeStanding>(charge: T, reason: HoldReason | LimitReason, note: string): T {
  assertMay('hold', charge);
  return { ...charge, ...unqueued, status: 'held', holdReason: reason, note };
}

/** Held since it was tried, or waited to be: how busy Xendit was for it counts no longer. */
export function heldAfterTries<T extends ChargeStanding>(charge: T, reason: HoldReason, note: string): T {
  return { ...held(charge, reason, note), throttles: 0 };
}

/** Due again after an attempt that did not count. */
export function released<T extends ChargeStanding>(charge: T, at: Temporal.Instant, note: string): T {
  assertMay('release', charge);
  return { ...dueAt(charge, at, note), ...uncounted(charge) };
}

/** No longer owed. Its row and its reason stay. */
export function voided<T extends ChargeStanding>(charge: T, note: string, now: Temporal.Instant): T {
  assertMay('void', charge);
  return { ...charge, ...unqueued, status: 'void', holdReason: null, inDunning: false, settledAt: now, note };
}

/** Void after an attempt of it ended: nothing of its dunning is left. */
export function voidedAfterTries<T extends ChargeStanding>(charge: T, note: string, now: Temporal.Instant): T {
  return { ...voided(charge, note, now), throttles: 0 };
}

/** Due again after its hold, at once or when its subscription is resumed. Whoever releases it from a limit has seen it: it passes, once. */
export function releasedFromHold<T extends ChargeStanding & { readonly passesLimits: boolean }>(
  charge: T,
  at: Temporal.Instant | null,
): T {
  assertMay('releaseFromHold', charge);
  const passesLimits = charge.holdReason === 'charge_limit' || charge.holdReason === 'customer_limit';
  return { ...charge, status: 'due', holdReason: null, nextAttemptAt: at, passesLimits };
}

/** What a charge had before attempts that its channel was at fault for. */
export type Before = Pick<ChargeStanding, 'ladderStep' | 'inDunning' | 'firstAttemptAt'>;

/** Due with the ladder, the window and the standing that it had: what the fault of its channel did to it is taken back. */
export function takenBack<T extends ChargeStanding>(
  charge: T,
  before: Before,
  at: Temporal.Instant | null,
  note: string,
): T {
  assertMay('takeBack', charge);
  const { ladderStep, inDunning, firstAttemptAt } = before;
  return {
    ...charge,
    ...unqueued,
    status: 'due',
    nextAttemptAt: at,
    holdReason: null,
    ladderStep,
    technicalRetries: 0,
    inDunning,
    firstAttemptAt,
    note,
  };
}

export function dueAt<T extends ChargeStanding>(charge: T, at: Temporal.Instant | null, note: string): T {
  return { ...charge, ...unqueued, status: 'due', nextAttemptAt: at, holdReason: null, throttles: 0, note };
}

function spent(charge: ChargeStanding, spends: Spends): Partial<ChargeStanding> {
  switch (spends) {
    case 'ladder':
      return { ladderStep: charge.ladderStep + 1, technicalRetries: 0, inDunning: true };
    case 'technical':
      return { technicalRetries: charge.technicalRetries + 1 };
    case 'hand':
      return { technicalRetries: 0, inDunning: true };
    case 'throttle':
      return { ...uncounted(charge), throttles: charge.throttles + 1 };
    case 'nothing':
      return uncounted(charge);
  }
}

/** An attempt that did not count does not start the dunning window either. */
function uncounted(charge: ChargeStanding): Partial<ChargeStanding> {
  const counts = charge.inDunning || charge.ladderStep > 0 || charge.technicalRetries > 0;
  return counts ? {} : { firstAttemptAt: null };
}
