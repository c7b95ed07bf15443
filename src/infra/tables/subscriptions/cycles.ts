import { and, desc, eq, sql as fragment, gt, inArray, not, notInArray, or } from 'drizzle-orm';
import { type DecidedCharge, decidedStatuses } from '../../../domain/subscriptions/subscription-status.ts';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { ChargeRow, SubscriptionRow } from '../schema/change-columns.ts';
import { charges } from '../schema/charges.ts';

const isForgiven = fragment`${charges.status} = 'void' and ${charges.byHand} ->> 'closed' = 'forgiven'`;

/** The cycles of these subscriptions that nobody paid: void and not forgiven, or given up. */
export async function unpaidCyclesOf(
  db: Database,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly cycle: number }[]> {
  const rows = await db.drizzle
    .select({ id: charges.subscriptionId, cycle: charges.cycle })
    .from(charges)
    .where(
      and(
        anyOf('charges', 'subscription_id', ids),
        inArray(charges.status, ['void', 'uncollectible']),
        not(fragment`coalesce(${isForgiven}, false)`),
        gt(charges.cycle, -1),
      ),
    );
  return rows.flatMap(({ id, cycle }) => (cycle === null ? [] : [{ id, cycle }]));
}

/** The newest charge of a subscription that is collected, forgiven or given up, among those after a cycle and but for some; null: none. */
export async function newestDecidedCharge(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  among: { readonly afterCycle?: number; readonly butFor?: readonly number[] },
): Promise<DecidedCharge | null> {
  const [row] = await db.drizzle
    .select({ cycle: charges.cycle, status: charges.status, byHand: charges.byHand })
    .from(charges)
    .where(
      and(
        eq(charges.bucket, bucket),
        eq(charges.subscriptionId, id),
        or(inArray(charges.status, decidedStatuses), isForgiven),
        gt(charges.cycle, among.afterCycle ?? -1),
        notInArray(charges.cycle, [...(among.butFor ?? [])]),
      ),
    )
    .orderBy(desc(charges.cycle))
    .limit(1);
  return row === undefined || row.cycle === null ? null : { ...row, cycle: row.cycle };
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
        inArray(charges.status, ['paid', 'partially_refunded', 'refunded']),
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
