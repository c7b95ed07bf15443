import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { opened } from '../methods/sealed-tokens.ts';
import { charges } from '../schema/charges.ts';
import { books, type ChargeBook } from './charges.ts';

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
): Promise<readonly ChargeBook[]> {
  const [beyond, first] = order === 'due_at' ? [sql`>`, sql`asc`] : [sql`<`, sql`desc`];
  const rows = await books(db)
    .where(
      and(
        narrowed(filter),
        after === null
          ? undefined
          : sql`(${charges.dueAt}, ${charges.id}) ${beyond} (${after.at}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(sql`${charges.dueAt} ${first}, ${charges.id} ${first}`)
    .limit(limit);
  return opened(db.vault, rows);
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
  const totals = db.drizzle
    .select({
      currency: charges.currency,
      status: charges.status,
      count: sql<number>`count(*)::int`,
      amount: sql<string>`sum(${charges.amount})::text`,
      collected: sql<string>`sum(${charges.collected})::text`,
    })
    .from(charges)
    .where(narrowed(filter))
    .groupBy(charges.currency, charges.status)
    .orderBy(charges.currency, charges.status);
  return await countInTurn(db, () => totals.execute());
}

function narrowed(filter: ChargeFilter): SQL | undefined {
  const { status, failureCode, dueFrom, dueUntil, subscriptions } = filter;
  return and(
    status === undefined ? undefined : eq(charges.status, status),
    subscriptions === undefined
      ? undefined
      : and(
          inArray(charges.bucket, [...new Set(subscriptions.map(bucketOf))]),
          inArray(charges.subscriptionId, [...subscriptions]),
        ),
    dueFrom === undefined ? undefined : sql`${charges.dueAt} >= ${dueFrom.toString()}::timestamptz`,
    dueUntil === undefined ? undefined : sql`${charges.dueAt} < ${dueUntil.toString()}::timestamptz`,
    failureCode === undefined ? undefined : eq(charges.lastFailureCode, failureCode),
    wasPaid(filter),
  );
}

/** When a charge was paid is what the ledger says, whatever became of it afterwards; and the ledger has an index by time. */
function wasPaid({ paidFrom, paidUntil }: ChargeFilter): SQL | undefined {
  if (paidFrom === undefined && paidUntil === undefined) return undefined;
  const from = paidFrom === undefined ? sql`` : sql` and l.at >= ${paidFrom.toString()}::timestamptz`;
  const until = paidUntil === undefined ? sql`` : sql` and l.at < ${paidUntil.toString()}::timestamptz`;
  return sql`(${charges.bucket}, ${charges.subscriptionId}, ${charges.id}) in (select l.bucket, l.subscription_id, l.charge_id
    from ledger l where l.kind = 'charge.paid'${from}${until})`;
}
