import { and, desc, eq } from 'drizzle-orm';
import type { ConsentTo } from '../../../domain/methods/consent.ts';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import type { ConsentRow } from '../schema/consent-columns.ts';
import { consents } from '../schema/consents.ts';
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
