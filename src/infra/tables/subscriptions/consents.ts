import { and, asc, desc, eq } from 'drizzle-orm';
import type { ConsentTo } from '../../../domain/methods/consent.ts';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import type { ConsentRow, NoticeRow } from '../schema/consent-columns.ts';
import { consents, notices } from '../schema/consents.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import type { Customer } from './subscriptions.ts';

/** The answer of a subscription's customer that was written down last, to this question if one is named; null when there is none. */
export async function newestConsent(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  to?: ConsentTo,
): Promise<ConsentRow | null> {
  const asked = to === undefined ? undefined : eq(consents.what, to);
  const [row] = await db.drizzle
    .select()
    .from(consents)
    .where(and(eq(consents.bucket, bucket), eq(consents.subscriptionId, id), asked))
    .orderBy(desc(consents.number))
    .limit(1);
  return row ?? null;
}

/** What a customer answered last about one thing, of whichever of their subscriptions; null: nothing was written down. */
export async function newestAnswerOf(
  db: Database,
  { bucket, id }: Pick<Customer, 'bucket' | 'id'>,
  what: ConsentTo,
): Promise<ConsentRow | null> {
  const ofTheirs = and(eq(subscriptions.bucket, consents.bucket), eq(subscriptions.id, consents.subscriptionId));
  const [row] = await db.drizzle
    .select({ consent: consents })
    .from(consents)
    .innerJoin(subscriptions, ofTheirs)
    .where(and(eq(subscriptions.bucket, bucket), eq(subscriptions.customerId, id), eq(consents.what, what)))
    .orderBy(desc(consents.answeredAt), desc(consents.number))
    .limit(1);
  return row?.consent ?? null;
}

/** The notices of prices that were recorded for a subscription, the earliest first. */
export async function priceNotices(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<readonly NoticeRow[]> {
  return await db.drizzle
    .select()
    .from(notices)
    .where(and(eq(notices.bucket, bucket), eq(notices.subscriptionId, id), eq(notices.kind, 'price_change')))
    .orderBy(asc(notices.sentAt));
}

/** What customers answered about prices, of one subscription, in the order in which it was written down. */
export async function priceConsents(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<readonly ConsentRow[]> {
  return await db.drizzle
    .select()
    .from(consents)
    .where(and(eq(consents.bucket, bucket), eq(consents.subscriptionId, id), eq(consents.what, 'price')))
    .orderBy(asc(consents.number));
}

/** All that a subscription's customer answered, in the order in which it was written down. */
export async function answersOf(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<readonly ConsentRow[]> {
  return await db.drizzle
    .select()
    .from(consents)
    .where(and(eq(consents.bucket, bucket), eq(consents.subscriptionId, id)))
    .orderBy(asc(consents.number));
}
