import type { IntervalUnit } from '../../../domain/calendar/interval.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { alongside, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type Columns, recordset, sameNames } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { newOwedNoticeColumns, type OwedNoticeRow } from '../schema/consent-columns.ts';

/** What a plan cost in an older version: whoever agreed to that is to be told of the price in force. */
export type OldPrice = {
  readonly plan: string;
  readonly version: number;
  readonly unit_amount: bigint;
  readonly currency: Currency;
  readonly country: string;
  readonly interval_count: number;
  readonly interval_unit: IntervalUnit;
  /** The version that a repricing moves them to; null: they come to the price in force. */
  readonly target: number | null;
  /** So many days before its next cycle it is told that a notice is owed. */
  readonly days: number;
};

/** A version in which the plan costs what they come to: who was told of that one was told of this price. */
export type ToldBy = Pick<OldPrice, 'plan' | 'target'> & { readonly subject: string };

/** Whom a higher price waits for. */
export type Owing = { readonly prices: readonly OldPrice[]; readonly toldBy: readonly ToldBy[] };

const priceColumns: Columns = sameNames({
  plan: { key: '', type: 'text' },
  version: { key: '', type: 'integer' },
  unit_amount: { key: '', type: 'bigint' },
  currency: { key: '', type: 'text' },
  country: { key: '', type: 'text' },
  interval_count: { key: '', type: 'integer' },
  interval_unit: { key: '', type: 'text' },
  target: { key: '', type: 'integer' },
  days: { key: '', type: 'integer' },
});
const toldColumns: Columns = sameNames({
  plan: { key: '', type: 'text' },
  target: { key: '', type: 'integer' },
  subject: { key: '', type: 'text' },
});

/** The version that a repricing moves it to. */
const target = sql`case when s.repricing->>'plan' = s.plan then (s.repricing->>'version')::int end`;

/** They pay such a price with their next cycle, and were not told of the one that they come to. `n`: in which buckets their notices are. */
const owes = (owing: Owing, n: Sql = sql`true`): Sql => sql`s.status in ('trialing', 'active', 'past_due', 'paused')
  and not s.cancels_at_period_end and (s.next_terms_from is null or s.next_terms_from > s.next_cycle)
  and p.plan = s.plan and p.version = s.catalog_version and s.amount = p.unit_amount * s.quantity and p.currency = s.currency
  and p.country = s.country and p.interval_count = s.interval_count and p.interval_unit = s.interval_unit
  and p.target is not distinct from ${target}
  and not exists (select from notices n where n.bucket = s.bucket and ${n} and n.subscription_id = s.id and n.kind = 'price_change'
    and ${isOf(owing, sql`n.subject`)})`;

const isOf = ({ toldBy }: Owing, subject: Sql): Sql => sql`exists (select from ${recordset('a', toldColumns, toldBy)}
  where a.plan = s.plan and a.target is not distinct from ${target} and a.subject = ${subject})`;

const prices = (owing: Owing): Sql => recordset('p', priceColumns, owing.prices);

/** Those whose customers are to be told of a higher price, by id. */
export async function withoutNotice(
  db: Database,
  owing: Owing,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`select s.id from subscriptions s, ${prices(owing)}
    where ${owes(owing)} and (${after}::uuid is null or s.id > ${after}::uuid)
    order by s.id limit ${limit}::int`);
  return rows.map(({ id }) => id);
}

/** Counting ends here: whoever looks must not cost more the more there are. */
const COUNTED_AT_MOST = 1_000;

/** Those of whom it was told, and is time to tell, a row a plan and price: how many, and when the first of them is charged next. */
export type OwedOfPlan = {
  readonly plan: string;
  /** The catalog version whose price they are to be told. */
  readonly subject: string;
  /** With `isCut`: that many at least, since counting ended before the last of them. */
  readonly count: number;
  readonly isCut: boolean;
  readonly since: string;
  readonly nextCycleAt: string | null;
};

/** Each notice's subscription is looked up by its key, and no more than are counted: Postgres would rather join all of both first. */
export async function owedOfPlans(
  db: Database,
  owing: Owing,
  most: number = COUNTED_AT_MOST,
): Promise<readonly OwedOfPlan[]> {
  const instant = sql`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
  const rows = await db.run<Omit<OwedOfPlan, 'isCut'>>(sql`select plan, subject, count(*)::int as count,
      to_char(min(owed_at) at time zone 'UTC', ${instant}) as since,
      to_char(min(next_cycle_at) at time zone 'UTC', ${instant}) as "nextCycleAt"
    from (select s.plan, o.subject, o.owed_at, s.next_cycle_at
      from owed_notices o cross join lateral (select * from subscriptions s
          where s.bucket = o.bucket and s.id = o.subscription_id limit 1) s, ${prices(owing)}
      where o.kind = 'price_change' and ${owes(owing)} and ${isOf(owing, sql`o.subject`)} limit ${most}::int) w
    group by 1, 2 order by min(next_cycle_at), plan`);
  const isCut = rows.reduce((sum, { count }) => sum + count, 0) >= most;
  return rows.map((row) => ({ ...row, isCut }));
}

/** How many they are; `repricing`: of those whom that one has moved, null: of all. */
export async function countWithoutNotice(db: Database, owing: Owing, repricing: number | null): Promise<number> {
  const [row] = await db.run<{ count: number }>(
    sql`select count(*)::int as count from subscriptions s, ${prices(owing)} where ${owes(owing)}
      and (${repricing}::int is null or (s.repricing->>'number')::int = ${repricing}::int)`,
  );
  return row?.count ?? 0;
}

/** Those among them of whom it is time to tell, and was not told yet: the next to be charged first. */
export async function owedToTell(
  db: Database,
  buckets: readonly number[],
  owing: Owing,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`select s.id from subscriptions s, ${prices(owing)}
    where ${within('s', buckets)} and ${owes(owing, alongside(db.groups, 'n', buckets))}
      and s.next_cycle_at <= ${now.toString()}::timestamptz + make_interval(days => p.days)
      and not exists (select from owed_notices o where o.bucket = s.bucket and ${alongside(db.groups, 'o', buckets)}
        and o.subscription_id = s.id and o.kind = 'price_change' and ${isOf(owing, sql`o.subject`)})
    order by s.next_cycle_at limit ${limit}::int`);
  return rows.map(({ id }) => id);
}

/** Those of these subscriptions, as they were read, that another process has told of this price since they were looked for. */
export async function toldMeanwhile(db: Database, buckets: readonly number[], owed: readonly OwedNoticeRow[]) {
  const rows = await db.run<{ id: string }>(sql`select o.subscription_id as id from owed_notices o
    join ${recordset('w', newOwedNoticeColumns, owed)} on w.bucket = o.bucket and w.subscription_id = o.subscription_id
      and w.kind = o.kind and w.subject = o.subject
    where ${within('o', buckets)}`);
  return new Set(rows.map(({ id }) => id));
}
