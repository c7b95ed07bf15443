import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** Why a book cannot be filled from its beginning, as a sentence: it has something in it, or a daemon works on it. Null: it can. */
export async function whyNotEmpty(db: Database): Promise<string | null> {
  const [row] = await db.run<{ has_ledger: boolean; has_customers: boolean; daemons: number }>(sql`select
    exists (select from ledger) as has_ledger, exists (select from customers) as has_customers,
    (select count(*)::int from pg_stat_activity where datname = current_database() and application_name = 'dueday') as daemons`);
  if (row?.has_ledger === true || row?.has_customers === true)
    return 'This book is not empty: a made-up one is only written into a new database.';
  if ((row?.daemons ?? 0) > 0)
    return 'A daemon works on this database: stop it first, it would charge by another clock.';
  return null;
}
