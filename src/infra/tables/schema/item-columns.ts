import { columnsOf } from './columns-of.ts';
import { items } from './items.ts';

export type ItemRow = typeof items.$inferSelect;

const newItem = [
  'bucket',
  'id',
  'customerId',
  'subscriptionId',
  'number',
  'kind',
  'text',
  'quantity',
  'unitAmount',
  'amount',
  'periodStart',
  'periodEnd',
  'discounted',
  'why',
  'createdAt',
] as const;
export const newItemColumns = columnsOf(items, newItem);
export type NewItem = Pick<ItemRow, (typeof newItem)[number]>;

/** An item that its charge has taken as it is stored. */
export const newTakenItemColumns = columnsOf(items, [...newItem, 'chargeId']);
export type NewTakenItem = NewItem & Pick<ItemRow, 'chargeId'>;

const itemChanges = ['chargeId', 'withdrawnAt'] as const;
export const itemColumns = columnsOf(items, itemChanges);
export type ItemState = Pick<ItemRow, (typeof itemChanges)[number]> & Pick<ItemRow, 'bucket' | 'id'>;
