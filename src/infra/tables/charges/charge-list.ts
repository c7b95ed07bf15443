import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { anyOf } from '../../database/buckets.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type AmountRange, inRange } from '../books/amount-range.ts';
import { type ChargeDossier, readDossiers } from './charges.ts';

export type ChargeFilter = {
  readonly status?: ChargeStatus | undefined;
  /** Those of these subscriptions only. */
  readonly subscriptions?: readonly string[] | undefined;
  readonly dueFrom?: Temporal.Instant | undefined;
  /** Excluded. */
  readonly dueUntil?: Temporal.Instant | undefined;
  readonly paidFrom?: Temporal.Instant | undefined;
  /** Excluded. */
  readonly paidUntil?: Temporal.Instant | undefined;
  readonly failureCode?: string | undefined;
  readonly plan?: string | undefined;
  readonly currency?: Currency | undefined;
  readonly catalogVersion?: number | undefined;
  /** At least so many. */
  readonly attemptsFrom?: number | undefined;
  /** Declined, and neither paid nor given up. */
  readonly inDunning?: boolean | undefined;
  readonly missed?: boolean | undefined;
  readonly overpaid?: boolean | undefined;
  readonly refunded?: boolean | undefined;
  /** Those whose last attempt was declined like this. */
  readonly class?: DeclineClass | undefined;
  /** Those whose last attempt went over this channel. */
  readonly channel?: string | undefined;
  readonly account?: string | undefined;
  /** These only. */
  readonly ids?: readonly string[] | undefined;
} & AmountRange;

/** Oldest or newest due first. */
export type ChargeOrder = 'due_at' | '-due_at';

/** A page of charges, strictly after `after` in this order. */
export async function chargePage(
  db: Database,
  filter: ChargeFilter,
  order: ChargeOrder,
  after: { readonly at: string; readonly id: string } | null,
  limit: number,
): Promise<readonly ChargeDossier[]> {
  const [beyond, first] = order === 'due_at' ? [sql`>`, sql`asc`] : [sql`<`, sql`desc`];
  const isBeyond =
    after === null ? sql`true` : sql`(c.due_at, c.id) ${beyond} (${after.at}::timestamptz, ${after.id}::uuid)`;
  const rest = sql`${narrowed(filter)} and ${isBeyond} order by c.due_at ${first}, c.id ${first} limit ${limit}::int`;
  // A list of all customers looks at all buckets; one of some subscriptions says theirs.
  return await readDossiers(db, db.groups.flat(), { rest });
}

export type ChargeTotal = {
  readonly currency: Currency;
  readonly status: ChargeStatus;
  readonly count: number;
  /** Minor units. */
  readonly amount: string;
  readonly collected: string;
};

/** What the whole list comes to, by currency and status, whichever page of it is shown. */
export async function chargeTotals(db: Database, filter: ChargeFilter): Promise<readonly ChargeTotal[]> {
  const query = sql`select c.currency, c.status, count(*)::int as count, sum(c.amount)::text as amount,
      sum(c.collected)::text as collected
    from charges c where ${narrowed(filter)} group by c.currency, c.status order by c.currency, c.status`;
  return await countInTurn(db, () => db.run<ChargeTotal>(query));
}

/** How many charges a filter has, counted no further than `most` + 1. */
export async function chargeCount(db: Database, filter: ChargeFilter, most: number): Promise<number> {
  const query = sql`select count(*)::int as count from (select from charges c
    where ${narrowed(filter)} limit ${most + 1}::int) counted`;
  const [row] = await countInTurn(db, () => db.run<{ count: number }>(query));
  return row?.count ?? 0;
}

function narrowed(filter: ChargeFilter): Sql {
  const { dueFrom, dueUntil, subscriptions, ids, attemptsFrom } = filter;
  const parts = [
    subscriptions === undefined ? null : isOfThese(subscriptions),
    ids === undefined ? null : anyOf('c', 'id', ids),
    dueFrom === undefined ? null : sql`c.due_at >= ${dueFrom.toString()}::timestamptz`,
    dueUntil === undefined ? null : sql`c.due_at < ${dueUntil.toString()}::timestamptz`,
    attemptsFrom === undefined ? null : sql`c.attempts >= ${attemptsFrom}::int`,
    ...equal(filter),
    ...inRange(filter, sql`c.amount`, sql`c.currency`),
    ...wereSo(filter),
    lastTried(filter),
    wasPaid(filter),
  ].filter((part) => part !== null);
  return parts.length === 0 ? sql`true` : sql.join(parts, ' and ');
}

function equal(filter: ChargeFilter): readonly Sql[] {
  const said = [
    [sql`c.status`, filter.status],
    [sql`c.last_failure_code`, filter.failureCode],
    [sql`c.plan`, filter.plan],
    [sql`c.currency`, filter.currency],
    [sql`c.catalog_version`, filter.catalogVersion],
    [sql`c.account`, filter.account],
  ] as const;
  return said.flatMap(([column, value]) => (value === undefined ? [] : [sql`${column} = ${value}`]));
}

function wereSo({ inDunning, missed, overpaid, refunded }: ChargeFilter): readonly Sql[] {
  const said = [
    [sql`c.in_dunning`, inDunning],
    [sql`c.missed`, missed],
    [sql`(c.overpaid > 0)`, overpaid],
    [sql`(c.refunded > 0)`, refunded],
  ] as const;
  return said.flatMap(([is, wanted]) => (wanted === undefined ? [] : [sql`${is} = ${wanted}::boolean`]));
}

function lastTried({ class: declined, channel }: ChargeFilter): Sql | null {
  if (declined === undefined && channel === undefined) return null;
  const isOfClass = declined === undefined ? sql`true` : sql`a.class = ${declined}`;
  const wentOver =
    channel === undefined
      ? sql`true`
      : sql`exists (select from tokens t where t.bucket = a.bucket and t.id = a.token_id and t.channel_code = ${channel})`;
  return sql`exists (select from attempts a where a.bucket = c.bucket and a.charge_id = c.id and a.number = c.attempts
    and ${isOfClass} and ${wentOver})`;
}

function isOfThese(subscriptions: readonly string[]): Sql {
  const buckets = [...new Set(subscriptions.map(bucketOf))];
  return sql`c.bucket = any(${buckets}::smallint[]) and c.subscription_id = any(${subscriptions}::uuid[])`;
}

/** When a charge was paid is what the ledger says, whatever became of it afterwards; and the ledger has an index by time. */
function wasPaid({ paidFrom, paidUntil }: ChargeFilter): Sql | null {
  if (paidFrom === undefined && paidUntil === undefined) return null;
  const from = paidFrom === undefined ? sql`` : sql` and l.at >= ${paidFrom.toString()}::timestamptz`;
  const until = paidUntil === undefined ? sql`` : sql` and l.at < ${paidUntil.toString()}::timestamptz`;
  return sql`(c.bucket, c.subscription_id, c.id) in (select l.bucket, l.subscription_id, l.charge_id
    from ledger l where l.kind = 'charge.paid'${from}${until})`;
}
