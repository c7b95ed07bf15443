import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { inBuckets } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { opened, sealedTokens } from '../methods/sealed-tokens.ts';
import type { OnboardingRow, SubscriptionRow, TokenRow } from '../schema/change-columns.ts';
import { customers, tokens } from '../schema/methods.ts';
import { onboardings, subscriptions } from '../schema/subscriptions.ts';

/** What a day's count keeps of it is of the brake only (spending.ts). */
export type Customer = Omit<typeof customers.$inferSelect, 'spentOn' | 'spent'>;

export type SubscriptionBook = {
  readonly subscription: SubscriptionRow;
  readonly customer: Customer;
  readonly token: TokenRow | null;
};

/** A customer as far as the charge log names one. */
export const owner = { id: customers.id, referenceId: customers.referenceId, xenditId: customers.xenditId };
export type Owner = Pick<Customer, keyof typeof owner>;

/** A subscription with whom it belongs to. */
export type Owned = { readonly subscription: SubscriptionRow; readonly customer: Owner };

const isItsCustomer = and(eq(customers.bucket, subscriptions.bucket), eq(customers.id, subscriptions.customerId));

function books(db: Database) {
  return db.drizzle
    .select({ subscription: subscriptions, customer: customers, token: sealedTokens })
    .from(subscriptions)
    .innerJoin(customers, isItsCustomer)
    .leftJoin(tokens, and(eq(tokens.bucket, subscriptions.bucket), eq(tokens.id, subscriptions.tokenId)));
}

/** One subscription with its customer and payment method; null when nobody has it. */
export async function subscriptionBook(db: Database, bucket: number, id: string): Promise<SubscriptionBook | null> {
  const rows = await books(db)
    .where(and(eq(subscriptions.bucket, bucket), eq(subscriptions.id, id)))
    .limit(1);
  return opened(db.vault, rows)[0] ?? null;
}

/** Subscriptions whose next cycle has fallen due, longest due first, with whom they belong to. */
export async function subscriptionsToOpen(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly Owned[]> {
  return await db.drizzle
    .select({ subscription: subscriptions, customer: owner })
    .from(subscriptions)
    .innerJoin(customers, isItsCustomer)
    .where(and(inBuckets(subscriptions.bucket, buckets), lte(subscriptions.nextCycleAt, now)))
    .orderBy(asc(subscriptions.nextCycleAt))
    .limit(limit);
}

export type SubscriptionFilter = {
  readonly status?: string | undefined;
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
): Promise<readonly SubscriptionBook[]> {
  const { ids } = filter;
  const rows = await books(db)
    .where(
      and(
        filter.status === undefined ? undefined : eq(subscriptions.status, filter.status),
        filter.plan === undefined ? undefined : eq(subscriptions.plan, filter.plan),
        ids === undefined
          ? undefined
          : and(inArray(subscriptions.bucket, [...new Set(ids.map(bucketOf))]), inArray(subscriptions.id, [...ids])),
        after === null
          ? undefined
          : sql`(${subscriptions.createdAt}, ${subscriptions.id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(sql`${subscriptions.createdAt} desc, ${subscriptions.id} desc`)
    .limit(limit);
  return opened(db.vault, rows);
}

/** Every subscription of a customer. */
export async function subscriptionIdsOf(db: Database, customerId: string): Promise<readonly string[]> {
  const rows = await db.drizzle
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(and(eq(subscriptions.bucket, bucketOf(customerId)), eq(subscriptions.customerId, customerId)));
  return rows.map(({ id }) => id);
}

/** All sessions of a subscription, newest first. */
export async function onboardingsOf(
  db: Database,
  bucket: number,
  subscriptionId: string,
): Promise<readonly OnboardingRow[]> {
  return await db.drizzle
    .select()
    .from(onboardings)
    .where(and(eq(onboardings.bucket, bucket), eq(onboardings.subscriptionId, subscriptionId)))
    .orderBy(sql`${onboardings.number} desc`);
}
