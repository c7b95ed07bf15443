import { bucketOf } from '../../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** The account of Xendit whose money a subscription's charges are; the merchant's own where nobody has such a subscription. */
export async function accountOf(db: Database, subscriptionId: string): Promise<string> {
  const [row] = await db.run<{ account: string }>(
    sql`select account from subscriptions where bucket = ${bucketOf(subscriptionId)}::smallint and id = ${subscriptionId}::uuid`,
  );
  return row?.account ?? OWN_ACCOUNT;
}
