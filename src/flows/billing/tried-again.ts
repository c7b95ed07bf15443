import type { ChargeRow } from '../../infra/postgres/change-columns.ts';

/**
 * A charge that is tried at once. One that was given up is in dunning again: nobody asks for it for the first time, and
 * until it is paid its subscription is past due.
 */
export function triedAgain(charge: ChargeRow, now: Temporal.Instant): ChargeRow {
  const inDunning = charge.inDunning || charge.status === 'uncollectible';
  return { ...charge, status: 'due', inDunning, nextAttemptAt: now, waitsUntil: null, settledAt: null };
}
