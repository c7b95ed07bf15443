import type { Groups } from './buckets.ts';
import type { Database } from './db.ts';
import { sql } from './sql.ts';

/** The same database with the groups in which its server keeps the buckets. Citus says it; plain Postgres keeps them all together. */
export async function withGroups(db: Database): Promise<Database> {
  const [found] = await db.run<{ distributed: boolean }>(
    sql`select to_regclass('pg_dist_partition') is not null as distributed`,
  );
  if (found?.distributed !== true) return db;
  const rows = await db.run<{ buckets: Groups[number] }>(sql`select json_agg(b order by b) as buckets
    from generate_series(0, 255) b
    where exists (select from pg_dist_partition p where p.logicalrelid = 'charges'::regclass and p.partmethod = 'h')
    group by get_shard_id_for_distribution_column('charges', b::smallint)`);
  return rows.length === 0 ? db : { ...db, groups: rows.map(({ buckets }) => buckets) };
}
