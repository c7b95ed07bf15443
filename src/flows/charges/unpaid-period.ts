import type { Context } from '../../context.ts';
import { lastVoidOf } from '../../infra/tables/books/ledger.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { chargeOfCycle } from '../../infra/tables/subscriptions/cycles.ts';

/**
 * The charge of the period that runs, if that period was never paid and nobody is at it: it was given up, or it fell due
 * while its subscription was paused. What a person voided or wrote off, or a plan whose missed cycles are void, stays as it is.
 */
export async function unpaidPeriod(
  ctx: Context,
  subscription: SubscriptionRow,
  now: Temporal.Instant,
): Promise<ChargeRow | null> {
  const { nextCycle, nextCycleAt } = subscription;
  const runs = nextCycleAt !== null && Temporal.Instant.compare(now, nextCycleAt) < 0;
  const charge = runs ? await chargeOfCycle(ctx.db, subscription, nextCycle - 1) : null;
  if (charge?.status === 'uncollectible') return charge.byHand?.closed === 'written_off' ? null : charge;
  if (charge === null) return null;
  return charge.status === 'void' && (await fellDueInAPause(ctx, charge)) ? charge : null;
}

/**
 * The schedule voids what falls due in a pause, and what was missed. A charge that had used credit gave it back, and is over. One that was
 * void when its subscription was resumed before is not owed: the resume left it so, since the other biller of an import collected it, say.
 */
async function fellDueInAPause(ctx: Context, charge: ChargeRow): Promise<boolean> {
  if (charge.missed || charge.creditUsed !== 0n) return false;
  const last = await lastVoidOf(ctx.db, charge);
  return last?.actor === 'schedule' && !last.resumed;
}
