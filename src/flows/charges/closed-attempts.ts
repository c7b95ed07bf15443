import type { Context } from '../../context.ts';
import { closedByPerson } from '../../domain/charges/attempt-moves.ts';
import { attemptsOf } from '../../infra/tables/charges/attempts.ts';
import type { AttemptOutcome, AttemptRow, ChargeRow } from '../../infra/tables/schema/change-columns.ts';

/**
 * An attempt that a person has decided about is no longer open; its success would still be news (invariant 6). Nobody vouches for what
 * a customer does next: a session in which they may pay stays open until it ends, and nothing else is tried meanwhile.
 */
export async function closedAttempts(
  ctx: Context,
  charge: ChargeRow,
  now: Temporal.Instant,
): Promise<readonly AttemptOutcome[]> {
  const open = (await attemptsOf(ctx.db, charge.bucket, charge.id)).filter(
    (one) => (one.outcome === 'unknown' || one.outcome === 'pending') && !mayStillBePaid(one, now),
  );
  return open.map((attempt) => closedByPerson(attempt, now));
}

function mayStillBePaid({ via, expiresAt }: AttemptRow, now: Temporal.Instant): boolean {
  return via === 'session' && expiresAt !== null && Temporal.Instant.compare(now, expiresAt) < 0;
}
