import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { ChargeResult } from '../../../domain/charges/result.ts';
import type { ChargeState } from '../../../domain/charges/shown-state.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type AmountRange, inRange } from '../books/amount-range.ts';
import { afterInOrder, type ChargeOrder, type ChargePlace, isKeptSorted } from './charge-order.ts';
import { resultOfRow } from './charge-results.ts';
import { type ChargeDossier, readDossiers } from './charges.ts';
import { type FirstDecline, wasFirstDeclined } from './first-declines.ts';

export type ChargeFilter = {
  readonly status?: ChargeStatus | undefined;
  readonly state?: ChargeState | undefined;
  readonly result?: ChargeResult | undefined;
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
  /** At most so many. */
  readonly attemptsTo?: number | undefined;
  /** Declined, and neither paid nor given up. */
  readonly inDunning?: boolean | undefined;
  readonly missed?: boolean | undefined;
  readonly overpaid?: boolean | undefined;
  readonly refunded?: boolean | undefined;
  /** Those whose last attempt was declined like this. */
  readonly class?: DeclineClass | undefined;
  /** Those whose last attempt went over this channel. */
  readonly channel?: string | undefined;
  /** Those whose first attempt went over this channel. */
  readonly firstChannel?: string | undefined;
  /** Those whose next attempt is planned from here. */
  readonly plannedFrom?: Temporal.Instant | undefined;
  /** Excluded. */
  readonly plannedUntil?: Temporal.Instant | undefined;
  readonly account?: string | undefined;
  /** These only. */
  readonly ids?: readonly string[] | undefined;
} & AmountRange &
  FirstDecline;

/** A page of charges, strictly after this place of the order. */
export async function chargePage(
  db: Database,
  filter: ChargeFilter,
  order: ChargeOrder,
  after: ChargePlace | null,
  limit: number,
): Promise<readonly ChargeDossier[]> {
  const { isAfter, sorted } = afterInOrder(order, after);
  const rest = sql`${narrowed(filter)} and ${isAfter} order by ${sorted} limit ${limit}::int`;
  // A list of all customers looks at all buckets; one of some subscriptions says theirs.
  if (isKeptSorted(order)) return await readDossiers(db, db.groups.flat(), { rest });
  // All of the list are sorted as they are, and only those of the page are read with their company.
  const from = sql`(select c.bucket, c.id from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    where ${rest}) chosen join charges c on c.bucket = chosen.bucket and c.id = chosen.id`;
  return await readDossiers(db, db.groups.flat(), { from, rest: sql`true order by ${sorted}` });
}

/** The ids of all charges of a filter in an order, so many at most. */
export async function chargeIds(
  db: Database,
  filter: ChargeFilter,
  order: ChargeOrder,
  limit: number,
): Promise<readonly string[]> {
  const { sorted } = afterInOrder(order, null);
  const rows = await db.run<{ id: string }>(sql`select c.id::text as id from charges c
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    where ${narrowed(filter)} order by ${sorted} limit ${limit}::int`);
  return rows.map(({ id }) => id);
}

/** These charges, in this order of ids. */
export async function chargesOf(db: Database, ids: readonly string[]): Promise<readonly ChargeDossier[]> {
  const read = await readDossiers(db, db.groups.flat(), { rest: anyOf('c', 'id', ids) });
  const byId = new Map(read.map((dossier) => [dossier.charge.id, dossier]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The first due date within a time of what is otherwise narrowed so; looked for among so many charges at most. */
export async function nearestDue(
  db: Database,
  filter: ChargeFilter,
  order: 'due_at' | '-due_at',
  among: number,
): Promise<Temporal.Instant | null> {
  const { dueFrom, dueUntil, ...rest } = filter;
  const way = order === 'due_at' ? sql`asc` : sql`desc`;
  const [row] = await db.run<{ at: string }>(sql`select ${isoInstant} as at
    from (select * from charges c where ${narrowed({ dueFrom, dueUntil })} order by c.due_at ${way}, c.id ${way} limit ${among}::int) c
    where ${narrowed(rest)} order by c.due_at ${way} limit 1`);
  return row === undefined ? null : Temporal.Instant.from(row.at);
}

const isoInstant = sql`to_char(c.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What a filter says of charges `c`. */
export function narrowed(filter: ChargeFilter): Sql {
  const { dueFrom, dueUntil, subscriptions, ids, attemptsFrom, attemptsTo } = filter;
  const parts = [
    subscriptions === undefined ? null : isOfThese(subscriptions),
    ids === undefined ? null : anyOf('c', 'id', ids),
    dueFrom === undefined ? null : sql`c.due_at >= ${dueFrom.toString()}::timestamptz`,
    dueUntil === undefined ? null : sql`c.due_at < ${dueUntil.toString()}::timestamptz`,
    attemptsFrom === undefined ? null : sql`c.attempts >= ${attemptsFrom}::int`,
    attemptsTo === undefined ? null : sql`c.attempts <= ${attemptsTo}::int`,
    ...equal(filter),
    ...inRange(filter, sql`c.amount`, sql`c.currency`),
    ...wereSo(filter),
    filter.state === undefined ? null : sql`${stateOfRow} = ${filter.state}`,
    ofFew(filter),
    filter.result === undefined ? null : sql`${resultOfRow} = ${filter.result}`,
    ...isPlanned(filter),
    lastTried(filter),
    firstTried(filter),
    wasFirstDeclined(filter),
    wasPaid(filter),
  ].filter((part) => part !== null);
  return parts.length === 0 ? sql`true` : sql.join(parts, ' and ');
}

/** Few are held or wait for their customer, most of them among the newest: these have an index, where the list by due would be read whole. */
function ofFew({ state, status }: ChargeFilter): Sql | null {
  if (state === 'held' || status === 'held') return sql`c.hold_reason is not null`;
  return state === 'waits_for_customer' ? sql`c.waits_until is not null` : null;
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

/** A charge's state, as `chargeState` of the domain tells it. */
export const stateOfRow = sql`case when c.status = 'due' and c.waits_until is not null then 'waits_for_customer'
  when c.status = 'due' and c.in_dunning then 'in_dunning'
  when c.status = 'attempting' and exists (select from attempts a where a.bucket = c.bucket and a.charge_id = c.id
    and a.number = c.attempts and a.outcome in ('pending', 'unknown')) then 'unknown'
  else c.status end`;

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

function firstTried({ firstChannel }: ChargeFilter): Sql | null {
  if (firstChannel === undefined) return null;
  return sql`exists (select from attempts a join tokens t on t.bucket = a.bucket and t.id = a.token_id
    where a.bucket = c.bucket and a.charge_id = c.id and a.number = 1 and t.channel_code = ${firstChannel})`;
}

function isPlanned({ plannedFrom, plannedUntil }: ChargeFilter): readonly Sql[] {
  return [
    ...(plannedFrom === undefined ? [] : [sql`c.next_attempt_at >= ${plannedFrom.toString()}::timestamptz`]),
    ...(plannedUntil === undefined ? [] : [sql`c.next_attempt_at < ${plannedUntil.toString()}::timestamptz`]),
  ];
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
