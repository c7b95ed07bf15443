import { and, asc, eq, getTableColumns } from 'drizzle-orm';
import type { OutcomeKind } from '../../../domain/charges/outcome.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import type { TokenEnd } from '../../../domain/methods/token-moves.ts';
import { anyOf, listed, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { selection } from '../../database/selection.ts';
import { sql } from '../../database/sql.ts';
import { isPermitted, type Permit, permitOf } from '../control/binding.ts';
import { chargingTokens, opened } from '../methods/sealed-tokens.ts';
import type { AttemptRow } from '../schema/change-columns.ts';
import { attempts, charges } from '../schema/charges.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { owner } from '../subscriptions/subscriptions.ts';
import type { ChargeBook } from './charges.ts';

/** An attempt as far as settling it depends on it. */
export type OpenAttempt = Pick<
  AttemptRow,
  | 'bucket'
  | 'id'
  | 'tokenId'
  | 'number'
  | 'referenceId'
  | 'request'
  | 'requestHash'
  | 'amount'
  | 'currency'
  | 'sentAt'
  | 'repeatedAt'
  | 'failureCode'
  | 'outcome'
  | 'asks'
  | 'actionUrl'
  | 'paymentRequestId'
  | 'paymentId'
>;

/** An attempt with its charge; `token` is the one it was sent with; none where it asked by a session or a code. */
export type AttemptBook = ChargeBook & { readonly attempt: OpenAttempt };

const book = selection({
  attempt: { alias: 'a', fields: getTableColumns(attempts) },
  charge: { alias: 'c', fields: getTableColumns(charges) },
  subscription: { alias: 's', fields: getTableColumns(subscriptions) },
  token: { alias: 't', fields: chargingTokens, isOptional: true },
  customer: { alias: 'u', fields: owner },
});

/** Attempts by id, with what a decision needs. */
export async function attemptBooks(
  db: Database,
  buckets: readonly number[],
  ids: readonly string[],
): Promise<readonly AttemptBook[]> {
  if (ids.length === 0) return [];
  const rows = await db.read(
    book,
    sql`select ${book.columns} from attempts a
    join charges c on c.bucket = a.bucket and c.id = a.charge_id
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    join customers u on u.bucket = a.bucket and u.id = a.customer_id
    left join tokens t on t.bucket = a.bucket and t.id = a.token_id
    where ${within('a', buckets)} and ${anyOf('a', 'id', ids)}`,
  );
  return opened(db.vault, rows);
}

/** The attempts of one charge, in order. */
export async function attemptsOf(db: Database, bucket: number, chargeId: string): Promise<readonly AttemptRow[]> {
  return await db.drizzle
    .select()
    .from(attempts)
    .where(and(eq(attempts.bucket, bucket), eq(attempts.chargeId, chargeId)))
    .orderBy(asc(attempts.number));
}

/** The attempt that Xendit knows under this reference; null when it is none of ours. */
export async function attemptByReference(
  db: Database,
  bucket: number,
  referenceId: string,
): Promise<AttemptRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(attempts)
    .where(and(eq(attempts.bucket, bucket), eq(attempts.referenceId, referenceId)))
    .limit(1);
  return row ?? null;
}

export type NamedAttempt = Pick<
  AttemptRow,
  'bucket' | 'id' | 'chargeId' | 'referenceId' | 'outcome' | 'amount' | 'currency' | 'paymentId'
>;

const namedColumns = columnsOf(attempts, ['bucket', 'referenceId']);

/** The attempts that Xendit knows under these references, in one statement; those that are none of ours are missing. */
export async function attemptsByReference(
  db: Database,
  buckets: readonly number[],
  named: readonly { readonly bucket: number; readonly referenceId: string }[],
): Promise<readonly NamedAttempt[]> {
  if (named.length === 0) return [];
  const found = await db.run<Omit<NamedAttempt, 'amount'> & { readonly amount: string }>(sql`select a.bucket, a.id,
      a.charge_id as "chargeId", a.reference_id as "referenceId", a.outcome, a.amount::text as amount, a.currency,
      a.payment_id as "paymentId"
    from ${recordset('n', namedColumns, named)}
    join attempts a on a.bucket = n.bucket and a.reference_id = n.reference_id
    where ${within('a', buckets)}`);
  return found.map((one) => ({ ...one, amount: BigInt(one.amount) }));
}

