import { and, eq, sql as fragment, inArray, type SQL } from 'drizzle-orm';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Currency } from '../../../domain/money/money.ts';
import type { SubscriptionStatus } from '../../../domain/subscriptions/subscription.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { opened } from '../methods/sealed-tokens.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { dossiers, type SubscriptionDossier } from './subscriptions.ts';

export type SubscriptionFilter = {
  readonly status?: SubscriptionStatus | undefined;
  readonly plan?: string | undefined;
  /** These only. */
  readonly ids?: readonly string[] | undefined;
};

/** A page of subscriptions, newest first, strictly after `after`. */
export async function subscriptionPage(
  db: Database,
  filter: SubscriptionFilter,
  after: { readonly createdAt: string; readonly id: string } | null,
  limit: number,
): Promise<readonly SubscriptionDossier[]> {
  const rows = await dossiers(db)
    .where(
      and(
        narrowed(filter),
        after === null
          ? undefined
          : fragment`(${subscriptions.createdAt}, ${subscriptions.id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(fragment`${subscriptions.createdAt} desc, ${subscriptions.id} desc`)
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

/** What the whole list comes to, by currency and status, whichever page of it is shown. */
export async function subscriptionTotals(
  db: Database,
  filter: SubscriptionFilter,
): Promise<readonly SubscriptionTotal[]> {
  const totals = db.drizzle
    .select({
      currency: subscriptions.currency,
      status: subscriptions.status,
      count: fragment<number>`count(*)::int`,
      amount: fragment<string>`sum(${subscriptions.amount})::text`,
    })
    .from(subscriptions)
    .where(narrowed(filter))
    .groupBy(subscriptions.currency, subscriptions.status)
    .orderBy(subscriptions.currency, subscriptions.status);
  return await countInTurn(db, () => totals.execute());
}

function narrowed({ status, plan, ids }: SubscriptionFilter): SQL | undefined {
  return and(
    status === undefined ? undefined : eq(subscriptions.status, status),
    plan === undefined ? undefined : eq(subscriptions.plan, plan),
    ids === undefined
      ? undefined
      : and(inArray(subscriptions.bucket, [...new Set(ids.map(bucketOf))]), inArray(subscriptions.id, [...ids])),
  );
}
