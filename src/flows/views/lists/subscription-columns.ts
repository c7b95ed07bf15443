import { decimals, majorText, money } from '../../../domain/money/money.ts';
import { type Column, thereText } from '../files/column.ts';
import type { SubscriptionView } from '../subscription-view.ts';

/** The columns of the list of subscriptions: first those of the page in their order, then the rest. Times are in this zone, and say so. */
export function subscriptionColumns(timeZone: string): readonly Column<SubscriptionView>[] {
  const of = (
    name: string,
    kind: Column<SubscriptionView>['kind'],
    cell: (one: SubscriptionView) => string | number | null,
  ) => ({ name, kind, cell });
  const at = (name: string, when: (one: SubscriptionView) => string | null) =>
    of(`${name} (${timeZone})`, 'instant', (one) => thereText(when(one), timeZone));
  return [
    of('reference_id', 'text', (one) => one.reference_id),
    of('customer_reference', 'text', ({ customer }) => customer.reference_id ?? customer.xendit_customer_id),
    of('plan', 'text', ({ plan }) => plan),
    of('price', 'amount', ({ price }) => {
      return majorText(money(Math.round(price.amount * 10 ** decimals(price.currency)), price.currency));
    }),
    of('currency', 'id', ({ price }) => price.currency),
    of('status', 'id', ({ status }) => status),
    at('next_charge_at', (one) => one.next_charge_at),
    of('channel', 'text', ({ token }) => token?.channel_code ?? null),
    of('method', 'text', ({ token }) => token?.label ?? null),
    of('method_ends', 'id', ({ token }) => endOf(token)),
    at('past_due_since', (one) => one.past_due_since),
    at('activated_at', (one) => one.activated_at),
    of('quantity', 'count', ({ quantity }) => quantity),
    of('credit', 'amount', ({ credit, price }) => {
      return majorText(money(Math.round(credit * 10 ** decimals(price.currency)), price.currency));
    }),
    of('coupon', 'text', ({ coupon }) => coupon?.code ?? null),
    of('anchor_date', 'date', (one) => one.anchor_date),
    of('time_zone', 'id', (one) => one.time_zone),
    at('cancel_at', (one) => one.cancel_at),
    at('pause_at', (one) => one.pause_at),
    of('resumes_on', 'date', (one) => one.resumes_on),
    of('reason', 'text', ({ reason }) => reason),
    at('created_at', (one) => one.created_at),
    at('ended_at', (one) => one.ended_at),
    of('catalog_version', 'count', (one) => one.catalog_version),
    of('subscription_id', 'id', ({ id }) => id),
    of('customer_id', 'id', ({ customer }) => customer.id),
  ];
}

/** The month that is printed on a card. */
function endOf(token: SubscriptionView['token']): string | null {
  if (token === null || token.expiry_year === null || token.expiry_month === null) return null;
  return `${token.expiry_year}-${token.expiry_month.padStart(2, '0')}`;
}
