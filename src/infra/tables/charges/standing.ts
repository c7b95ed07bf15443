import { HELD_AT_MOST, type Held } from '../../../domain/control/readiness.ts';
import type { HoldReason } from '../../../domain/declines/decision.ts';
import type { LimitReason } from '../../../domain/money/spending-limits.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** Counting ends here: whoever asks how we are must not cost more the more there is. */
const COUNTED_AT_MOST = 10_000;

/** How much is due, up to `COUNTED_AT_MOST`, and what waits for a person: steps into two indexes over open work. */
export async function standing(
  db: Database,
  now: Temporal.Instant,
): Promise<{ readonly dueCharges: number; readonly held: Held }> {
  const [row] = await db.run<{ due: number; since: string | null; reasons: Record<string, number> | null }>(sql`
    with held as materialized (select bucket, subscription_id, id, hold_reason from charges
        where hold_reason is not null limit ${HELD_AT_MOST}),
      told as (select h.hold_reason, (select l.at from ledger l
        where l.bucket = h.bucket and l.subscription_id = h.subscription_id and l.charge_id = h.id
          and l.kind in ('charge.held', 'charge.opened') order by l.seq desc limit 1) as at from held h)
    select (select count(*)::int from (select 1 from charges where next_attempt_at <= ${now.toString()}::timestamptz
        limit ${COUNTED_AT_MOST}) d) as due,
      (select to_char(min(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from told) as since,
      (select json_object_agg(hold_reason, held_for) from (select hold_reason, count(*)::int as held_for from told
        group by hold_reason) r) as reasons`);
  const reasons = row?.reasons ?? {};
  const count = Object.values(reasons).reduce((sum, one) => sum + one, 0);
  return { dueCharges: row?.due ?? 0, held: { count, since: row?.since ?? null, reasons } };
}

/** Since when the oldest charge that may be attempted is in line; null: none is. The first step into the index over open work. */
export async function oldestInLine(db: Database, now: Temporal.Instant): Promise<Temporal.Instant | null> {
  const [row] = await db.run<{ at: string | null }>(
    sql`select to_char(min(next_attempt_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from charges
      where next_attempt_at <= ${now.toString()}::timestamptz`,
  );
  const at = row?.at ?? null;
  return at === null ? null : Temporal.Instant.from(at);
}

type Reason = HoldReason | LimitReason;

/** How many charges wait for a person for which reason, of so many at most: a step into the index over them. */
export async function heldCounts(
  db: Database,
  most: number,
): Promise<readonly { readonly reason: Reason; readonly count: number }[]> {
  return await db.run(sql`select reason, count(*)::int as count
    from (select hold_reason as reason from charges where hold_reason is not null limit ${most}::int) h group by 1`);
}

/** Charges that wait for a person for one of these reasons, each with the moment since which it does; of more than so many the oldest. */
export async function heldSince(
  db: Database,
  reasons: readonly Reason[] | null,
  most: number,
): Promise<readonly { readonly id: string; readonly since: string }[]> {
  const asked = reasons === null ? sql`hold_reason is not null` : sql`hold_reason = any(${reasons}::text[])`;
  return await db.run(sql`select h.id, to_char(coalesce((select l.at from ledger l
        where l.bucket = h.bucket and l.subscription_id = h.subscription_id and l.charge_id = h.id
          and l.kind in ('charge.held', 'charge.opened') order by l.seq desc limit 1), h.created_at) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
    from (select bucket, id, subscription_id, created_at from charges where ${asked}
      order by created_at, id limit ${most}::int) h`);
}
