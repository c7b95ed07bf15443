import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

export type TakenSweep = { readonly sweptUntil: Temporal.Instant | null };

/**
 * Takes the sweep when it is due by the billing clock and nobody is at it; of several replicas one gets it. Null: not
 * now. Whoever dies with it loses it when the lease is over, in real time.
 */
export async function takeSweep(
  db: Database,
  account: string,
  now: Temporal.Instant,
  holder: string,
  leaseSeconds: number,
): Promise<TakenSweep | null> {
  const [row] = await db.run<{ swept_until: string | null }>(sql`update sweep
    set holder = ${holder}::uuid, lease_until = now() + ${leaseSeconds}::int * interval '1 second'
    where account = ${account} and (next_at is null or next_at <= ${now.toString()}::timestamptz)
      and (lease_until is null or lease_until < now())
    returning to_char(swept_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as swept_until`);
  if (row === undefined) return null;
  return { sweptUntil: row.swept_until === null ? null : Temporal.Instant.from(row.swept_until) };
}

/** Keeps the sweep for as long again; false when somebody else has it by now. */
export async function keepSweep(db: Database, account: string, holder: string, leaseSeconds: number): Promise<boolean> {
  const rows = await db.run(sql`update sweep set lease_until = now() + ${leaseSeconds}::int * interval '1 second'
    where account = ${account} and holder = ${holder}::uuid returning account`);
  return rows.length > 0;
}

export type EndedSweep = {
  /** Until when the books agree or their differences are written down; null: as before. */
  readonly sweptUntil: Temporal.Instant | null;
  readonly nextAt: Temporal.Instant;
  readonly fault: string | null;
};

/** Gives the sweep back, with what it has come to; only whoever holds it. */
export async function endSweep(db: Database, account: string, holder: string, ended: EndedSweep): Promise<void> {
  const { sweptUntil, nextAt, fault } = ended;
  await db.run(sql`update sweep set swept_until = coalesce(${sweptUntil?.toString() ?? null}::timestamptz, swept_until),
      next_at = ${nextAt.toString()}::timestamptz, fault = ${fault}, holder = null, lease_until = null
    where account = ${account} and holder = ${holder}::uuid`);
}

/** Why the last sweep did not come to its end; null when it did. */
export async function sweepFault(db: Database, account: string): Promise<string | null> {
  const [row] = await db.run<{ fault: string | null }>(sql`select fault from sweep where account = ${account}`);
  return row?.fault ?? null;
}
