import { and, desc, eq, gte, inArray, lte, or } from 'drizzle-orm';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { ChargeRow, SubscriptionRow } from '../schema/change-columns.ts';
import { attempts, charges } from '../schema/charges.ts';

type Of = Pick<SubscriptionRow, 'bucket' | 'id'>;

/** What all charges of a subscription come to; amounts in minor units, as text. */
export type LifeOfCharges = {
  /** First day of the first period; null: nothing was ever owed. */
  readonly firstDay: string | null;
  readonly collected: string;
  readonly givenBack: string;
  /** Numbers below the next cycle for which there is no charge, up to a hundred of them. */
  readonly missing: readonly number[];
};

/**
 * Counted from the rows themselves: a cycle that was passed over has a row that says so, hence a number without a row is one that nobody
 * answered for. Who came from another biller counts from the cycle of the file.
 */
export async function lifeOfCharges(db: Database, { bucket, id }: Of): Promise<LifeOfCharges> {
  const [life] = await db.run<
    Omit<LifeOfCharges, 'missing'> & { readonly missing: string }
  >(sql`with mine as materialized (select c.cycle, c.period_start, c.collected,
        c.overpaid, c.refunded, c.charged_back from charges c where c.bucket = ${bucket}::smallint and c.subscription_id = ${id}::uuid),
      numbers as (select s.next_cycle - 1 as last, coalesce((select t.from_cycle from terms t where t.bucket = s.bucket
        and t.subscription_id = s.id and t.origin = 'imported' order by t.number limit 1), 0) as first
        from subscriptions s where s.bucket = ${bucket}::smallint and s.id = ${id}::uuid)
    select min(period_start)::text as "firstDay", coalesce(sum(collected + overpaid), 0)::text as collected,
      coalesce(sum(refunded + charged_back), 0)::text as "givenBack",
      array_to_string(array(select n from numbers, generate_series(numbers.first, numbers.last) n
        where not exists (select from mine m where m.cycle = n) order by n limit 100), ',') as missing
    from mine`);
  if (life === undefined) throw new Error('A sum over no rows is a row too.');
  return { ...life, missing: life.missing === '' ? [] : life.missing.split(',').map(Number) };
}

/** The charges for periods that lie in these days, and all that are open, newest first. */
export async function chargesOfDays(
  db: Database,
  { bucket, id }: Of,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Promise<readonly ChargeRow[]> {
  return await db.drizzle
    .select()
    .from(charges)
    .where(
      and(
        eq(charges.bucket, bucket),
        eq(charges.subscriptionId, id),
        or(
          and(gte(charges.periodEnd, from), lte(charges.periodStart, to)),
          inArray(charges.status, ['due', 'attempting', 'held']),
        ),
      ),
    )
    .orderBy(desc(charges.dueAt), desc(charges.id));
}

/** When each of these charges was tried, and what came of it, oldest first. */
export async function triesOf(db: Database, chargeIds: readonly string[]) {
  if (chargeIds.length === 0) return [];
  return await db.drizzle
    .select({
      chargeId: attempts.chargeId,
      number: attempts.number,
      sentAt: attempts.sentAt,
      outcome: attempts.outcome,
    })
    .from(attempts)
    .where(and(anyOf('attempts', 'charge_id', chargeIds)))
    .orderBy(attempts.sentAt);
}
