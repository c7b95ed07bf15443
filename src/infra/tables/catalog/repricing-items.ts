import { and, eq, gt } from 'drizzle-orm';
import type { Plan } from '../../../domain/catalog/plan.ts';
import type { ItemState } from '../../../domain/subscriptions/repricing/repricing.ts';
import type { RepricingFilter } from '../../../domain/subscriptions/repricing/repricing-filter.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { assignments, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { repricingItems } from '../schema/terms.ts';
import {
  type DecidedItem,
  type RepricingItemRow,
  repricingItemColumns,
  repricingItemKeys,
} from '../schema/terms-columns.ts';

/** Whom a repricing is about: who has the plan, is not at that price, does not come to it already, and fits the filter. */
export type Draft = {
  readonly plan: Plan;
  readonly toVersion: number;
  readonly filter: readonly RepricingFilter[];
};

/** Live subscriptions that a draft is about, by id from the oldest on: at most so many after one. */
export async function toReprice(
  db: Database,
  { plan, toVersion, filter }: Draft,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const { price, interval } = plan;
  const isSo = sql`s.amount = ${price.minor}::bigint * s.quantity and s.currency = ${price.currency}
    and s.interval_count = ${interval.count}::int and s.interval_unit = ${interval.unit}`;
  const rows = await db.run<{ id: string }>(sql`select s.id from subscriptions s
    left join tokens k on k.bucket = s.bucket and k.id = s.token_id
    where s.status in ('pending', 'trialing', 'active', 'past_due', 'paused') and s.plan = ${plan.id}
      and (${after}::uuid is null or s.id > ${after}::uuid)
      and case when s.repricing is null then not (${isSo}) else (s.repricing->>'version')::int <> ${toVersion}::int end
      and ${sql.join([sql`true`, ...filter.map(condition)], ' and ')}
    order by s.id limit ${limit}::int`);
  return rows.map(({ id }) => id);
}

function condition({ key, value }: RepricingFilter): Sql {
  switch (key) {
    case 'channel':
      return sql`k.channel_code = ${value}`;
    case 'country':
      return sql`s.country = ${value}`;
    case 'currency':
      return sql`s.currency = ${value}`;
    case 'quantity':
      return sql`s.quantity = ${Number(value)}::int`;
    case 'status':
      return sql`s.status = ${value}`;
    case 'version':
      return sql`s.catalog_version = ${Number(value)}::int`;
    default:
      return sql`s.metadata->>${key.slice('metadata.'.length)} = ${value}`;
  }
}

/** Subscriptions that wait for their turn, by id: at most so many. */
export async function itemsInTurn(
  db: Database,
  buckets: readonly number[],
  repricing: number,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`select i.subscription_id as id from repricing_items i
    where ${within('i', buckets)} and i.repricing = ${repricing}::int and i.state = 'waiting'
    order by i.subscription_id limit ${limit}::int`);
  return rows.map(({ id }) => id);
}

/** Writes down what becomes of subscriptions that are left as they are. One that was decided meanwhile stays so. */
export async function decideItems(
  db: Database,
  buckets: readonly number[],
  items: readonly DecidedItem[],
): Promise<void> {
  if (items.length === 0) return;
  const columns = { ...repricingItemKeys, ...repricingItemColumns };
  await db.run(sql`update repricing_items t set ${assignments('u', Object.keys(repricingItemColumns))}
    from ${recordset('u', columns, items)}
    where ${within('t', buckets)} and t.bucket = u.bucket and t.subscription_id = u.subscription_id and t.repricing = u.repricing
      and t.state = 'waiting'`);
}

export type ItemCount = { readonly state: ItemState; readonly why: string | null; readonly count: number };

/** What became of its subscriptions, counted by state and why: what is said of one that was moved is its own. */
export async function itemCounts(db: Database, number: number): Promise<readonly ItemCount[]> {
  return await db.run<ItemCount>(sql`select i.state, case when i.state <> 'done' then i.why end as why, count(*)::int as count from repricing_items i
    where i.repricing = ${number}::int group by 1, 2 order by 1, 3 desc, 2`);
}

/** Its subscriptions, by id, with what became of each: at most so many after one. */
export async function repricedPage(
  db: Database,
  number: number,
  state: ItemState | null,
  after: string | null,
  limit: number,
): Promise<
  readonly (Pick<RepricingItemRow, 'subscriptionId' | 'state' | 'why' | 'decidedAt'> & { readonly reference: string })[]
> {
  return await db.drizzle
    .select({
      subscriptionId: repricingItems.subscriptionId,
      reference: subscriptions.referenceId,
      state: repricingItems.state,
      why: repricingItems.why,
      decidedAt: repricingItems.decidedAt,
    })
    .from(repricingItems)
    .innerJoin(
      subscriptions,
      and(eq(subscriptions.bucket, repricingItems.bucket), eq(subscriptions.id, repricingItems.subscriptionId)),
    )
    .where(
      and(
        eq(repricingItems.repricing, number),
        state === null ? undefined : eq(repricingItems.state, state),
        after === null ? undefined : gt(repricingItems.subscriptionId, after),
      ),
    )
    .orderBy(repricingItems.subscriptionId)
    .limit(limit);
}
