import type { Context } from '../../context.ts';
import { confirmedPayment } from '../../domain/books/reconciliation.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { recordOne } from '../books/record-surplus.ts';
import { tell } from '../books/write-down.ts';

/**
 * Another payment of an attempt that was paid before: one session, paid in two tabs. Xendit has confirmed it; it is money beyond
 * the charge, and a refund of it is proposed, once, whoever finds it first.
 */
export async function recordSecond(
  ctx: Context,
  { attempt }: Pick<AttemptDossier, 'attempt'>,
  { paymentId, paymentRequestId }: Extract<Outcome, { kind: 'succeeded' }>,
): Promise<void> {
  if (paymentId === null || paymentId === attempt.paymentId) return;
  const { referenceId, amount: minor, currency } = attempt;
  const known = { referenceId, amount: { minor, currency } };
  const payment = confirmedPayment({ paymentId, paymentRequestId }, known, await ctx.clock.now());
  const row = await recordOne(ctx, attempt.id, payment);
  if (row !== null) tell(ctx, row);
}
