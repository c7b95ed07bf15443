import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** How the machine keeps up, as of one moment. Instants are null where there is none. */
export type HouseFigures = {
  /** The charge that is longest in line, and since when. */
  readonly oldest: { readonly id: string; readonly at: Temporal.Instant } | null;
  /** Charges that may be attempted now. */
  readonly inLine: number;
  /** Attempts that were sent within the last minute. */
  readonly sentInMinute: number;
  readonly webhooks: number;
  readonly oldestWebhook: Temporal.Instant | null;
  readonly sweptUntil: Temporal.Instant | null;
  readonly sweepFault: string | null;
  /** When a subscription's next cycle falls due. */
  readonly nextCycleAt: Temporal.Instant | null;
  /** Nothing was ever subscribed. */
  readonly isEmpty: boolean;
};

type Row = {
  id: string | null;
  at: string | null;
  in_line: number;
  sent: number;
  webhooks: number;
  oldest_webhook: string | null;
  swept_until: string | null;
  fault: string | null;
  next_cycle_at: string | null;
  is_empty: boolean;
};

/** Steps into indexes over open work, and into the newest end of the charge log. */
export async function houseFigures(db: Database, now: Temporal.Instant): Promise<HouseFigures> {
  const at = sql`${now.toString()}::timestamptz`;
  const [row] = await db.run<Row>(sql`select l.id::text as id, ${iso(sql`l.next_attempt_at`)} as at,
      (select count(*)::int from charges where next_attempt_at <= ${at}) as in_line,
      (select count(*)::int from ledger where at > ${at} - interval '1 minute' and at <= ${at} and kind = 'attempt.sent') as sent,
      w.count as webhooks, ${iso(sql`w.oldest`)} as oldest_webhook, ${iso(sql`s.swept_until`)} as swept_until, s.fault,
      ${iso(sql`(select min(next_cycle_at) from subscriptions where next_cycle_at > ${at})`)} as next_cycle_at,
      not exists (select from subscriptions) as is_empty
    from (select count(*)::int as count, min(received_at) as oldest from inbox where status = 'received') w
      left join sweep s on s.account = ${OWN_ACCOUNT}
      left join (select id, next_attempt_at from charges where next_attempt_at <= ${at} order by next_attempt_at limit 1) l on true`);
  const oldestAt = instant(row?.at);
  return {
    oldest: row?.id == null || oldestAt === null ? null : { id: row.id, at: oldestAt },
    inLine: row?.in_line ?? 0,
    sentInMinute: row?.sent ?? 0,
    webhooks: row?.webhooks ?? 0,
    oldestWebhook: instant(row?.oldest_webhook),
    sweptUntil: instant(row?.swept_until),
    sweepFault: row?.fault ?? null,
    nextCycleAt: instant(row?.next_cycle_at),
    isEmpty: row?.is_empty ?? true,
  };
}

function iso(of: Sql): Sql {
  return sql`to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function instant(text: string | null | undefined): Temporal.Instant | null {
  return text == null ? null : Temporal.Instant.from(text);
}
