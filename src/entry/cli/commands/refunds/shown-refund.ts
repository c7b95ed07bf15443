import type { RefundView } from '../../../../flows/views/refund-view.ts';
import { table } from '../../screen/table.ts';
import { moneyText } from '../../screen/wording.ts';

/** One refund, with why it stands as it stands. */
export function shownRefund(refund: RefundView, wide: number | null): string {
  return [listedRefunds([refund], wide), ...(refund.why === null ? [] : ['', refund.why])].join('\n');
}

/** A line for each. */
export function listedRefunds(refunds: readonly RefundView[], wide: number | null): string {
  const columns = [
    { title: 'id' },
    { title: 'amount', align: 'right' as const },
    { title: 'state' },
    { title: 'asked by' },
    { title: 'reference' },
  ];
  const rows = refunds.map(({ id, amount, currency, state, asked_by, reference_id }) => [
    id,
    moneyText(amount, currency),
    state,
    asked_by,
    reference_id,
  ]);
  return table(columns, rows, wide);
}
