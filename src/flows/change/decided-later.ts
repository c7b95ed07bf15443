import type { Context } from '../../context.ts';
import type { ChargeStatus } from '../../domain/charges/charge.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import type { CyclesSay } from '../../domain/dunning/settlement.ts';
import { countsAs } from '../../domain/subscriptions/subscription-status.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { newestDecidedCharge } from '../../infra/tables/subscriptions/cycles.ts';
import { owedAfter } from './owing-after.ts';

type Book = { readonly charge: ChargeRow; readonly subscription: SubscriptionRow };

/**
 * What was decided about the newest cycle after this charge's own, which then says more about its subscription than this
 * charge. Read only where it can matter: charges of the newest cycle, nearly all, have none after them.
 */
export async function decidedLater(
  ctx: Context,
  { charge, subscription }: Book,
  decision: Decision,
): Promise<ChargeStatus | null> {
  const decides = decision.kind === 'paid' || decision.kind === 'give_up';
  if (!decides || charge.cycle === null || charge.cycle >= subscription.nextCycle - 1) return null;
  const newest = await newestDecidedCharge(ctx.db, subscription, { afterCycle: charge.cycle });
  return newest === null ? null : countsAs(newest);
}

/** What the cycles say of the subscription of an extra charge, which says nothing of them; null of a cycle's charge. */
export async function cyclesBeside(ctx: Context, { charge, subscription }: Book): Promise<CyclesSay | null> {
  if (charge.cycle !== null) return null;
  const { owed, onTrial } = await owedAfter(ctx, subscription, subscription.inDunning, []);
  return { newest: owed.newest, onTrial };
}
