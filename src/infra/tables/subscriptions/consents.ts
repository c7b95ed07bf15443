import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import type { ConsentRow } from '../schema/consent-columns.ts';
import { consents } from '../schema/consents.ts';

/** The answer of a subscription's customer that was written down last; null when there is none. */
export async function newestConsent(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<ConsentRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(consents)
    .where(and(eq(consents.bucket, bucket), eq(consents.subscriptionId, id)))
    .orderBy(desc(consents.number))
    .limit(1);
  return row ?? null;
}
