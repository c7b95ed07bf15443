import type { Context } from '../../context.ts';
import type { Refund } from '../../infra/gateway/refund.ts';
import { isFound, writeFindings } from '../../infra/tables/books/findings.ts';
import { findingRow } from '../change/findings/proposed-refunds.ts';

export type ReturnedFor = { readonly subscriptionId: string; readonly chargeId: string | null };

/** A person decides what the charge is now; nothing is moved. `because`: how it came to be unexpected. */
export async function tellOfReturned(
  ctx: Context,
  { refundId, paymentId, paymentRequestId, written }: Refund,
  about: ReturnedFor,
  because: string,
): Promise<void> {
  const why = `Xendit gave ${written} back to the customer, ${because}, and the books have no such payment left: a person decides what the charge is now.`;
  const finding = { kind: 'returned', reference: refundId, refund: null, closedWhy: null } as const;
  const row = findingRow({ ...finding, ...about, paymentId, paymentRequestId, why }, await ctx.clock.now());
  if (await isFound(ctx.db, row.bucket, 'returned', refundId)) return;
  const fresh = await writeFindings(ctx.db, [row]);
  if (fresh.length > 0) ctx.log.error('payment was given back', { charge_id: about.chargeId, refund: refundId, why });
}
