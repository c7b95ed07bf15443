import { type Currency, decimals, majorText, money } from '../../../domain/money/money.ts';
import { type Column, thereText } from '../files/column.ts';
import type { ChargeLine, ChargeView } from '../list-charges.ts';

/** The columns of the list of charges: first those of the page in their order, then the rest. Times are in this zone, and say so. */
export function chargeColumns(timeZone: string): readonly Column<ChargeLine>[] {
  const of = (name: string, kind: Column<ChargeLine>['kind'], cell: (charge: ChargeView) => string | number | null) => {
    return { name, kind, cell: ({ charge }: ChargeLine) => cell(charge) };
  };
  const amount = (name: 'amount' | 'collected' | 'overpaid' | 'refunded' | 'charged_back' | 'credit_used') =>
    of(name, 'amount', (charge) => inMajor(charge[name], charge.currency));
  const at = (name: 'due_at' | 'next_attempt_at' | 'waits_until' | 'settled_at') =>
    of(`${name} (${timeZone})`, 'instant', (charge) => thereText(charge[name], timeZone));
  return [
    of('subscription_reference', 'text', (charge) => charge.subscription_reference),
    of('cycle', 'count', ({ cycle }) => cycle),
    of('customer_reference', 'text', (charge) => charge.customer_reference),
    of('plan', 'text', ({ plan }) => plan),
    amount('amount'),
    of('currency', 'id', ({ currency }) => currency),
    of('status', 'id', ({ status }) => status),
    of('why', 'text', ({ note, advice }) => advice?.why ?? note),
    {
      name: `last_attempt_at (${timeZone})`,
      kind: 'instant',
      cell: ({ last }) => thereText(last?.sentAt ?? null, timeZone),
    },
    at('due_at'),
    at('next_attempt_at'),
    at('waits_until'),
    of('failure_code', 'text', (charge) => charge.failure_code),
    { name: 'class', kind: 'id', cell: ({ last }) => last?.class ?? null },
    { name: 'channel', kind: 'text', cell: ({ last }) => last?.channel ?? null },
    of('hold_reason', 'id', (charge) => charge.hold_reason),
    of('note', 'text', ({ note }) => note),
    amount('collected'),
    amount('overpaid'),
    amount('refunded'),
    amount('charged_back'),
    amount('credit_used'),
    of('kind', 'id', ({ kind }) => kind),
    of('period_start', 'date', ({ period }) => period.start),
    of('period_end', 'date', ({ period }) => period.end),
    of('missed', 'id', ({ missed }) => String(missed)),
    at('settled_at'),
    { name: 'reference_id', kind: 'text', cell: ({ last }) => last?.referenceId ?? null },
    { name: 'payment_id', kind: 'text', cell: ({ last }) => last?.paymentId ?? null },
    of('catalog_version', 'count', (charge) => charge.catalog_version),
    of('charge_id', 'id', ({ id }) => id),
    of('subscription_id', 'id', (charge) => charge.subscription_id),
  ];
}

/** With the decimals of its currency, which a number would lose. */
function inMajor(amount: number, currency: Currency): string {
  return majorText(money(Math.round(amount * 10 ** decimals(currency)), currency));
}
