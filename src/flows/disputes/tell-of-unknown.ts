import type { Context } from '../../context.ts';
import type { Dispute } from '../../infra/gateway/dispute.ts';
import { isFound, writeFindings } from '../../infra/tables/books/findings.ts';
import { findingRow } from '../change/findings/proposed-refunds.ts';
import type { Followed } from './followed.ts';

/** A person looks at a dispute of a payment that the books do not have, or that is of another currency; nothing is moved. */
export async function tellOfUnknown(
  ctx: Context,
  { disputeId, written, paymentId }: Dispute,
  about: { readonly subscriptionId: string; readonly chargeId: string | null },
): Promise<Followed> {
  const why = `A customer disputes ${written} with their bank, and the books have no such payment: look at dispute ${disputeId} in Xendit's dashboard.`;
  const finding = { kind: 'dispute', reference: disputeId, refund: null, closedWhy: null } as const;
  const row = findingRow({ ...finding, ...about, paymentId, paymentRequestId: null, why }, await ctx.clock.now());
  if (await isFound(ctx.db, row.bucket, 'dispute', disputeId)) return { kind: 'foreign' };
  const fresh = await writeFindings(ctx.db, [row]);
  if (fresh.length > 0) ctx.log.error('payment is disputed', { charge_id: about.chargeId, dispute: disputeId, why });
  return { kind: 'foreign' };
}
