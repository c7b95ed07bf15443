import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
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
};

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

function narrowed(filter: ChargeFilter): Sql {
  const { status, failureCode, dueFrom, dueUntil, subscriptions } = filter;
  const parts = [
    status === undefined ? null : sql`c.status = ${status}`,
    subscriptions === undefined ? null : isOfThese(subscriptions),
    dueFrom === undefined ? null : sql`c.due_at >= ${dueFrom.toString()}::timestamptz`,
    dueUntil === undefined ? null : sql`c.due_at < ${dueUntil.toString()}::timestamptz`,
    failureCode === undefined ? null : sql`c.last_failure_code = ${failureCode}`,
    wasPaid(filter),
  ].filter((part) => part !== null);
  return parts.length === 0 ? sql`true` : sql.join(parts, ' and ');
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
