import { desc, eq } from 'drizzle-orm';
import type { ImportState, RowState } from '../../../domain/imports/import-states.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { imports } from '../schema/imports/imports.ts';

export type ImportRow = typeof imports.$inferSelect;

/** An import by the digest of its file; null: nobody began with that file. */
export async function importOf(db: Database, digest: string): Promise<ImportRow | null> {
  const [row] = await db.drizzle.select().from(imports).where(eq(imports.digest, digest)).limit(1);
  return row ?? null;
}

/** All imports, newest first. */
export async function allImports(db: Database): Promise<readonly ImportRow[]> {
  return await db.drizzle.select().from(imports).orderBy(desc(imports.startedAt), desc(imports.digest));
}

/** Begins an import; one that was begun before stays as it is. */
export async function beginImport(db: Database, row: ImportRow): Promise<void> {
  await db.drizzle.insert(imports).values(row).onConflictDoNothing();
}

/** Whoever creates subscriptions goes on creating: an import never goes back from there. */
export async function moveImport(
  db: Database,
  digest: string,
  state: ImportState,
  createdAt: Temporal.Instant | null = null,
): Promise<void> {
  await db.run(sql`update imports set state = ${state}, created_at = ${createdAt?.toString() ?? null}::timestamptz
    where digest = ${digest} and state <> 'created' and (state <> 'creating' or ${state} = 'created')`);
}

/** How many lines of an import have come how far, and what keeps how many of them from going on. */
export type RowCount = {
  readonly digest: string;
  readonly state: RowState;
  readonly why: string | null;
  readonly count: number;
  /** Of those that wait for the switch, the next payment of all. */
  readonly next_at: string | null;
};

export async function countRows(db: Database, buckets: readonly number[]): Promise<readonly RowCount[]> {
  return await db.run<RowCount>(sql`
    select r.import_id as digest, r.state, r.why, count(*)::int as count,
      min(case when r.state = 'created' then s.next_cycle_at end) as next_at
    from import_rows r
    left join subscriptions s on ${within('s', buckets)} and s.bucket = r.bucket and s.id = r.subscription_id
    where ${within('r', buckets)}
    group by r.import_id, r.state, r.why order by r.import_id, r.state, r.why`);
}

/** How many subscriptions wait for their switch, and the next payment of all of them; null: none waits. */
export async function waitingForSwitch(
  db: Database,
): Promise<{ readonly count: number; readonly nextAt: Temporal.Instant | null } | null> {
  const [row] = await db.run<{ count: number; next_at: string | null }>(sql`
    select count(*)::int as count, min(s.next_cycle_at) as next_at
    from import_rows r left join subscriptions s on s.bucket = r.bucket and s.id = r.subscription_id
    where r.state = 'created'`);
  if (row === undefined || row.count === 0) return null;
  return { count: row.count, nextAt: row.next_at === null ? null : Temporal.Instant.from(row.next_at) };
}
