import type { Currency } from '../../../domain/money/money.ts';
import type { Amounts } from '../../../domain/money/spending-limits.ts';
import { anyOf, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type Beside, type Columns, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** What the attempt of a change would take; `customerLimit` null: none, or a person let it pass. */
export type Spend = {
  readonly customerId: string;
  readonly currency: string;
  readonly takes: bigint;
  readonly customerLimit: bigint | null;
  readonly dayLimit: bigint | null;
};

export const spendColumns: Columns = {
  turn: { key: 'turn', type: 'int' },
  customer_id: { key: 'customerId', type: 'uuid' },
  currency: { key: 'currency', type: 'text' },
  takes: { key: 'takes', type: 'bigint' },
  customer_limit: { key: 'customerLimit', type: 'bigint' },
  day_limit: { key: 'dayLimit', type: 'bigint' },
};

/**
 * The rows of `i` that stay within the limits, counted up in the same statement. What others have spent is read from the
 * locked rows: a lock that was waited for answers with the newest version, where a sum over attempts would only see what
 * was there when the statement began. If another replica has already moved a counter to the next
 * day, we count on that day; a counter that lies further ahead was moved by a clock that was wrong. At most one row a customer: the flow sees to it.
 */
export function withinLimits(buckets: readonly number[], day: Temporal.PlainDate): Sql[] {
  const today = sql`${day.toString()}::date`;
  return [
    sql`customer_day as materialized (select f.bucket, f.id,
        case when f.spent_on between ${today} and ${today} + 1 then coalesce(f.spent, '{}'::jsonb) else '{}'::jsonb end as spent
      from (select c.bucket, c.id, c.spent_on, c.spent from customers c where ${within('c', buckets)} and (c.bucket, c.id) in (
          select i.bucket, i.customer_id from i join locked l on l.bucket = i.bucket and l.id = i.id)
        order by c.bucket, c.id for no key update of c) f)`,
    // The count of customers is always true. It makes Postgres lock the customers before the day's row, in every statement, so that
    // two claims cannot deadlock.
    sql`whole_day as materialized (select f.currency, case when f.day between ${today} and ${today} + 1 then f.amount else 0 end as amount
      from (select s.currency, s.day, s.amount from spending s
        where s.currency in (select i.currency from i join locked l on l.bucket = i.bucket and l.id = i.id)
          and (select count(*) from customer_day) >= 0
        order by s.currency for no key update of s) f)`,
    sql`within as materialized (select f.bucket, f.id, f.customer_id, f.currency, f.takes,
        f.spent || jsonb_build_object(f.currency, f.customer_sum) as spent from (
        select i.bucket, i.id, i.customer_id, i.currency, i.takes, i.day_limit, d.amount as before,
          coalesce((c.spent ->> i.currency)::bigint, 0) + i.takes as customer_sum,
          c.spent,
          sum(i.takes) over (partition by i.currency order by i.turn) as day_sum
        from i join locked l on l.bucket = i.bucket and l.id = i.id
          join customer_day c on c.bucket = i.bucket and c.id = i.customer_id
          join whole_day d on d.currency = i.currency
        where i.customer_limit is null or coalesce((c.spent ->> i.currency)::bigint, 0) + i.takes <= i.customer_limit) f
      where f.day_limit is null or f.before + f.day_sum <= f.day_limit)`,
    sql`set_customer_day as (update customers c set spent = w.spent,
        spent_on = case when c.spent_on = ${today} + 1 then c.spent_on else ${today} end
      from within w where ${within('c', buckets)} and c.bucket = w.bucket and c.id = w.customer_id)`,
    sql`set_whole_day as (update spending s set day = case when s.day = ${today} + 1 then s.day else ${today} end, amount = d.amount + a.takes
      from (select currency, sum(takes) as takes from within group by currency) a
        join whole_day d on d.currency = a.currency
      where s.currency = a.currency)`,
  ];
}

/** What each of these customers was asked for on this day or, where others have begun one, a later day. */
export async function customersSpent(
  db: Database,
  buckets: readonly number[],
  customerIds: readonly string[],
  day: Temporal.PlainDate,
): Promise<(customerId: string, currency: string) => bigint> {
  const rows = await db.run<{ id: string; spent: Readonly<Record<string, number | string>> }>(sql`
    select c.id, c.spent from customers c where ${within('c', buckets)} and ${anyOf('c', 'id', customerIds)} and c.spent_on between ${day.toString()}::date and ${day.toString()}::date + 1 and c.spent is not null`);
  const byId = new Map(rows.map((row) => [row.id, row.spent]));
  return (customerId, currency) => BigInt(byId.get(customerId)?.[currency] ?? 0);
}

/** What all customers together were asked for on this day, by currency. */
export async function spentToday(db: Database, day: Temporal.PlainDate): Promise<Amounts> {
  const rows = await db.run<{ currency: Currency; amount: string }>(
    sql`select currency, amount::text as amount from spending where day between ${day.toString()}::date and ${day.toString()}::date + 1`,
  );
  return Object.fromEntries(rows.map((row) => [row.currency, BigInt(row.amount)]));
}

/** What a day's count is too high by, or too low, once an outcome is known. */
export type Correction = {
  readonly bucket: number;
  readonly customerId: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly day: Temporal.PlainDate;
  readonly sentAt: Temporal.Instant;
};

const correctionColumns: Columns = {
  bucket: { key: 'bucket', type: 'smallint' },
  customer_id: { key: 'customerId', type: 'uuid' },
  currency: { key: 'currency', type: 'text' },
  amount: { key: 'amount', type: 'bigint' },
  day: { key: 'day', type: 'text' },
  sent_at: { key: 'sentAt', type: 'text' },
};

/**
 * Takes out of its day's count what turned out not to be collected, or puts in what was after all; in the statement that
 * settles it, so that it happens exactly when that does. Customers before the whole day, as the claims lock them. The count of the
 * whole day is of what was sent since a person armed last: of anything before there is nothing in it that could be taken out.
 */
export function corrected(buckets: readonly number[], corrections: readonly Correction[], owners: Beside): Sql[] {
  const items = corrections.map((one) => ({ ...one, day: one.day.toString(), sentAt: one.sentAt.toString() }));
  return [
    sql`correction as materialized (select d.bucket, d.customer_id, d.currency, d.day::date as day, d.sent_at::timestamptz as sent_at, d.amount
      from ${recordset('d', correctionColumns, items, owners)} join moved m on m.bucket = d.bucket and m.id = d.of_id)`,
    sql`by_customer as (select bucket, customer_id, day, jsonb_object_agg(currency, amount) as amounts
      from (select bucket, customer_id, day, currency, sum(amount)::bigint as amount from correction group by 1, 2, 3, 4) c group by 1, 2, 3)`,
    sql`corrected_customers as materialized (select f.bucket, f.id, f.spent || (
        select jsonb_object_agg(a.key, greatest(0, coalesce((f.spent ->> a.key)::bigint, 0) + a.value::bigint))
        from jsonb_each_text(f.amounts) a) as spent
      from (select c.bucket, c.id, c.spent, b.amounts from customers c join by_customer b on b.bucket = c.bucket and b.customer_id = c.id
        where ${within('c', buckets)} and c.spent_on = b.day and c.spent is not null
        order by c.bucket, c.id for no key update of c) f)`,
    sql`set_customers as (update customers c set spent = w.spent from corrected_customers w
      where ${within('c', buckets)} and c.bucket = w.bucket and c.id = w.id)`,
    // The count of customers is always true: the same order of locks as in `withinLimits`.
    sql`counted_days as materialized (select s.currency, s.day, s.counted_from from spending s
      where (s.currency, s.day) in (select currency, day from correction) and (select count(*) from corrected_customers) >= 0
      order by s.currency for no key update of s)`,
    sql`set_days as (update spending s set amount = greatest(0, s.amount + w.amount)
      from (select d.currency, sum(c.amount)::bigint as amount from correction c join counted_days d on d.currency = c.currency and d.day = c.day
        where d.counted_from is null or c.sent_at > d.counted_from group by 1) w
      where s.currency = w.currency)`,
  ];
}

/** A person has looked, and arms: the count of the day begins again. For the statement that arms, whose row is `armed`. */
export function countedAnew(now: Temporal.Instant): Sql {
  return sql`counted_anew as (update spending set amount = 0, counted_from = ${now.toString()}::timestamptz where exists (select from armed))`;
}
