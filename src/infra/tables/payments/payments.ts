import { and, eq } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import type { PaymentRow } from '../schema/payments/payment-columns.ts';
import { payments } from '../schema/payments/payments.ts';

/** The payment of a subscription that was written down with this evidence; null: it was not. */
export async function paymentProvenBy(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  evidence: string,
): Promise<PaymentRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(payments)
    .where(and(eq(payments.bucket, bucket), eq(payments.subscriptionId, id), eq(payments.evidence, evidence)))
    .limit(1);
  return row ?? null;
}
