import { and, asc, desc, eq, getTableColumns, isNull, lt, or } from 'drizzle-orm';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { alongside, anyOf, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { selection } from '../../database/selection.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { opened, sealedTokens } from '../methods/sealed-tokens.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import type { OnboardingRow, TokenRow } from '../schema/method-columns.ts';
import { customers, tokens } from '../schema/methods.ts';
import { onboardings, subscriptions } from '../schema/subscriptions.ts';

/** What a day's count keeps of it is of the brake only (spending.ts). */
export type Customer = Omit<typeof customers.$inferSelect, 'spentOn' | 'spent'>;

export type SubscriptionDossier = {
  readonly subscription: SubscriptionRow;
  readonly customer: Customer;
  readonly token: TokenRow | null;
};

/** A customer as far as the charge log names one. */
export const owner = { id: customers.id, referenceId: customers.referenceId, xenditId: customers.xenditId };
export type Owner = Pick<Customer, keyof typeof owner>;

/** A subscription with whom it belongs to. */
export type Owned = { readonly subscription: SubscriptionRow; readonly customer: Owner };

const owned = selection({
  subscription: { alias: 's', fields: getTableColumns(subscriptions) },
  customer: { alias: 'u', fields: owner },
});

const isItsCustomer = and(eq(customers.bucket, subscriptions.bucket), eq(customers.id, subscriptions.customerId));

/** Subscriptions with their company, to be narrowed. */
export function dossiers(db: Database) {
  return db.drizzle
    .select({ subscription: subscriptions, customer: customers, token: sealedTokens })
    .from(subscriptions)
    .innerJoin(customers, isItsCustomer)
    .leftJoin(tokens, and(eq(tokens.bucket, subscriptions.bucket), eq(tokens.id, subscriptions.tokenId)));
}

/** One subscription with its customer and payment method; null when nobody has it. */
export async function subscriptionDossier(
  db: Database,
  bucket: number,
  id: string,
): Promise<SubscriptionDossier | null> {
  const rows = await dossiers(db)
    .where(and(eq(subscriptions.bucket, bucket), eq(subscriptions.id, id)))
    .limit(1);
  return opened(db.vault, rows)[0] ?? null;
}

/** These of the subscriptions, each with its customer and payment method; one that nobody has is missing. */
export async function subscriptionDossiers(
  db: Database,
  ids: readonly string[],
): Promise<readonly SubscriptionDossier[]> {
  if (ids.length === 0) return [];
  return opened(db.vault, await dossiers(db).where(and(anyOf('subscriptions', 'id', ids))));
}

/** Subscriptions whose next cycle has fallen due, longest due first, with whom they belong to. */
export async function subscriptionsToOpen(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly Owned[]> {
  const due = sql`s.next_cycle_at <= ${now.toString()}::timestamptz order by s.next_cycle_at`;
  return await ownedWhere(db, buckets, due, limit);
}

/** Paused subscriptions whose pause is over by itself, longest over first. */
export async function subscriptionsToResume(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly Owned[]> {
  const over = sql`s.status = 'paused' and s.resumes_at <= ${now.toString()}::timestamptz order by s.resumes_at`;
  return await ownedWhere(db, buckets, over, limit);
}

/** The first of the subscriptions, called `s`, of which this holds, in the order that it ends with. */
async function ownedWhere(
  db: Database,
  buckets: readonly number[],
  holds: Sql,
  limit: number,
): Promise<readonly Owned[]> {
  return await db.read(
    owned,
    sql`select ${owned.columns} from subscriptions s
    join customers u on u.bucket = s.bucket and u.id = s.customer_id and ${alongside(db.groups, 'u', buckets)}
    where ${within('s', buckets)} and ${holds} limit ${limit}::int`,
  );
}

/** Every subscription of a customer. */
export async function subscriptionIdsOf(db: Database, customerId: string): Promise<readonly string[]> {
  const rows = await db.drizzle
    .select({ id: subscriptions.id })
    .from(subscriptions)
    .where(and(eq(subscriptions.bucket, bucketOf(customerId)), eq(subscriptions.customerId, customerId)));
  return rows.map(({ id }) => id);
}

/** All sessions of a subscription, newest first: those to save a method in, and those to pay a charge in. */
export async function sessionsOf(
  db: Database,
  bucket: number,
  subscriptionId: string,
): Promise<readonly OnboardingRow[]> {
  return await db.drizzle
    .select()
    .from(onboardings)
    .where(and(eq(onboardings.bucket, bucket), eq(onboardings.subscriptionId, subscriptionId)))
    .orderBy(desc(onboardings.number));
}

/** Those to save a method in. */
export async function onboardingsOf(
  db: Database,
  bucket: number,
  subscriptionId: string,
): Promise<readonly OnboardingRow[]> {
  return (await sessionsOf(db, bucket, subscriptionId)).filter(({ attemptId }) => attemptId === null);
}

/**
 * The newest session of each of these subscriptions in which a method is saved, by its id; one that had none is missing. One that is paid in is
 * among them where the first method was to be saved with the payment, which was before the subscription began.
 */
export async function newestOnboardings(
  db: Database,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, OnboardingRow>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await db.drizzle
    .selectDistinctOn([onboardings.bucket, onboardings.subscriptionId], getTableColumns(onboardings))
    .from(onboardings)
    .innerJoin(
      subscriptions,
      and(eq(subscriptions.bucket, onboardings.bucket), eq(subscriptions.id, onboardings.subscriptionId)),
    )
    .where(
      and(
        anyOf('onboardings', 'subscription_id', subscriptionIds),
        or(
          isNull(onboardings.attemptId),
          isNull(subscriptions.activatedAt),
          lt(onboardings.createdAt, subscriptions.activatedAt),
          and(eq(onboardings.number, 1), eq(onboardings.createdAt, subscriptions.createdAt)),
        ),
      ),
    )
    .orderBy(asc(onboardings.bucket), asc(onboardings.subscriptionId), desc(onboardings.number));
  return new Map(rows.map((row) => [row.subscriptionId, row]));
}
