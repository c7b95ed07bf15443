import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** The charges of a day as the charge log has them; `notInLog` and `notInBook`: some of those that only the other has. */
export type SecondCount = {
  readonly count: number;
  readonly notInLog: readonly string[];
  readonly notInBook: readonly string[];
};

/** So many ids are named. */
const NAMED = 20;

/**
 * Counts the charges due in a span another way: by the entries of the charge log that tell of their opening, and compares both by id.
 * Most are opened in the span; of each other one its own subscription's entries are looked through.
 */
export async function openedCharges(
  db: Database,
  from: Temporal.Instant,
  until: Temporal.Instant,
): Promise<SecondCount> {
  const span = [from, until].map((at) => sql`${at.toString()}::timestamptz`);
  const [first, end] = [span[0] ?? sql`null`, span[1] ?? sql`null`];
  const [row] = await db.run<{ count: number; unlogged: string[] | null; unknown: string[] | null }>(sql`
    with due as materialized (select bucket, id, subscription_id from charges where due_at >= ${first} and due_at < ${end}),
      opened as materialized (select distinct bucket, charge_id as id from ledger
        where at >= ${first} and at < ${end} and kind = 'charge.opened' and charge_id is not null),
      unlogged as materialized (select d.id from due d where not exists (select from opened o where o.bucket = d.bucket and o.id = d.id)
        and not exists (select from ledger l where l.bucket = d.bucket and l.subscription_id = d.subscription_id
          and l.charge_id = d.id and l.kind = 'charge.opened')),
      unknown as materialized (select o.id from opened o
        where not exists (select from due d where d.bucket = o.bucket and d.id = o.id)
          and not exists (select from charges c where c.bucket = o.bucket and c.id = o.id))
    select ((select count(*) from due) - (select count(*) from unlogged) + (select count(*) from unknown))::int as count,
      (select json_agg(id::text) from (select id from unlogged order by id limit ${NAMED}) n) as unlogged,
      (select json_agg(id::text) from (select id from unknown order by id limit ${NAMED}) n) as unknown`);
  return { count: row?.count ?? 0, notInLog: row?.unlogged ?? [], notInBook: row?.unknown ?? [] };
}
