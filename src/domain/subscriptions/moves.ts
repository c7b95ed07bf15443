import type { FirstCycle } from '../calendar/cycle.ts';
import { type Moves, mover } from '../legal-move.ts';
import { isShift, type Pause } from './pause.ts';
import type { SubscriptionStatus } from './subscription.ts';
import { decidedOf, type Owed, pastDueAfter, statusOf } from './subscription-status.ts';

/*
 * One constructor for each legal move of a subscription (docs/design.md section 5): it sets the status with every column that
 * goes with it, and refuses a subscription that may not make the move. Nobody else writes the status of a subscription.
 */

/** What moves change of a subscription; the names are those of its row. */
export type SubscriptionStanding = {
  readonly status: SubscriptionStatus;
  readonly inDunning: number;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly endedAt: Temporal.Instant | null;
  readonly reason: string | null;
  readonly pastDueSince: Temporal.Instant | null;
};

/** From where a subscription may make each move, and where it may be then. */
export const subscriptionMoves = {
  activate: { pending: ['trialing', 'active'] },
  /** Nothing is decided about it: what it owes says whether it is past due. */
  owe: { trialing: ['active', 'past_due'], active: ['past_due'], past_due: ['active', 'trialing'] },
  pause: { trialing: ['paused'], active: ['paused'], past_due: ['paused'] },
  resume: { paused: ['trialing', 'active', 'past_due', 'ended'] },
  cancel: {
    pending: ['canceled'],
    trialing: ['canceled'],
    active: ['canceled'],
    past_due: ['canceled'],
    paused: ['canceled'],
  },
  end: { active: ['ended'], past_due: ['ended'] },
} as const satisfies Readonly<Record<string, Moves<SubscriptionStatus>>>;

const moved = mover<SubscriptionStatus, keyof typeof subscriptionMoves>('A subscription', subscriptionMoves);

/** A subscription that waits for its customer's first payment method. */
export const pending = {
  status: 'pending',
  anchor: null,
  anchorCycle: 0,
  nextTermsFrom: null,
  repricing: null,
  terms: 0,
  changes: 0,
  nextCycle: 0,
  nextCycleAt: null,
  cancelsAtPeriodEnd: false,
  credit: 0n,
  extras: 0,
  items: 0,
  waitingItems: 0,
  tokenId: null,
  spareMethods: 0,
  stoppedBy: null,
  inDunning: 0,
  reason: null,
  pastDueSince: null,
  graceUntil: null,
  pause: null,
  resumesAt: null,
  activatedAt: null,
  endedAt: null,
} as const;

/** Where another biller had come with a subscription: the cycle that falls due next there, and its day. */
type TakenOver = { readonly cycle: number; readonly startsOn: Temporal.PlainDate; readonly dueAt: Temporal.Instant };

/**
 * Taken over from another biller, with a method that was saved there. It rests until it is switched; until the day that was paid for there
 * its customer has access, as who was granted it. Its row alone does not say from where its cycles are counted, so it has terms.
 */
export function imported({ cycle, startsOn, dueAt }: TakenOver, tokenId: string, pause: Pause, now: Temporal.Instant) {
  return {
    ...pending,
    status: 'paused',
    anchor: startsOn,
    anchorCycle: cycle,
    nextCycle: cycle,
    nextCycleAt: dueAt,
    terms: 1,
    tokenId,
    pause,
    reason: pause.reason,
    graceUntil: dueAt,
    activatedAt: now,
  } as const;
}

/** Its first method was saved: its cycles are counted from now on. `nextCycle`: 1 where cycle 0 was asked for before, in the session in which the method was saved. */
export function activated<T extends SubscriptionStanding>(
  subscription: T,
  first: FirstCycle,
  now: Temporal.Instant,
  nextCycle = 0,
) {
  const status = moved(subscription, 'activate', first.trialing ? 'trialing' : 'active');
  return { ...subscription, status, anchor: first.anchor, nextCycle, nextCycleAt: first.dueAt, activatedAt: now };
}

/**
 * What it owes changed, and with it whether it is past due. What a person, a policy or the end of its plan decided about it
 * stays as it is.
 */
export function owing<T extends SubscriptionStanding>(
  subscription: T,
  owed: Owed,
  onTrial: boolean,
  now: Temporal.Instant,
): T {
  const before = subscription.status;
  const after = statusOf({ decided: decidedOf(before), onTrial, owed });
  const status = after === before ? before : moved(subscription, 'owe', after);
  const pastDueSince = pastDueAfter(subscription.pastDueSince, status, now);
  return { ...subscription, inDunning: owed.inDunning, status, pastDueSince };
}

