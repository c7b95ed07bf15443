import { and, eq, sql as fragment, gte, inArray, lt, notInArray, type SQL } from 'drizzle-orm';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { isOver, type SubscriptionStatus, subscriptionStatuses } from '../../../domain/subscriptions/subscription.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { opened } from '../methods/sealed-tokens.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { endsBy } from './ending-methods.ts';
import { dossiers, type SubscriptionDossier } from './subscriptions.ts';

export type SubscriptionFilter = {
  readonly status?: SubscriptionStatus | undefined;
  readonly plan?: string | undefined;
  readonly currency?: Currency | undefined;
  /** Those whose method in use goes over this channel. */
  readonly channel?: string | undefined;
  readonly account?: string | undefined;
  /** Those whose price is that of this version of the catalog. */
  readonly catalogVersion?: number | undefined;
  /** Those of which something is still to come, or of which nothing is. */
  readonly live?: boolean | undefined;
  /** Those whose next cycle falls due from then on, and before `nextUntil`. */
  readonly nextFrom?: Temporal.Instant | undefined;
  readonly nextUntil?: Temporal.Instant | undefined;
  /** Those whose method in use may be counted on until this day at most. */
  readonly methodEndsBy?: Temporal.PlainDate | undefined;
  /** These only. */
  readonly ids?: readonly string[] | undefined;
};

/** Newest first, or the list read backwards. */
export type SubscriptionOrder = 'newest' | 'oldest';

/** A page of subscriptions, strictly after `after` in this order. */
export async function subscriptionPage(
  db: Database,
  filter: SubscriptionFilter,
  after: { readonly createdAt: string; readonly id: string } | null,
  limit: number,
  order: SubscriptionOrder = 'newest',
): Promise<readonly SubscriptionDossier[]> {
  const [beyond, first] = order === 'newest' ? [fragment`<`, fragment`desc`] : [fragment`>`, fragment`asc`];
  const rows = await dossiers(db)
    .where(
      and(
        narrowed(filter),
        after === null
          ? undefined
          : fragment`(${subscriptions.createdAt}, ${subscriptions.id}) ${beyond} (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(fragment`${subscriptions.createdAt} ${first}, ${subscriptions.id} ${first}`)
    .limit(limit);
  return opened(db.vault, rows);
}

export type SubscriptionTotal = {
  readonly currency: Currency;
  readonly status: SubscriptionStatus;
  readonly count: number;
  /** What they are charged per cycle, in minor units. */
  readonly amount: string;
};

/** What the whole list comes to, by currency and status. Of a list of more than `most`, only so many and one are counted; null: all are. */
export async function subscriptionTotals(
  db: Database,
  filter: SubscriptionFilter,
  most: number | null,
): Promise<readonly SubscriptionTotal[]> {
  const some = db.drizzle
    .select({ currency: subscriptions.currency, status: subscriptions.status, amount: subscriptions.amount })
    .from(subscriptions)
    .where(narrowed(filter))
    .$dynamic();
  const asked = (most === null ? some : some.limit(most + 1)).as('asked');
  const totals = db.drizzle
    .select({
      currency: asked.currency,
      status: asked.status,
      count: fragment<number>`count(*)::int`,
      amount: fragment<string>`sum(${asked.amount})::text`,
    })
    .from(asked)
    .groupBy(asked.currency, asked.status)
    .orderBy(asked.currency, asked.status);
  return await countInTurn(db, () => totals.execute());
}

/** How many subscriptions a filter has, counted no further than `most` + 1. */
export async function subscriptionCount(db: Database, filter: SubscriptionFilter, most: number): Promise<number> {
  const some = db.drizzle
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(narrowed(filter))
    .limit(most + 1);
  return await countInTurn(db, async () => await db.drizzle.$count(some));
}

/** Whether a list is not of all that there are. */
export function isNarrowed(filter: SubscriptionFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

function narrowed(filter: SubscriptionFilter): SQL | undefined {
  const { ids, channel, nextFrom, nextUntil, methodEndsBy } = filter;
  return and(
    ...equal(filter),
    channel === undefined
      ? undefined
      : fragment`exists (select from tokens t where t.bucket = ${subscriptions.bucket} and t.id = ${subscriptions.tokenId} and t.channel_code = ${channel})`,
    nextFrom === undefined ? undefined : gte(subscriptions.nextCycleAt, nextFrom),
    nextUntil === undefined ? undefined : lt(subscriptions.nextCycleAt, nextUntil),
    methodEndsBy === undefined ? undefined : endsBy(methodEndsBy),
    ids === undefined
      ? undefined
      : and(inArray(subscriptions.bucket, [...new Set(ids.map(bucketOf))]), inArray(subscriptions.id, [...ids])),
  );
}

const over = subscriptionStatuses.filter(isOver);

function equal(filter: SubscriptionFilter): readonly (SQL | undefined)[] {
  const { status, plan, currency, account, catalogVersion, live } = filter;
  return [
    catalogVersion === undefined ? undefined : eq(subscriptions.catalogVersion, catalogVersion),
    live === undefined ? undefined : (live ? notInArray : inArray)(subscriptions.status, over),
    status === undefined ? undefined : eq(subscriptions.status, status),
    plan === undefined ? undefined : eq(subscriptions.plan, plan),
    currency === undefined ? undefined : eq(subscriptions.currency, currency),
    account === undefined ? undefined : eq(subscriptions.account, account),
  ];
}
