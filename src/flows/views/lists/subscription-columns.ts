import { decimals, majorText, money } from '../../../domain/money/money.ts';
import { type Column, thereText } from '../files/column.ts';
import type { SubscriptionLine } from '../list-subscriptions.ts';
import type { SubscriptionView } from '../subscription-view.ts';

/** The columns of the list of subscriptions: first those of the page in their order, then the rest. Times are in this zone, and say so. */
export function subscriptionColumns(timeZone: string): readonly Column<SubscriptionLine>[] {
  const of = (
    name: string,
    kind: Column<SubscriptionLine>['kind'],
    cell: (one: SubscriptionView, line: SubscriptionLine) => string | number | null,
  ) => ({ name, kind, cell: (line: SubscriptionLine) => cell(line.subscription, line) });
  const at = (name: string, when: (one: SubscriptionView, line: SubscriptionLine) => string | null) =>
    of(`${name} (${timeZone})`, 'instant', (one, line) => thereText(when(one, line), timeZone));
  return [
    of('reference_id', 'text', (one) => one.reference_id),
    of('customer_reference', 'text', ({ customer }) => customer.reference_id ?? customer.xendit_customer_id),
    of('plan', 'text', ({ plan }) => plan),
    of('price', 'amount', ({ price }) => {
      return majorText(money(Math.round(price.amount * 10 ** decimals(price.currency)), price.currency));
    }),
    of('currency', 'id', ({ price }) => price.currency),
    of('status', 'id', ({ status }) => status),
    at('status_since', (_, { since }) => since),
    at('next_charge_at', (one) => one.next_charge_at),
    of('channel', 'text', ({ token }) => token?.channel_code ?? null),
    of('method', 'text', ({ token }) => token?.label ?? null),
    of('method_ends', 'date', (_, { methodEndsOn }) => methodEndsOn),
    of('in_dunning', 'count', (_, { inDunning }) => inDunning),
    at('activated_at', (one) => one.activated_at),
    at('past_due_since', (one) => one.past_due_since),
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