/** How far the cycles of a subscription were opened; `isPaid`: one of them came to nothing, and is paid. */
type OpenedTo = {
  readonly nextCycle: number;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly isPaid: boolean;
};

/** Cycles of it were opened. A trial is over with the first of them, about which nothing is decided yet unless it is paid. */
export function cyclesOpened<T extends SubscriptionStanding>(
  subscription: T,
  { nextCycle, nextCycleAt, isPaid }: OpenedTo,
  now: Temporal.Instant,
): T {
  const opened = { ...subscription, nextCycle, nextCycleAt };
  const isTrialOver = subscription.status === 'trialing' && nextCycle > 0;
  if (!isPaid && !isTrialOver) return opened;
  return owing(opened, { inDunning: subscription.inDunning, newest: isPaid ? 'paid' : null }, false, now);
}

/** A pause, and when it ends by itself; `resumesAt` null: when somebody resumes. */
export type Pausing = { readonly pause: Pause | null; readonly resumesAt: Temporal.Instant | null };

const unpaused = { pause: null, resumesAt: null } as const satisfies Pausing;

/** Where its calendar stands still, no cycle is to come before it goes on. */
export function paused<T extends SubscriptionStanding>(
  subscription: T,
  { pause, resumesAt }: Pausing,
  reason: string | null,
) {
  const nextCycleAt = isShift(pause) ? null : subscription.nextCycleAt;
  return { ...subscription, status: moved(subscription, 'pause', 'paused'), reason, pause, resumesAt, nextCycleAt };
}

/** Paused when its period ends. A cancellation that was planned for then is given up for it. */
export function toBePaused<T extends SubscriptionStanding>(subscription: T, { pause, resumesAt }: Pausing) {
  return { ...subscription, pause, resumesAt, cancelsAtPeriodEnd: false, reason: null };
}

/** It goes on as if no pause had been planned. */
export function notPausedAfterAll<T extends SubscriptionStanding>(subscription: T) {
  return { ...subscription, ...unpaused };
}

/**
 * Goes on by what it owes. One without a next cycle went through all of them while it was paused: what it still owes is all
 * that is left. Why it was paused is over; why it is to be canceled is not.
 */
export function resumed<T extends SubscriptionStanding & { readonly cancelsAtPeriodEnd: boolean }>(
  subscription: T,
  owed: Owed,
  onTrial: boolean,
  now: Temporal.Instant,
) {
  const isOver = subscription.nextCycleAt === null;
  const status = moved(subscription, 'resume', statusOf({ decided: isOver ? 'ended' : null, onTrial, owed }));
  const reason = subscription.cancelsAtPeriodEnd ? subscription.reason : null;
  const endedAt = isOver ? now : subscription.endedAt;
  const pastDueSince = pastDueAfter(subscription.pastDueSince, status, now);
  return { ...subscription, ...unpaused, status, inDunning: owed.inDunning, reason, endedAt, pastDueSince };
}

/** It is billed no further, and canceled when its next cycle would have begun. A pause that was planned for then is given up. */
export function toBeCanceled<T extends SubscriptionStanding>(subscription: T, reason: string | null) {
  const planned = subscription.status === 'paused' ? {} : unpaused;
  return { ...subscription, ...planned, cancelsAtPeriodEnd: true, reason };
}

/** It goes on as if it had not been canceled. */
export function notCanceledAfterAll<T extends SubscriptionStanding>(subscription: T) {
  return { ...subscription, cancelsAtPeriodEnd: false, reason: null };
}

/** `outOfDunning`: charges in dunning that are void with it. */
export function canceled<T extends SubscriptionStanding>(
  subscription: T,
  { reason, outOfDunning = 0 }: { readonly reason: string | null; readonly outOfDunning?: number },
  now: Temporal.Instant,
) {
  const status = moved(subscription, 'cancel', 'canceled');
  const inDunning = subscription.inDunning - outOfDunning;
  return { ...subscription, ...unpaused, status, nextCycleAt: null, endedAt: now, reason, inDunning };
}

/** Its last cycle is over. What it still owes is tried. */
export function ended<T extends SubscriptionStanding>(subscription: T, now: Temporal.Instant) {
  return { ...subscription, ...unpaused, status: moved(subscription, 'end', 'ended'), endedAt: now, nextCycleAt: null };
}
