import type { Context } from '../../../context.ts';
import { type DisputeFilter, disputeOf, disputePage } from '../../../infra/tables/disputes/disputes.ts';
import type { DisputeRow } from '../../../infra/tables/schema/disputes/dispute-columns.ts';
import { type Page, readCursor, writeCursor } from '../cursor.ts';
import { major } from '../subscription-view.ts';

export type DisputeView = ReturnType<typeof disputeView>;

/** A dispute as everybody sees it; major units. */
export function disputeView(dispute: DisputeRow) {
  const { currency } = dispute;
  return {
    answer_by: dispute.answerBy?.toString() ?? null,
    id: dispute.disputeId,
    state: dispute.state,
    charge_id: dispute.chargeId,
    subscription_id: dispute.subscriptionId,
    amount: major(dispute.amount, currency),
    currency,
    held: major(dispute.held, currency),
    channel_code: dispute.channel,
    reason: dispute.reason,
    category: dispute.category,
    payment_id: dispute.paymentId,
    opened_at: dispute.openedAt.toString(),
    closed_at: dispute.closedAt?.toString() ?? null,
    decided_by: dispute.decidedBy,
    decided_at: dispute.decidedAt?.toString() ?? null,
  };
}

export async function showDispute({ db }: Context, id: string): Promise<DisputeView | null> {
  const dispute = await disputeOf(db, id);
  return dispute === null ? null : disputeView(dispute);
}

/** A page of disputes: open ones by when they have to be answered, then those that are over. Throws CursorFault for a cursor that we never gave. */
export async function listDisputes(
  { db }: Pick<Context, 'db'>,
  filter: DisputeFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<DisputeView>> {
  const after = readCursor(cursor, ['urgency', 'reference'] as const);
  const rows = await disputePage(db, filter, after, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return {
    data: shown.map(({ dispute }) => disputeView(dispute)),
    next_cursor: isMore ? writeCursor({ urgency: last.urgency, reference: last.dispute.disputeId }) : null,
  };
}
