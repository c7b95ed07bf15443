import type { EntryRow } from '../../../domain/books/ledger.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type Columns, sameNames } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { ledger } from '../schema/ledger.ts';

const { written_at: _byPostgres, ...written } = columnsOf(ledger);

/** The ledger's columns as they are written: an entry's row has the names of the log. When it was written is told by Postgres. */
export const ledgerColumns: Columns = { ...sameNames(written), detail: { key: 'detail', type: 'text', isJson: true } };

const isoInstant = sql`to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Every column as `entryRow` writes it, so that what is read back hashes the same. */
export const entryColumns = sql.join(Object.entries(ledgerColumns).map(asWritten), ', ');

function asWritten([name, { type }]: [string, { readonly type: string }]): Sql {
  const column = sql.identifier(name);
  if (name === 'at') return sql`${isoInstant} as at`;
  return type === 'bigint' || type === 'date' ? sql`${column}::text as ${column}` : sql`${column}`;
}

/** Where a reader of the log stands: strictly after this entry. */
export type LogPosition = {
  readonly at: string;
  readonly bucket: number;
  readonly subscriptionId: string;
  readonly seq: number;
};

export type LogRow = EntryRow & {
  readonly bucket: number;
  readonly seq: number;
  readonly account: string;
  readonly prev_hash: string;
  readonly hash: string;
};

/** Strictly after this entry, in the order of time; or, backward, before it. */
export function afterClause(after: LogPosition | null, isBackward = false): Sql {
  if (after === null) return sql`true`;
  return sql`(l.at, l.bucket, l.subscription_id, l.seq) ${isBackward ? sql`<` : sql`>`}
    (${after.at}::timestamptz, ${after.bucket}::smallint, ${after.subscriptionId}::uuid, ${after.seq}::int)`;
}

/** The whole chain of one subscription, oldest first. */
export async function chainOf(db: Database, bucket: number, subscriptionId: string): Promise<readonly LogRow[]> {
  return await db.run<LogRow>(sql`select ${entryColumns}
    from ledger l where l.bucket = ${bucket}::smallint and l.subscription_id = ${subscriptionId}::uuid order by l.seq`);
}

/** As many as somebody reads who is told what happened meanwhile. */
const SINCE_AT_MOST = 20;

/** What was written of a subscription after this place in its chain, oldest first. */
export async function entriesSince(
  db: Database,
  bucket: number,
  subscriptionId: string,
  seq: number,
): Promise<readonly LogRow[]> {
  return await db.run<LogRow>(sql`select ${entryColumns} from ledger l where l.bucket = ${bucket}::smallint
    and l.subscription_id = ${subscriptionId}::uuid and l.seq > ${seq}::int order by l.seq limit ${SINCE_AT_MOST}::int`);
}

/** The newest entries of one subscription, newest first. */
export async function newestOf(
  db: Database,
  bucket: number,
  subscriptionId: string,
  limit: number,
): Promise<readonly LogRow[]> {
  return await db.run<LogRow>(sql`select ${entryColumns} from ledger l
    where l.bucket = ${bucket}::smallint and l.subscription_id = ${subscriptionId}::uuid order by l.seq desc limit ${limit}::int`);
}

/** An entry with those before and after it in its chain, oldest first; those that there are not are missing. */
export async function entryAndNeighbours(
  db: Database,
  bucket: number,
  subscriptionId: string,
  seq: number,
): Promise<readonly LogRow[]> {
  return await db.run<LogRow>(sql`select ${entryColumns} from ledger l
    where l.bucket = ${bucket}::smallint and l.subscription_id = ${subscriptionId}::uuid
      and l.seq between ${seq - 1}::int and ${seq + 1}::int order by l.seq`);
}

/** More than any charge has; the newest are shown. */
const STORY_AT_MOST = 500;

/**
 * What the ledger tells of a charge, oldest first: its own entries, and while it was open what became of its subscription and of
 * its payment methods. One that is settled ends with the change that settled it.
 */
export async function storyOf(
  db: Database,
  charge: { readonly bucket: number; readonly subscriptionId: string; readonly id: string; readonly isOpen: boolean },
): Promise<readonly LogRow[]> {
  const rows = await db.run<LogRow>(sql`with mine as (select min(l.seq) as first, max(l.at) as last from ledger l
      where l.bucket = ${charge.bucket}::smallint and l.subscription_id = ${charge.subscriptionId}::uuid
        and l.charge_id = ${charge.id}::uuid)
    select ${entryColumns} from ledger l, mine
    where l.bucket = ${charge.bucket}::smallint and l.subscription_id = ${charge.subscriptionId}::uuid
      and l.seq >= mine.first and (${charge.isOpen}::boolean or l.at <= mine.last)
      and (l.charge_id = ${charge.id}::uuid or l.charge_id is null or l.kind like 'token.%')
    order by l.seq desc limit ${STORY_AT_MOST}::int`);
  return rows.toReversed();
}

/** Who voided a charge last, and whether its subscription was resumed since, as the ledger has it; null when nobody did. */
export async function lastVoidOf(
  db: Database,
  charge: { readonly bucket: number; readonly subscriptionId: string; readonly id: string },
): Promise<{ readonly actor: string; readonly resumed: boolean } | null> {
  const [row] = await db.run<{ actor: string; resumed: boolean }>(sql`select l.actor, exists (select from ledger r
      where r.bucket = l.bucket and r.subscription_id = l.subscription_id and r.seq > l.seq and r.kind = 'subscription.resumed') as resumed
    from ledger l where l.bucket = ${charge.bucket}::smallint and l.subscription_id = ${charge.subscriptionId}::uuid
      and l.charge_id = ${charge.id}::uuid and l.kind in ('charge.voided', 'charge.forgiven') order by l.seq desc limit 1`);
  return row ?? null;
}

/** Money that we say was collected. */
export type CollectedRow = {
  readonly bucket: number;
  readonly seq: number;
  readonly at: string;
  readonly subscription_id: string;
  readonly charge_id: string;
  readonly reference_id: string;
  readonly money: string;
  readonly currency: Currency;
  readonly payment_id: string | null;
  readonly payment_request_id: string | null;
};

/** A page of what was collected from `from` to before `until`, in the order of time. */
export async function collectedPage(
  db: Database,
  account: string,
  buckets: readonly number[],
  range: { readonly from: Temporal.Instant; readonly until: Temporal.Instant },
  after: LogPosition | null,
  limit: number,
): Promise<readonly CollectedRow[]> {
  return await db.run<CollectedRow>(sql`select bucket, seq, ${isoInstant} as at, subscription_id, charge_id, reference_id,
      money::text as money, currency, payment_id, payment_request_id
    from ledger l
    where ${within('l', buckets)} and l.kind in ('charge.paid', 'payment.overpaid') and l.money <> 0 and l.account = ${account}
      and l.reference_id is not null
      and l.at >= ${range.from.toString()}::timestamptz and l.at < ${range.until.toString()}::timestamptz
      and ${afterClause(after)}
    order by l.at, l.bucket, l.subscription_id, l.seq
    limit ${limit}::int`);
}

/** How many payments we say were collected from `from` to before `until`. */
export async function collectedIn(
  db: Database,
  buckets: readonly number[],
  { from, until }: { readonly from: Temporal.Instant; readonly until: Temporal.Instant },
): Promise<number> {
  const [row] = await db.run<{ count: number }>(sql`select count(*)::int as count from ledger l
    where ${within('l', buckets)} and l.kind in ('charge.paid', 'payment.overpaid') and l.money <> 0 and l.reference_id is not null
      and l.at >= ${from.toString()}::timestamptz and l.at < ${until.toString()}::timestamptz`);
  return row?.count ?? 0;
}

/** An entry with the place in the ledger and the head that its subscription says it has; null where there is no subscription. */
export type ProvenRow = LogRow & { readonly told_seq: number | null; readonly told_head: string | null };

/** A page of all chains, one subscription after the other, each oldest first; strictly after `after`. */
export async function chainPage(
  db: Database,
  after: Omit<LogPosition, 'at'>,
  limit: number,
): Promise<readonly ProvenRow[]> {
  return await db.run<ProvenRow>(sql`with page as (select ${entryColumns} from ledger l
      where (l.bucket, l.subscription_id, l.seq) > (${after.bucket}::smallint, ${after.subscriptionId}::uuid, ${after.seq}::int)
      order by l.bucket, l.subscription_id, l.seq limit ${limit}::int)
    select page.*, s.ledger_seq as told_seq, s.ledger_head as told_head
    from page left join subscriptions s on s.bucket = page.bucket and s.id = page.subscription_id
    order by page.bucket, page.subscription_id, page.seq`);
}

/** Subscriptions of which the ledger has no entry at all, although each writes one when it is made. */
export async function withoutEntries(
  db: Database,
  limit: number,
): Promise<readonly { readonly id: string; readonly reference_id: string }[]> {
  return await db.run(sql`select s.id::text, s.reference_id from subscriptions s
    where not exists (select from ledger l where l.bucket = s.bucket and l.subscription_id = s.id)
    order by s.bucket, s.id limit ${limit}::int`);
}
