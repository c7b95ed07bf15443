import { and, desc, eq, gt, inArray, notInArray } from 'drizzle-orm';
import { type DecidedCharge, decidedStatuses } from '../../../domain/subscriptions/subscription-status.ts';
import type { Database } from '../../database/db.ts';
import type { ChargeRow, SubscriptionRow } from '../schema/change-columns.ts';
import { charges } from '../schema/charges.ts';

/** The newest charge of a subscription that is collected or given up, among those after a cycle and but for some; null: none. */
export async function newestDecidedCharge(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  among: { readonly afterCycle?: number; readonly butFor?: readonly number[] },
): Promise<DecidedCharge | null> {
  const [row] = await db.drizzle
    .select({ cycle: charges.cycle, status: charges.status })
    .from(charges)
    .where(
      and(
        eq(charges.bucket, bucket),
        eq(charges.subscriptionId, id),
        inArray(charges.status, decidedStatuses),
        gt(charges.cycle, among.afterCycle ?? -1),
        notInArray(charges.cycle, [...(among.butFor ?? [])]),
      ),
    )
    .orderBy(desc(charges.cycle))
    .limit(1);
  return row === undefined || row.cycle === null ? null : { cycle: row.cycle, status: row.status };
}

/** The charge of the newest cycle that was paid, also where some of it was given back; null: none. */
export async function newestPaidCharge(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<ChargeRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(charges)
    .where(
      and(
        eq(charges.bucket, bucket),
        eq(charges.subscriptionId, id),
        inArray(charges.status, ['paid', 'partially_refunded']),
        gt(charges.cycle, -1),
      ),
    )
    .orderBy(desc(charges.cycle))
    .limit(1);
  return row ?? null;
}

/** The charge of this cycle of a subscription; null when it was never opened. */
export async function chargeOfCycle(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  cycle: number,
): Promise<ChargeRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(charges)
    .where(and(eq(charges.bucket, bucket), eq(charges.subscriptionId, id), eq(charges.cycle, cycle)))
    .limit(1);
  return row ?? null;
}
