import { sql } from 'drizzle-orm';
import type { Database } from './db.ts';

/** Whether anything is charged at all. */
export type Charging = { readonly stoppedAt: string | null; readonly reason: string | null };

/** The one row that every claim looks at first. */
export async function chargingState(db: Database): Promise<Charging> {
  const [row] = await db.run<{ stopped_at: string | null; reason: string | null }>(
    sql`select to_char(stopped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as stopped_at, reason from charging where id = 1`,
  );
  return { stoppedAt: row?.stopped_at ?? null, reason: row?.reason ?? null };
}

/** Stops charging as a whole, with its reason; the first reason stays. */
export async function stopCharging(db: Database, now: Temporal.Instant, reason: string): Promise<boolean> {
  const rows = await db.run(sql`update charging set stopped_at = ${now.toString()}::timestamptz, reason = ${reason}
    where id = 1 and stopped_at is null returning id`);
  return rows.length > 0;
}

/** Lets charging go on; answers the reason for which it had stopped. */
export async function resumeCharging(db: Database): Promise<string | null> {
  const [row] = await db.run<{ reason: string }>(sql`with was as (select reason from charging where id = 1 for update)
    update charging c set stopped_at = null, reason = null from was where c.id = 1 and c.stopped_at is not null returning was.reason`);
  return row?.reason ?? null;
}
