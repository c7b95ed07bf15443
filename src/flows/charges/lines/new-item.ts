import type { Context } from '../../../context.ts';
import type { ItemStanding } from '../../../domain/charges/parts.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { NewItem } from '../../../infra/tables/schema/item-columns.ts';

/** A line that waits for the next charge of its subscription. */
export function newItem(
  ctx: Context,
  { bucket, id, customerId }: Pick<SubscriptionRow, 'bucket' | 'customerId' | 'id'>,
  { item, why, number }: { readonly item: ItemStanding; readonly why: string | null; readonly number: number },
  now: Temporal.Instant,
): NewItem {
  return { ...item, bucket, id: ctx.newId(bucket), customerId, subscriptionId: id, number, why, createdAt: now };
}
