import type { Context } from '../../context.ts';
import type { Currency } from '../../domain/money.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import type { AttemptRow } from '../../infra/postgres/change-columns.ts';
import { reserve } from '../../infra/postgres/pace.ts';

type Asked = Pick<AttemptRow, 'referenceId' | 'amount' | 'currency'>;

/** Asks Xendit what became of an attempt, inside the pace that it allows for look-ups. */
export async function lookUp(ctx: Context, attempt: Asked, paymentRequestId: string | null): Promise<LookUp> {
  await permit(ctx);
  const amount = { minor: attempt.amount, currency: attempt.currency as Currency };
  return await ctx.gateway.lookUp({ referenceId: attempt.referenceId, paymentRequestId, amount });
}

async function permit(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const permits = await reserve(ctx.db, 'look_ups', ctx.requestsPerMinute, 1);
    if (permits.granted > 0) return;
    await ctx.sleep(permits.waitMs);
  }
}
