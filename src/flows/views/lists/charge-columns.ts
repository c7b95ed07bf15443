import { majorText, money } from '../../../domain/money/money.ts';
import type { ChargeRow } from '../../../infra/tables/schema/change-columns.ts';
import { type Cell, type Column, thereText } from '../files/column.ts';
import type { ChargeLine } from './charge-lines.ts';

/** The columns of the list of charges: first those of the page in their order, then the rest. Times are in this zone, and say so. */
export function chargeColumns(timeZone: string): readonly Column<ChargeLine>[] {
  const of = (name: string, kind: Column<ChargeLine>['kind'], cell: (line: ChargeLine) => Cell) => ({
    name,
    kind,
    cell,
  });
  const amount = (name: string, minor: (charge: ChargeRow) => bigint) =>
    of(name, 'amount', ({ charge }) => majorText(money(minor(charge), charge.currency)));
  const at = (name: string, when: (line: ChargeLine) => string | undefined) =>
    of(`${name} (${timeZone})`, 'instant', (line) => thereText(when(line) ?? null, timeZone));
  return [
    of('subscription_reference', 'text', ({ subscription }) => subscription.referenceId),
    of('cycle', 'count', ({ charge }) => charge.cycle),
    of('customer_reference', 'text', ({ customer }) => customer.referenceId ?? customer.xenditId),
    of('plan', 'text', ({ charge }) => charge.plan),
    amount('amount', (charge) => charge.amount),
    of('currency', 'id', ({ charge }) => charge.currency),
    of('state', 'id', ({ state }) => state.word),
    of('why', 'text', ({ why }) => why),
    at('last_attempt_at', ({ last }) => last?.sentAt),
    at('due_at', ({ charge }) => charge.dueAt.toString()),
    at('next_attempt_at', ({ charge }) => charge.nextAttemptAt?.toString()),
    at('waits_until', ({ charge }) => charge.waitsUntil?.toString()),
    of('status', 'id', ({ charge }) => charge.status),
    of('attempts', 'count', ({ charge }) => charge.attempts),
    of('failure_code', 'text', ({ charge }) => charge.lastFailureCode),
    of('class', 'id', ({ last }) => last?.class ?? null),
    of('channel', 'text', ({ last }) => last?.channel ?? null),
    of('hold_reason', 'id', ({ charge }) => charge.holdReason),
    of('note', 'text', ({ charge }) => charge.note),
    amount('collected', (charge) => charge.collected),
    amount('overpaid', (charge) => charge.overpaid),
    amount('refunded', (charge) => charge.refunded),
    amount('charged_back', (charge) => charge.chargedBack),
    amount('credit_used', (charge) => charge.creditUsed),
    of('kind', 'id', ({ charge }) => charge.kind),
    of('period_start', 'date', ({ charge }) => charge.periodStart.toString()),
    of('period_end', 'date', ({ charge }) => charge.periodEnd.toString()),
    of('missed', 'id', ({ charge }) => String(charge.missed)),
    at('settled_at', ({ charge }) => charge.settledAt?.toString()),
    of('reference_id', 'text', ({ last }) => last?.referenceId ?? null),
    of('payment_id', 'text', ({ last }) => last?.paymentId ?? null),
    of('catalog_version', 'count', ({ charge }) => charge.catalogVersion),
    of('charge_id', 'id', ({ charge }) => charge.id),
    of('subscription_id', 'id', ({ subscription }) => subscription.id),
  ];
}
