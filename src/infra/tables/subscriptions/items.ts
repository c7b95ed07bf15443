import { and, asc, desc, eq, isNull, lt } from 'drizzle-orm';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { ItemRow } from '../schema/item-columns.ts';
import { items } from '../schema/items.ts';

/** What waits for the next charge of each of these subscriptions, by its id, in the order in which it came; none: it is missing. */
export async function waitingItems(
  db: Database,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ItemRow[]>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await db.drizzle
    .select()
    .from(items)
    .where(and(anyOf('items', 'subscription_id', subscriptionIds), isNull(items.chargeId), isNull(items.withdrawnAt)))
    .orderBy(asc(items.number));
  return Map.groupBy(rows, ({ subscriptionId }) => subscriptionId);
}

export async function itemById(db: Database, bucket: number, id: string): Promise<ItemRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(items)
    .where(and(eq(items.bucket, bucket), eq(items.id, id)))
    .limit(1);
  return row ?? null;
}

/** Items of a subscription, the newest first, below a number. */
export async function itemPage(
  db: Database,
  { bucket, id }: { readonly bucket: number; readonly id: string },
  below: number | null,
  limit: number,
): Promise<readonly ItemRow[]> {
  const isBelow = below === null ? undefined : lt(items.number, below);
  return await db.drizzle
    .select()
    .from(items)
    .where(and(eq(items.bucket, bucket), eq(items.subscriptionId, id), isBelow))
    .orderBy(desc(items.number))
    .limit(limit);
}