/**
 * Takes attempts that need asking about: those whose owner fell silent (its lease is over, in real time) and those whose
 * next look-up is due (by the billing clock). Taken ones are leased, so that two processes do not ask at once.
 */
export async function takeForRescue(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
  leaseSeconds: number,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`with late as (
      select bucket, id from attempts where ${within('attempts', buckets)} and outcome is null and lease_until < now()
      order by lease_until limit ${limit}::int for update skip locked),
    asked as (
      select bucket, id from attempts where ${within('attempts', buckets)} and outcome in ('pending', 'unknown')
        and next_check_at <= ${now.toString()}::timestamptz
      order by next_check_at limit ${limit}::int for update skip locked),
    taken as (select * from late union all select * from asked)
    update attempts a set lease_until = now() + ${leaseSeconds}::int * interval '1 second',
      next_check_at = case when a.outcome is null then null else ${now.add({ seconds: leaseSeconds }).toString()}::timestamptz end
    from taken t where ${within('a', buckets)} and a.bucket = t.bucket and a.id = t.id
    returning a.id`);
  return rows.map((row) => row.id);
}

/**
 * Written before the request of an attempt leaves once more: mandate and network limits count from then on. The last look
 * and this write are one: false when anything about its subscription changed since it was `seen`, as every outcome,
 * cancellation and pause does, or when charging is no longer permitted; and then it must not leave. Whoever cancels afterwards comes after it.
 */
export async function markRepeated(
  db: Database,
  seen: Pick<AttemptBook, 'attempt' | 'subscription'>,
  permit: Permit,
  now: Temporal.Instant,
): Promise<boolean> {
  const { attempt, subscription } = seen;
  const rows = await db.run(sql`with ${permitOf(permit)}, fence as (select s.bucket, s.id from subscriptions s
      where s.bucket = ${subscription.bucket}::smallint and s.id = ${subscription.id}::uuid
        and s.ledger_seq = ${subscription.ledgerSeq}::int and s.ledger_head = ${subscription.ledgerHead}
        and ${isPermitted} for update of s)
    update attempts a set repeated_at = ${now.toString()}::timestamptz
    from fence f where a.bucket = f.bucket and a.id = ${attempt.id}::uuid returning a.id`);
  return rows.length > 0;
}

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
  tokenIds: readonly string[],
  since: Temporal.Instant,
): Promise<TokenPasts> {
  if (tokenIds.length === 0) return { attempts: [], endings: [] };
  const rows = await db.run<HistoryRow>(
    sql`with own as (select t.bucket, t.id, t.token_index, t.saved_at from ${listed('n', tokenIds)}
        join tokens t on t.bucket = n.bucket and t.id = n.id),
      method as (select bucket, id, id as of_id, null::text as ended, null::text as why from own union all
        select t.bucket, t.id, o.id, case when t.status <> 'active' and t.ended_at >= o.saved_at then t.status end, t.ended_reason
          from own o join tokens t on t.bucket = o.bucket and t.token_index = o.token_index and t.id <> o.id)
      select m.of_id as "tokenId", m.id = m.of_id as "isOwn", a.id as "attemptId", a.amount::text as amount,
        coalesce(a.repeated_at, a.sent_at) as "sentAt", a.outcome, a.class, a.network_code as "networkCode", null as ended, null as why
      from method m join attempts a on a.bucket = m.bucket and a.token_id = m.id
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
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Temporal.Instant>> {
  if (customerIds.length === 0) return new Map();
  const rows = await db.run<{ customer_id: string; last: string }>(sql`select c.customer_id,
      to_char(max(a.sent_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last
    from charges c join attempts a on a.bucket = c.bucket and a.charge_id = c.id
    where c.missed and ${anyOf('c', 'customer_id', customerIds)}
      and a.outcome is distinct from 'refused' and a.class is distinct from 'technical'
    group by c.customer_id`);
  return new Map(rows.map((row) => [row.customer_id, Temporal.Instant.from(row.last)]));
}
