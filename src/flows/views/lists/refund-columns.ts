import { type Currency, decimals, majorText, money } from '../../../domain/money/money.ts';
import { type Column, thereText } from '../files/column.ts';
import type { RefundLine } from '../pages/refund-list.ts';

/** The columns of the list of refunds: first those of the page in their order, then the rest. Times are in this zone, and say so. */
export function refundColumns(timeZone: string): readonly Column<RefundLine>[] {
  const of = (
    name: string,
    kind: Column<RefundLine>['kind'],
    cell: (line: RefundLine) => string | number | null,
  ): Column<RefundLine> => ({ name, kind, cell });
  const at = (name: string, when: (line: RefundLine) => string | null) =>
    of(`${name} (${timeZone})`, 'instant', (line) => thereText(when(line), timeZone));
  return [
    of('subscription_reference', 'text', ({ reference }) => reference),
    of('cycle', 'count', ({ cycle }) => cycle),
    of('customer_reference', 'text', ({ customer }) => customer),
    of('amount', 'amount', ({ refund }) => amountText(refund.amount, refund.currency)),
    of('currency', 'id', ({ refund }) => refund.currency),
    of('state', 'text', ({ shown }) => shown.word),
    of('why', 'text', ({ fate }) => fate),
    of('note', 'text', ({ refund }) => refund.note),
    of('asked_by', 'text', ({ refund }) => refund.asked_by),
    at('asked_at', ({ refund }) => refund.asked_at),
    of('approved_by', 'text', ({ refund }) => refund.approved_by),
    at('approved_at', ({ refund }) => refund.approved_at),
    at('settled_at', ({ refund }) => refund.settled_at),
    of('fee', 'amount', ({ refund }) => (refund.fee === null ? null : amountText(refund.fee, refund.currency))),
    of('reason', 'id', ({ refund }) => refund.reason),
    of('failure_code', 'text', ({ refund }) => refund.failure_code),
    of('origin', 'id', ({ refund }) => refund.origin),
    of('reference_id', 'id', ({ refund }) => refund.reference_id),
    of('refund_id', 'text', ({ refund }) => refund.refund_id),
    of('payment_request_id', 'text', ({ refund }) => refund.payment_request_id),
    of('charge_id', 'id', ({ refund }) => refund.charge_id),
    of('id', 'id', ({ refund }) => refund.id),
  ];
}

function amountText(amount: number, currency: Currency): string {
  return majorText(money(Math.round(amount * 10 ** decimals(currency)), currency));
}
