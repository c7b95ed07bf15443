import { assertMay, type ChargeStanding, dueAt, openedAs, unqueued } from './moves.ts';

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

/** A new charge that only its customer can pay, on a page: nothing of it is tried, nobody is dunned for it, and it is over after a time. */
export function openedToBePaid(until: Temporal.Instant, why: string, now: Temporal.Instant) {
  return { ...openedAs('due', { dueAt: now, why }, now), nextAttemptAt: null, waitsUntil: until } as const;
}

type Waiting = Pick<ChargeStanding, 'status' | 'inDunning' | 'waitsUntil' | 'waitsFor'>;

/** Whether it is one of these. */
export function isToBePaid({ status, inDunning, waitsUntil, waitsFor }: Waiting): boolean {
  return status === 'due' && waitsUntil !== null && waitsFor === null && !inDunning;
}

/** Its customer got a link that is good until then. */
export function linkedUntil<T extends ChargeStanding>(charge: T, until: Temporal.Instant): T {
  assertMay('park', charge);
  return { ...charge, waitsUntil: until };
}
