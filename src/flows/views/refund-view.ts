import type { Context } from '../../context.ts';
import { momentText } from '../../domain/calendar/moment-text.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { ShownState } from '../../domain/charges/shown-state.ts';
import { refundFate, shownRefund } from '../../domain/refunds/shown-refund.ts';
import { type RefundFilter, refundOf, refundPage } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { major } from './subscription-view.ts';

export type RefundView = ReturnType<typeof refundView>;

/** A refund as everybody sees it; major units. */
export function refundView(refund: RefundRow) {
  const { currency, fee } = refund;
  return {
    id: refund.id,
    charge_id: refund.chargeId,
    subscription_id: refund.subscriptionId,
    amount: major(refund.amount, currency),
    currency,
    state: refund.state,
    origin: refund.origin,
    reference_id: refund.referenceId,
    refund_id: refund.refundId,
    payment_request_id: refund.paymentRequestId,
    reason: refund.reason,
    note: refund.note,
    why: refund.why,
    failure_code: refund.failureCode,
    fee: fee === null ? null : major(fee, currency),
    asked_by: refund.askedBy,
    asked_at: refund.askedAt.toString(),
    approved_by: refund.approvedBy,
    approved_at: refund.approvedAt?.toString() ?? null,
    next_at: refund.nextAt?.toString() ?? null,
    settled_at: refund.settledAt?.toString() ?? null,
  };
}

/** A refund with its fate in words: one place for page and file. */
export type RefundTold = { readonly refund: RefundView; readonly shown: ShownState; readonly fate: string };

export function refundTold(row: RefundRow, timeZone: string): RefundTold {
  return {
    refund: refundView(row),
    shown: shownRefund(row),
    fate: refundFate(row, (at) => momentText(at.toString(), timeZone)),
  };
}

export async function showRefund({ db }: Context, id: string): Promise<RefundView | null> {
  const refund = await refundOf(db, bucketOf(id), id);
  return refund === null ? null : refundView(refund);
}

/** A page of refunds, the newest first. Throws CursorFault for a cursor that we never gave. */
export async function listRefunds(
  { db }: Context,
  filter: RefundFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<RefundView>> {
  const after = readCursor(cursor, ['at', 'id'] as const);
  const rows = await refundPage(db, filter, after, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return {
    data: shown.map(refundView),
    next_cursor: isMore ? writeCursor({ at: last.askedAt.toString(), id: last.id }) : null,
  };
}
