import { and, eq } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { ChargeRow } from '../schema/change-columns.ts';
import { charges } from '../schema/charges.ts';
import { type ChargeDossier, isFree, readDossiers } from './charges.ts';
import { type AskedFirst, isBeingPaid, isDue, isToAsk, isWaiting } from './due.ts';

/** Charges that are due, or wait for their channel, but about whose next attempt Xendit must be asked before it is made. */
export async function chargesToAsk(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
  asked: AskedFirst,
): Promise<readonly ChargeDossier[]> {
  const where = { groups: db.groups, buckets };
  const rest = sql`((${isDue(buckets, now)}) or (${isWaiting(buckets)})) and ${isToAsk(asked, where)} and not ${isBeingPaid(where)}
    order by c.next_attempt_at limit ${limit}::int`;
  return await readDossiers(db, buckets, { rest });
}

/** Whether it stands as it was seen, so that nobody else has asked about it since. */
export async function isStillToAsk(db: Database, seen: ChargeRow): Promise<boolean> {
  const { bucket, id, attempts, nextAttemptAt, askedAt } = seen;
  const rows = await db.run(sql`select 1 from charges where bucket = ${bucket}::smallint and id = ${id}::uuid
    and status = 'due' and attempts = ${attempts}::int and next_attempt_at is not distinct from ${at(nextAttemptAt)}
    and asked_at is not distinct from ${at(askedAt)}`);
  return rows.length > 0;
}

const at = (instant: Temporal.Instant | null) => sql`${instant?.toString() ?? null}::timestamptz`;

/** Xendit knows no attempt after those that we have: the next one may be made. Guarded on their number. */
export async function markAsked(db: Database, seen: ChargeRow, now: Temporal.Instant): Promise<boolean> {
  const rows = await db.drizzle
    .update(charges)
    .set({ askedAt: now })
    .where(
      and(
        eq(charges.bucket, seen.bucket),
        eq(charges.id, seen.id),
        eq(charges.status, 'due'),
        isFree(seen),
        eq(charges.attempts, seen.attempts),
      ),
    )
    .returning({ id: charges.id });
  return rows.length > 0;
}
