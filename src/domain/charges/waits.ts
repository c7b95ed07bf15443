import { assertMay, type ChargeStanding, dueAt, unqueued } from './moves.ts';

/*
 * The moves of a charge between being tried and waiting: for its customer, or for its subscription to be resumed. They are
 * legal as `chargeMoves` says.
 */

/** Waits for its customer, and is in dunning from now on. */
export function awaiting<T extends ChargeStanding>(charge: T, until: Temporal.Instant, note: string): T {
  assertMay('wait', charge);
  return { ...dueAt(charge, null, note), waitsUntil: until, technicalRetries: 0, inDunning: true };
}

/** Waits for its customer, and was in dunning before: what was counted of it stays. */
export function awaitingOn<T extends ChargeStanding>(charge: T, until: Temporal.Instant, note: string): T {
  return { ...parked(charge, note), waitsUntil: until };
}

/** Due, and left alone until somebody acts: its subscription is paused. */
export function parked<T extends ChargeStanding>(charge: T, note: string): T {
  assertMay('park', charge);
  return { ...charge, ...unqueued, note };
}

/** A charge that would be tried, were its subscription not paused: what it waits for goes on. */
export function untilResumed<T extends ChargeStanding>(charge: T): T {
  return charge.status === 'due' ? { ...charge, nextAttemptAt: null } : charge;
}

/**
 * Due at once, since a person or its customer did something about it. One that was given up is in dunning again: nobody asks
 * for it for the first time, and until it is paid its subscription is past due.
 */
export function unparked<T extends ChargeStanding>(charge: T, now: Temporal.Instant): T {
  assertMay('unpark', charge);
  const inDunning = charge.inDunning || charge.status === 'uncollectible';
  return { ...charge, ...unqueued, status: 'due', nextAttemptAt: now, settledAt: null, inDunning };
}

/** It waited for its customer only because its method was over, which was no fault of the method: it is tried as it was planned. */
export function replanned<T extends ChargeStanding>(charge: T, at: Temporal.Instant, note: string): T {
  assertMay('replan', charge);
  return {
    ...charge,
    nextAttemptAt: at,
    waitsUntil: null,
    inDunning: charge.inDunning && charge.ladderStep > 0,
    note,
  };
}

/** Its customer may pay it by hand: the session is an attempt with the next number, and what is planned of the charge stays planned. */
export function offered<T extends ChargeStanding & { readonly attempts: number }>(charge: T): T {
  return { ...charge, attempts: charge.attempts + 1 };
}
