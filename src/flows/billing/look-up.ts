import type { Context } from '../../context.ts';
import type { Currency } from '../../domain/money.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import type { AttemptRow } from '../../infra/postgres/change-columns.ts';
import { pauseEndpoint, reserve } from '../../infra/postgres/pace.ts';

type Asked = Pick<AttemptRow, 'referenceId' | 'amount' | 'currency'>;

/**
 * Asks Xendit what became of an attempt, inside the pace that it allows for look-ups; when it wants fewer (429), all
 * replicas wait. Null: the process was told to stop before its turn came, so nothing was asked.
 */
export async function lookUp(ctx: Context, attempt: Asked, paymentRequestId: string | null): Promise<LookUp | null> {
  const amount = { minor: attempt.amount, currency: attempt.currency as Currency };
  return await askGateway(ctx, () =>
    ctx.gateway.lookUp({ referenceId: attempt.referenceId, paymentRequestId, amount }),
  );
}

/** The same for any question whose answer is a look-up's. */
export async function askGateway(ctx: Context, ask: () => Promise<LookUp>): Promise<LookUp | null> {
  if (!(await turnToLook(ctx))) return null;
  const found = await ask();
  if (found.kind === 'unanswered' && found.retryAfterSeconds !== undefined)
    await pauseEndpoint(ctx.db, 'look_ups', found.retryAfterSeconds);
  return found;
}

/** Waits for a place in the pace of the look-ups, which all replicas share. False: the process is told to stop. */
export async function turnToLook(ctx: Context): Promise<boolean> {
  while (!ctx.stopping.aborted) {
    const permits = await reserve(ctx.db, 'look_ups', ctx.requestsPerMinute, 1);
    if (permits.granted > 0) return true;
    await ctx.sleep(permits.waitMs);
  }
  return false;
}
