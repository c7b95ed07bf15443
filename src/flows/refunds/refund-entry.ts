import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { NewRefund } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { type Facts, record } from '../change/record.ts';

/** What of a refund an entry is about. */
export type RefundTold = Pick<
  NewRefund,
  'id' | 'referenceId' | 'amount' | 'channel' | 'paymentRequestId' | 'paymentId' | 'reason' | 'refundId' | 'fee'
>;

type RefundKind = Extract<EntryKind, `refund.${string}`>;

/** Writes down what became of a refund: its amount, its name at Xendit, the payment that it gives back. */
export function refundEntry(
  ctx: Context,
  dossier: ChargeDossier,
  refund: RefundTold,
  kind: RefundKind,
  at: Temporal.Instant,
  facts: Facts,
): Entry {
  const { charge } = dossier;
  const { id, amount, channel, referenceId, paymentRequestId, paymentId, reason, refundId, fee } = refund;
  const detail = canonicalJson({
    refund: id,
    reason,
    ...(refundId !== null && { refund_id: refundId }),
    ...(fee !== null && { fee: fee.toString() }),
  });
  const entry = record(ctx.newId(charge.bucket), at, kind, { ...dossier, channel }, { ...facts, amount, detail });
  return { ...entry, referenceId, paymentRequestId, paymentId };
}
