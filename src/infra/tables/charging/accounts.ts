import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** Every account of Xendit whose money was ever to be asked for; the merchant's own first. */
export async function allAccounts(db: Database): Promise<readonly string[]> {
  const rows = await db.run<{ account: string }>(sql`select account from charging order by account`);
  return rows.map(({ account }) => account);
}

/** The accounts of which charges are due or wait for their channel; the merchant's own always, and first. */
export async function busyAccounts(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
): Promise<readonly string[]> {
  const rows = await db.run<{ account: string }>(sql`select a.account from charging a where a.account = ${OWN_ACCOUNT}
      or exists (select from charges c where ${within('c', buckets)} and c.account = a.account and c.account <> ''
        and c.next_attempt_at <= ${now.toString()}::timestamptz)
      or exists (select from charges w where starts_with(w.waits_for, a.account || '/'))
    order by a.account`);
  return rows.map(({ account }) => account);
}
