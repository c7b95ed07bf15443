import type { Context } from '../../context.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { Answered } from './attempt-charges.ts';
import { settleAttempts } from './settle-attempts.ts';

/** Pauses between tries: thirteen seconds in all, which outlast a restart of the database, and well within the lease. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];

/**
 * Settles answers that are in hand, as soon as the database takes them: dropped ones would each have to be asked about
 * again when the lease is over. A settlement is guarded, so one whose own answer was lost is safe to repeat. What the
 * database does not take in time is thrown, and left to the rescue.
 */
export async function settleAnswers(ctx: Context, answered: readonly Answered[]): Promise<void> {
  for (const pause of PAUSES_MS) {
    try {
      return await settleAttempts(ctx, answered, await ctx.clock.now());
    } catch (error) {
      if (!isConnectionFault(error) || ctx.stopping.aborted) throw error;
      ctx.log.warn('settlement is tried again', { answers: answered.length });
      await ctx.sleep(pause);
    }
  }
  await settleAttempts(ctx, answered, await ctx.clock.now());
}
