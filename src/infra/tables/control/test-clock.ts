import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

export type TestClock = { readonly now: Temporal.Instant; readonly target: Temporal.Instant | null };

const iso = (column: 'now' | 'target') =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`);

/** The test clock; made at Postgres' own time when there is none yet. */
export async function readTestClock(db: Database): Promise<TestClock> {
  const [row] = await db.run<{ now: string; target: string | null }>(
    sql`select ${iso('now')}, ${iso('target')} from test_clock where id = 1`,
  );
  if (row !== undefined) return fromRow(row);
  await db.run(
    sql`insert into test_clock (id, now) values (1, date_trunc('milliseconds', clock_timestamp())) on conflict (id) do nothing`,
  );
  return await readTestClock(db);
}

/** Says where the clock is being moved to, or with `jump` puts it there; refused while it is under way, or backwards. */
export async function aimTestClock(db: Database, target: Temporal.Instant, jump: boolean): Promise<boolean> {
  const rows = await db.run(sql`update test_clock set target = ${target.toString()}::timestamptz,
      now = case when ${jump}::boolean then ${target.toString()}::timestamptz else now end
    where id = 1 and target is null and now <= ${target.toString()}::timestamptz returning id`);
  return rows.length > 0;
}

/** Moves the clock forward, never back. */
export async function setTestClock(db: Database, now: Temporal.Instant): Promise<void> {
  await db.run(
    sql`update test_clock set now = ${now.toString()}::timestamptz where id = 1 and now < ${now.toString()}::timestamptz`,
  );
}

/** The clock has arrived. */
export async function restTestClock(db: Database): Promise<void> {
  await db.run(sql`update test_clock set target = null where id = 1 and target <= now`);
}

/** Begins anew at this instant, wherever it stood; for a book that nothing has happened in. */
export async function startTestClock(db: Database, at: Temporal.Instant): Promise<void> {
  await db.run(sql`insert into test_clock (id, now) values (1, ${at.toString()}::timestamptz)
    on conflict (id) do update set now = excluded.now, target = null`);
}

function fromRow(row: { readonly now: string; readonly target: string | null }): TestClock {
  return {
    now: Temporal.Instant.from(row.now),
    target: row.target === null ? null : Temporal.Instant.from(row.target),
  };
}
