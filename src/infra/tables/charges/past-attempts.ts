import type { OutcomeKind } from '../../../domain/charges/outcome.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import type { TokenEnd } from '../../../domain/methods/token-moves.ts';
import { alongside, anyOf, listed, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** What the past says of one token: the declines per amount and the last attempt that reached an issuer. */
export type TokenHistory = {
  readonly tokenId: string;
  /** Under the mandate of this token; otherwise of the same method, saved in another session. */
  readonly isOwn: boolean;
  readonly attemptId: string;
  readonly amount: bigint;
  /** When it left the last time. */
  readonly sentAt: Temporal.Instant;
  readonly outcome: OutcomeKind | null;
  readonly class: DeclineClass | null;
  readonly networkCode: string | null;
};

/** Another row of the same method has ended since this token was saved, and so has the method. */
export type EndedMethod = { readonly tokenId: string; readonly as: TokenEnd; readonly why: string };

export type TokenPasts = { readonly attempts: readonly TokenHistory[]; readonly endings: readonly EndedMethod[] };

/**
 * Attempts since an instant on these tokens, and on the same methods as others of the customer's sessions saved them; and which
 * of those methods have ended there.
 */
export async function historyOf(
  db: Database,
  buckets: readonly number[],
  tokenIds: readonly string[],
  since: Temporal.Instant,
): Promise<TokenPasts> {
  if (tokenIds.length === 0) return { attempts: [], endings: [] };
  const rows = await db.run<HistoryRow>(
    sql`with own as (select t.bucket, t.id, t.token_index, t.saved_at from ${listed('n', tokenIds)}
        join tokens t on t.bucket = n.bucket and t.id = n.id and ${alongside(db.groups, 't', buckets)}),
      method as (select bucket, id, id as of_id, null::text as ended, null::text as why from own union all
        select t.bucket, t.id, o.id, case when t.status <> 'active' and t.ended_at >= o.saved_at then t.status end, t.ended_reason
          from own o join tokens t on t.bucket = o.bucket and t.token_index = o.token_index and t.id <> o.id
            and ${alongside(db.groups, 't', buckets)})
      select m.of_id as "tokenId", m.id = m.of_id as "isOwn", a.id as "attemptId", a.amount::text as amount,
        coalesce(a.repeated_at, a.sent_at) as "sentAt", a.outcome, a.class, a.network_code as "networkCode", null as ended, null as why
      from method m join attempts a on a.bucket = m.bucket and a.token_id = m.id and ${alongside(db.groups, 'a', buckets)}
      where a.sent_at >= ${since.toString()}::timestamptz
      union all select m.of_id, false, null, null, null, null, null, null, m.ended, m.why from method m where m.ended is not null`,
  );
  const attempts: TokenHistory[] = [];
  const endings: EndedMethod[] = [];
  for (const { ended, why, ...row } of rows) {
    if (ended !== null) endings.push({ tokenId: row.tokenId, as: ended, why: why ?? '' });
    else attempts.push({ ...row, amount: BigInt(row.amount), sentAt: Temporal.Instant.from(row.sentAt) });
  }
  return { attempts, endings };
}

type HistoryRow = Omit<TokenHistory, 'amount' | 'sentAt'> & {
  readonly amount: string;
  readonly sentAt: string;
  readonly ended: TokenEnd | null;
  readonly why: string | null;
};

/** When each of these customers last had an attempt on a missed cycle. */
export async function lastMissedAttempts(
  db: Database,
  buckets: readonly number[],
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Temporal.Instant>> {
  if (customerIds.length === 0) return new Map();
  const rows = await db.run<{ customer_id: string; last: string }>(sql`select c.customer_id,
      to_char(max(a.sent_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last
    from charges c join attempts a on a.bucket = c.bucket and a.charge_id = c.id and ${alongside(db.groups, 'a', buckets)}
    where ${within('c', buckets)} and c.missed and ${anyOf('c', 'customer_id', customerIds)}
      and a.via = 'token' and a.outcome is distinct from 'refused' and a.class is distinct from 'technical'
    group by c.customer_id`);
  return new Map(rows.map((row) => [row.customer_id, Temporal.Instant.from(row.last)]));
}
