import { bucketOf } from '../../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { alongside } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** The account of Xendit whose money a subscription's charges are; the merchant's own where nobody has such a subscription. */
export async function accountOf(db: Database, subscriptionId: string): Promise<string> {
  const [row] = await db.run<{ account: string }>(
    sql`select account from subscriptions where bucket = ${bucketOf(subscriptionId)}::smallint and id = ${subscriptionId}::uuid`,
  );
  return row?.account ?? OWN_ACCOUNT;
}

/** The account that a customer's subscriptions are of; null: there are none. Xendit keeps customers and methods of each account apart. */
export async function accountOfCustomer(
  db: Database,
  customer: { readonly bucket: number; readonly id: string },
): Promise<string | null> {
  const [row] = await db.run<{ account: string }>(sql`select s.account from subscriptions s
    where ${alongside(db.groups, 's', [customer.bucket])} and s.bucket = ${customer.bucket}::smallint
      and s.customer_id = ${customer.id}::uuid limit 1`);
  return row?.account ?? null;
}
