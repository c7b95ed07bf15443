import type { Context } from '../../context.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';

/** Xendit has it for a month, and does not say what became of it. */
export function tellOfPending({ log }: Context, { id, chargeId, referenceId }: RefundRow): void {
  const way_out = 'ask Xendit what became of it';
  log.error('refund is pending for a month', { refund: id, charge_id: chargeId, reference_id: referenceId, way_out });
}
