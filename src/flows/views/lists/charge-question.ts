import type { Context } from '../../../context.ts';
import type { ChargeFilter } from '../../../infra/tables/charges/charge-list.ts';
import { type ChargeOrder, chargeOrders, isKeptSorted } from '../../../infra/tables/charges/charge-order.ts';
import { chargeCount } from '../../../infra/tables/charges/charge-totals.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from '../named.ts';
import { find } from './find.ts';

export { chargeOrders };

/** What somebody asks of the list of charges: page, call, command and file ask the same. */
export type ChargesAsked = Omit<ChargeFilter, 'subscriptions' | 'ids'> & {
  /** Our id or the product's reference of the subscription. */
  readonly subscription?: string | undefined;
  /** Our id, the product's reference, or Xendit's id of the customer. */
  readonly customer?: string | undefined;
  /** Whatever somebody holds of it: a reference, an id, a payment at Xendit. */
  readonly find?: string | undefined;
  /** Oldest due first unless said. */
  readonly sort?: ChargeOrder | undefined;
};

/** Null: what was asked for names nothing that there is. */
export async function chargeFilter(
  ctx: Context,
  { subscription, customer, find: held, ...narrowing }: Omit<ChargesAsked, 'sort'>,
): Promise<ChargeFilter | null> {
  const found = held === undefined ? null : await find(ctx, held);
  const ofFound = found === null || found.charges.length > 0 ? null : Promise.resolve(found.subscriptions);
  const subscriptions = await idsAsked([
    subscription === undefined ? null : subscriptionsNamed(ctx, subscription),
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
    ofFound,
  ]);
  if (subscriptions?.length === 0) return null;
  return { ...narrowing, subscriptions, ids: found !== null && ofFound === null ? found.charges : undefined };
}

/** Of a longer list no other order is made than by due date, which an index keeps: all of it would be read for each page. */
export const MOST_SORTED = 50_000;

export const TOO_LONG_TO_SORT =
  `These are more than ${MOST_SORTED.toLocaleString('en')} charges: only by due_at are so many sorted. ` +
  'Narrow the list, to a day or a plan.';

/** Whether a list is too long for the order that is asked for. */
export async function isTooLongToSort(ctx: Context, asked: ChargesAsked): Promise<boolean> {
  if (isKeptSorted(asked.sort ?? 'due_at')) return false;
  return (await countCharges(ctx, asked, MOST_SORTED)) > MOST_SORTED;
}

/** How many charges a filter has, counted no further than `most` + 1. */
export async function countCharges(ctx: Context, asked: ChargesAsked, most: number): Promise<number> {
  const filter = await chargeFilter(ctx, asked);
  return filter === null ? 0 : await chargeCount(ctx.db, filter, most);
}
