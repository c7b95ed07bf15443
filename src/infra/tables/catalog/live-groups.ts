import type { IntervalUnit } from '../../../domain/calendar/interval.ts';
import type { Currency } from '../../../domain/money/money.ts';
import type { LiveGroup } from '../../../domain/subscriptions/repricing/edit-effect.ts';
import type { Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** Subscriptions with the same terms, counted where they are: of a hundred thousand a few dozen groups come back. */
export type CountedGroup = LiveGroup & {
  /** Whether they are asked for money: neither paused nor still without a method. */
  readonly isCharged: boolean;
  readonly count: number;
  /** The price that they come to by a repricing, and were not charged yet. */
  readonly repricing: Repricing | null;
  /** The first of them by its id. */
  readonly example: string;
  /** Sums of hashes, the same in any order: of who they are, of when they are charged, and of all that an edit is judged by. */
  readonly ids: bigint;
  readonly rhythms: bigint;
  readonly rows: bigint;
};

/**
 * What holds for the next cycle of each live subscription, and what was agreed for later ones. The row of the subscription is a copy of
 * its terms until the first cycle that other ones were agreed for.
 */
const holding = (): Sql => sql`
  select s.bucket, s.id, s.token_id, s.country, s.status in ('trialing', 'active', 'past_due') as is_charged, true as is_next,
    not s.cancels_at_period_end and (s.ends_after is null or s.ends_after > greatest(s.next_cycle, 1)) as goes_on,
    s.plan, s.catalog_version, s.amount / s.quantity as unit_amount, s.quantity, s.currency, s.interval_count, s.interval_unit,
    s.anchor, s.time_zone, s.charge_at, s.ends_after as over, s.repricing
  from subscriptions s
  where s.status in ('pending', 'trialing', 'active', 'past_due', 'paused')
    and (s.next_terms_from is null or s.next_terms_from > s.next_cycle)
  union all
  select s.bucket, s.id, s.token_id, s.country, s.status in ('trialing', 'active', 'past_due'), t.from_cycle = s.next_cycle,
    not s.cancels_at_period_end and (t.last_cycle is null or t.last_cycle >= greatest(t.from_cycle, 1)),
    t.plan, t.catalog_version, t.unit_amount, t.quantity, t.currency, t.interval_count, t.interval_unit,
    t.anchor, t.time_zone, t.charge_at, t.last_cycle + 1, s.repricing
  from subscriptions s
  join terms t on t.bucket = s.bucket and t.subscription_id = s.id and t.withdrawn_at is null and t.from_cycle >= s.next_terms_from
  where s.status in ('pending', 'trialing', 'active', 'past_due', 'paused')
    and not exists (select from terms n where n.bucket = t.bucket and n.subscription_id = t.subscription_id
      and n.withdrawn_at is null and n.from_cycle = t.from_cycle and n.number > t.number)`;

const hash = (text: Sql): Sql => sql`coalesce(sum(hashtextextended(${text}, 0)), 0)`;

/** All that an edit is judged by, and nothing that a charge which is made meanwhile moves. */
const rowText = sql`concat_ws('|', h.id, h.plan, h.catalog_version, h.unit_amount, h.quantity, h.currency, h.country, h.interval_count,
  h.interval_unit, h.goes_on, h.is_next, h.token_id, h.anchor, h.time_zone, h.charge_at, h.over, h.repricing)`;

/** The live book, by terms. */
export async function liveGroups(db: Database): Promise<readonly CountedGroup[]> {
  const rows = await db.run<GroupRow>(sql`with h as (${holding()})
    select h.plan, h.catalog_version, h.unit_amount::text, h.quantity, h.currency, h.country, h.interval_count, h.interval_unit,
      k.channel_code, k.recurring_frequency, h.is_next, h.goes_on, h.is_charged, h.repricing,
      count(*)::int as count, min(h.id::text) as example, ${hash(sql`h.id::text`)}::text as ids,
      ${hash(sql`concat_ws('|', h.id, h.anchor, h.time_zone, h.charge_at, h.over)`)}::text as rhythms, ${hash(rowText)}::text as rows
    from h left join tokens k on k.bucket = h.bucket and k.id = h.token_id
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
    order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14`);
  return rows.map(groupOf);
}

/** A condition of the statement that puts an edit in force: what it was judged on is there, row by row. */
export function isUnmoved(plans: readonly string[], rows: bigint): Sql {
  return sql`(with h as (${holding()}) select ${hash(rowText)} from h where h.plan = any(${plans}::text[])) = ${rows.toString()}::numeric`;
}

type GroupRow = {
  readonly plan: string;
  readonly catalog_version: number;
  readonly unit_amount: string;
  readonly quantity: number;
  readonly currency: Currency;
  readonly country: string;
  readonly interval_count: number;
  readonly interval_unit: IntervalUnit;
  readonly channel_code: string | null;
  readonly recurring_frequency: number | null;
  readonly is_next: boolean;
  readonly goes_on: boolean;
  readonly is_charged: boolean;
  readonly count: number;
  readonly repricing: Repricing | null;
  readonly example: string;
  readonly ids: string;
  readonly rhythms: string;
  readonly rows: string;
};

function groupOf(row: GroupRow): CountedGroup {
  return {
    plan: row.plan,
    catalogVersion: row.catalog_version,
    unitAmount: BigInt(row.unit_amount),
    quantity: row.quantity,
    currency: row.currency,
    country: row.country,
    intervalCount: row.interval_count,
    intervalUnit: row.interval_unit,
    channelCode: row.channel_code,
    frequency: row.recurring_frequency,
    isNext: row.is_next,
    goesOn: row.goes_on,
    isCharged: row.is_charged,
    count: row.count,
    repricing: row.repricing,
    example: row.example,
    ids: BigInt(row.ids),
    rhythms: BigInt(row.rhythms),
    rows: BigInt(row.rows),
  };
}
