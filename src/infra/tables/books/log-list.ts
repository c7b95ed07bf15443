import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { anyOf, within } from '../../database/buckets.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type AmountRange, inRange } from './amount-range.ts';
import { afterClause, entryColumns, type LogPosition, type LogRow } from './ledger.ts';

/** From `from` (included) to `until` (excluded). */
export type LogRange = { readonly from: Temporal.Instant | null; readonly until: Temporal.Instant | null };

/** Which entries of the log; what is left out narrows nothing. */
export type LogFilter = LogRange &
  AmountRange & {
    readonly plan?: string | undefined;
    /** Those of these subscriptions only. */
    readonly subscriptions?: readonly string[] | undefined;
    /** Those about these charges only. */
    readonly charges?: readonly string[] | undefined;
    /** Those about charges that are in this status now. */
    readonly status?: ChargeStatus | undefined;
    readonly class?: DeclineClass | undefined;
    readonly failureCode?: string | undefined;
    readonly channel?: string | undefined;
    readonly currency?: Currency | undefined;
    readonly kind?: string | undefined;
    readonly account?: string | undefined;
  };

/**
 * One page of the charge log in the order of time, after `after`; backward from it, newest first. Pages instead of one long snapshot: an open snapshot makes claims
 * dearer.
 */
export async function logPage(
  db: Database,
  buckets: readonly number[],
  filter: LogFilter,
  after: LogPosition | null,
  limit: number,
  isBackward = false,
): Promise<readonly LogRow[]> {
  const way = isBackward ? sql` desc` : sql``;
  return await db.run<LogRow>(sql`select ${entryColumns}
    from ledger l
    where ${within('l', buckets)} and ${narrowed(filter)} and ${afterClause(after, isBackward)}
    order by l.at${way}, l.bucket${way}, l.subscription_id${way}, l.seq${way}
    limit ${limit}::int`);
}

export type LogTotal = {
  /** Null: of entries that are about no money. */
  readonly currency: Currency | null;
  readonly count: number;
  /** Minor units. */
  readonly money: string;
  readonly credit: string;
};

/** What the entries of a filter come to, by currency. Of more than `most` only so many and one are counted; null: all are. */
export async function logTotals(
  db: Database,
  buckets: readonly number[],
  filter: LogFilter,
  most: number | null = null,
): Promise<readonly LogTotal[]> {
  const bound = most === null ? sql`` : sql`${alongTime(filter)} limit ${most + 1}::int`;
  const query = sql`select l.currency, count(*)::int as count, sum(l.money)::text as money,
      coalesce(sum(l.credit), 0)::text as credit
    from (select l.currency, l.money, l.credit from ledger l where ${within('l', buckets)} and ${narrowed(filter)}${bound}) l
    group by l.currency order by l.currency nulls last`;
  return await countInTurn(db, () => db.run<LogTotal>(query));
}

/** How many entries a filter has, counted no further than `most` + 1. */
export async function logCount(
  db: Database,
  buckets: readonly number[],
  filter: LogFilter,
  most: number,
): Promise<number> {
  const query = sql`select count(*)::int as count from (select from ledger l
    where ${within('l', buckets)} and ${narrowed(filter)} limit ${most + 1}::int) counted`;
  const [row] = await countInTurn(db, () => db.run<{ count: number }>(query));
  return row?.count ?? 0;
}

/** Whether the log is narrowed by nothing but time, which an index keeps. */
export function isByTimeAlone(filter: LogFilter): boolean {
  return Object.values({ ...filter, from: undefined, until: undefined }).every((value) => value === undefined);
}

/**
 * Some entries of a time are read along the index: the table has them in the order of time, so a scan would read all that are older first. Postgres
 * takes them to lie anywhere in it.
 */
function alongTime({ from, until, subscriptions, charges }: LogFilter): Sql {
  const isOfATime = from !== null || until !== null;
  return isOfATime && subscriptions === undefined && charges === undefined ? sql` order by l.at` : sql``;
}

function narrowed(filter: LogFilter): Sql {
  const { from, until, subscriptions, charges, status } = filter;
  const parts = [
    ...(from === null ? [] : [sql`l.at >= ${from.toString()}::timestamptz`]),
    ...(until === null ? [] : [sql`l.at < ${until.toString()}::timestamptz`]),
    ...(subscriptions === undefined ? [] : [isOfThese(subscriptions)]),
    ...(charges === undefined ? [] : [isAboutThese(charges)]),
    ...(status === undefined ? [] : [isAboutOne(status)]),
    ...inRange(filter, sql`l.amount`, sql`l.currency`),
    ...equal(filter),
  ];
  return parts.length === 0 ? sql`true` : sql.join(parts, ' and ');
}

function equal(filter: LogFilter): readonly Sql[] {
  const said = [
    [sql`l.plan`, filter.plan],
    [sql`l.class`, filter.class],
    [sql`l.failure_code`, filter.failureCode],
    [sql`l.channel`, filter.channel],
    [sql`l.currency`, filter.currency],
    [sql`l.kind`, filter.kind],
    [sql`l.account`, filter.account],
  ] as const;
  return said.flatMap(([column, value]) => (value === undefined ? [] : [sql`${column} = ${value}`]));
}

function isOfThese(subscriptions: readonly string[]): Sql {
  const buckets = [...new Set(subscriptions.map(bucketOf))];
  return sql`l.bucket = any(${buckets}::smallint[]) and l.subscription_id = any(${subscriptions}::uuid[])`;
}

/** Their subscriptions are looked up first: the ledger is kept by them. */
function isAboutThese(charges: readonly string[]): Sql {
  return sql`(l.bucket, l.subscription_id) in (select c.bucket, c.subscription_id from charges c where ${anyOf('c', 'id', charges)})
    and ${anyOf('l', 'charge_id', charges)}`;
}

function isAboutOne(status: ChargeStatus): Sql {
  return sql`exists (select from charges c where c.bucket = l.bucket and c.id = l.charge_id and c.status = ${status})`;
}

/** The charges that Xendit knows a payment or a request to pay of, by its id of either. */
export async function chargesPaidBy(db: Database, xenditId: string): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`select distinct l.charge_id::text as id from ledger l
    where (l.payment_request_id = ${xenditId} or l.payment_id = ${xenditId}) and l.charge_id is not null limit 20`);
  return rows.map(({ id }) => id);
}
