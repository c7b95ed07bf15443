import { sql } from 'drizzle-orm';
import type { SpendingLimits } from '../../src/domain/money/spending-limits.ts';
import type { Database } from '../../src/infra/database/db.ts';
import type { Payment } from './xendit.ts';

/** An attempt as the brake counts it; `cleared_ms`: when it was known to have collected nothing, null while it may have. */
type Spent = {
  readonly reference_id: string;
  readonly customer: string;
  readonly currency: 'IDR' | 'PHP';
  readonly amount: string;
  readonly day: string;
  readonly sent_ms: number;
  readonly cleared_ms: number | null;
  readonly passes: boolean;
};

/** What is settled while a claim is on its way counts for neither side. */
const MEANWHILE = 2 * 60_000;

/**
 * The brake is exact: whoever is attempted stays within the limits of what may have been collected until then. What Xendit
 * called failed and collected later had room in between, and counts for neither side.
 */
export async function brakeFaults(
  db: Database,
  limits: SpendingLimits,
  payments: readonly Payment[],
): Promise<readonly string[]> {
  const changedTheirMind = new Set(payments.filter((one) => one.succeededLate).map((one) => one.referenceId));
  const spent =
    await db.run<Spent>(sql`select a.reference_id, a.customer_id as customer, a.currency, a.amount::text as amount,
      (a.sent_at at time zone 'Asia/Jakarta')::date::text as day, (extract(epoch from a.sent_at) * 1000)::float8 as sent_ms,
      case when a.outcome in ('declined', 'refused') then (extract(epoch from a.outcome_at) * 1000)::float8 end as cleared_ms,
      exists (select from ledger l where l.bucket = a.bucket and l.charge_id = a.charge_id and l.kind = 'charge.released') as passes
    from attempts a where a.via = 'token' order by a.sent_at, a.reference_id`);
  const arms = await db.run<{ ms: number }>(
    sql`select (extract(epoch from armed_at) * 1000)::float8 as ms from armings order by armed_at`,
  );
  return spent.flatMap((one, at) => {
    const before = spent
      .slice(0, at)
      .filter((other) => other.currency === one.currency && countsAgainst(other, one))
      .filter((other) => !changedTheirMind.has(other.reference_id));
    // A person who arms has looked, and begins a new count of the day.
    const armed = arms.findLast(({ ms }) => ms <= one.sent_ms)?.ms ?? 0;
    const ofCustomer = before.filter(({ customer }) => customer === one.customer);
    return [
      ...beyond(
        one,
        before.filter(({ sent_ms }) => sent_ms >= armed - MEANWHILE),
        limits.perDay,
        'per_day',
      ),
      ...(one.passes ? [] : beyond(one, ofCustomer, limits.perCustomerPerDay, 'per_customer_per_day')),
      ...(one.passes ? [] : beyond(one, [], limits.perCharge, 'per_charge')),
    ];
  });
}

function countsAgainst(other: Spent, one: Spent): boolean {
  return other.day === one.day && (other.cleared_ms === null || other.cleared_ms > one.sent_ms + MEANWHILE);
}

function beyond(
  one: Spent,
  before: readonly Spent[],
  limits: SpendingLimits['perDay'],
  name: string,
): readonly string[] {
  const limit = limits[one.currency];
  const sum = before.reduce((total, { amount }) => total + BigInt(amount), BigInt(one.amount));
  return limit === undefined || sum <= limit
    ? []
    : [`${one.reference_id} brings ${one.currency} ${sum} on ${one.day}, and ${name} is ${limit}`];
}
