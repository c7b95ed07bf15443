import type { OutcomeKind } from '../../../domain/charges/outcome.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import { alongside, listed } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** The last attempt of a charge, as a list shows it. */
export type LastAttempt = {
  readonly chargeId: string;
  /** ISO 8601 in UTC. */
  readonly sentAt: string;
  readonly outcome: OutcomeKind | null;
  readonly class: DeclineClass | null;
  /** Null of one that asked by a session or a code. */
  readonly channel: string | null;
  readonly referenceId: string;
  readonly paymentId: string | null;
};

/** The last attempts of these charges, by their ids; one that was never tried is missing. */
export async function lastAttempts(
  db: Database,
  chargeIds: readonly string[],
): Promise<ReadonlyMap<string, LastAttempt>> {
  if (chargeIds.length === 0) return new Map();
  const all = db.groups.flat();
  const rows = await db.run<LastAttempt>(sql`select distinct on (a.bucket, a.charge_id) a.charge_id as "chargeId",
      to_char(a.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "sentAt", a.outcome, a.class,
      t.channel_code as channel, a.reference_id as "referenceId", a.payment_id as "paymentId"
    from ${listed('n', chargeIds)} join attempts a on a.bucket = n.bucket and a.charge_id = n.id and ${alongside(db.groups, 'a', all)}
    left join tokens t on t.bucket = a.bucket and t.id = a.token_id and ${alongside(db.groups, 't', all)}
    order by a.bucket, a.charge_id, a.number desc`);
  return new Map(rows.map((row) => [row.chargeId, row]));
}
