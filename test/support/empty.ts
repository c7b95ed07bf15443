import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';

/** Deleted from and not truncated: for a few rows that is quicker, and plans and caches of all connections stay good. */
export const filled: readonly string[] = [
  'activity',
  'armings',
  'attempts',
  'breakers',
  'catalog_applies',
  'changes',
  'charges',
  'consents',
  'coupon_counts',
  'coupon_uses',
  'customers',
  'disarmings',
  'findings',
  'idempotency_keys',
  'import_rows',
  'imports',
  'inbox',
  'items',
  'ledger',
  'names',
  'notices',
  'owed_notices',
  'onboardings',
  'pay_links',
  'payments',
  'pulse',
  'refunds',
  'disputes',
  'repricing_items',
  'repricings',
  'replicas',
  'sessions',
  'sign_in_links',
  'sign_in_tries',
  'subscription_methods',
  'subscriptions',
  'terms',
  'test_clock',
  'tokens',
  'users',
];

/** Empties the database but for the catalog. As the superuser that tests are: the ledger's guards are for everybody else. */
export async function empty(db: Database): Promise<void> {
  await db.run(sql`do $$ begin
    set local session_replication_role = replica;
    ${sql.raw(filled.map((table) => `delete from ${table};`).join('\n'))}
    update sweep set swept_until = null, next_at = null, holder = null, lease_until = null, fault = null;
    update charging set stopped_at = null, reason = null, armed_at = null, mode = null, fingerprint = null, system = null,
      database = null, tables = null, files = null, timeline = null, ask_since = null, arming = 0, run = null, run_since = null,
      stopped_by = null, disarming = 0, catalog_version = null, catalog_apply = 0, catalog_since = null;
    update clock_watch set newest = null, back_from = null, back_to = null;
    update spending set day = '1970-01-01', amount = 0, counted_from = null;
    update pace set at = '{}', permits = '{}', paused_until = null, pauses = 0;
  end $$`);
}
