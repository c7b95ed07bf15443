import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import { type Recovery, statusesOf } from '../../../domain/dunning/recovery.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** What the first decline of a charge was; later ones follow from it. */
export type FirstDecline = {
  /** Those that were declined at all, or of which this became. */
  readonly dunning?: Recovery | 'any' | undefined;
  readonly firstClass?: DeclineClass | undefined;
  readonly firstFailureCode?: string | undefined;
};

/** A charge of which nothing was declined has at most one attempt and no failure code: its attempts need not be looked at. */
const mayHaveDeclines = sql`(c.attempts > 1 or c.last_failure_code is not null)`;

const firstDecline = sql`select a.class, a.failure_code, a.outcome_at from attempts a
  where a.bucket = c.bucket and a.charge_id = c.id and a.outcome = 'declined' order by a.number limit 1`;

/** Narrows charges, as `c`, to those that were declined first like this; null: nothing is asked of it. */
export function wasFirstDeclined({ dunning, firstClass, firstFailureCode }: FirstDecline): Sql | null {
  if (dunning === undefined && firstClass === undefined && firstFailureCode === undefined) return null;
  const ofClass = firstClass === undefined ? sql`` : sql` and f.class = ${firstClass}`;
  const ofCode = firstFailureCode === undefined ? sql`` : sql` and f.failure_code = ${firstFailureCode}`;
  const became =
    dunning === undefined || dunning === 'any' ? sql`` : sql` and c.status = any(${statusesOf(dunning)}::text[])`;
  return sql`${mayHaveDeclines}${became} and exists (select from (${firstDecline}) f where true${ofClass}${ofCode})`;
}

/** Charges that were declined first alike, with what became of them. */
export type DeclinedGroup = {
  readonly class: DeclineClass | null;
  readonly failureCode: string | null;
  readonly currency: Currency;
  readonly status: ChargeStatus;
  /** How many attempts there were; that of the last one of what is paid. */
  readonly attempts: number;
  readonly count: number;
  /** Minor units. */
  readonly amount: string;
  readonly collected: string;
  /** From the first decline to the money, of all of them together; 0 of what did not come in. */
  readonly seconds: number;
};

/** All charges that fell due within a time and were declined, in groups: one statement for the whole page. */
export async function declinedGroups(
  db: Database,
  from: Temporal.Instant | null,
  until: Temporal.Instant | null,
): Promise<readonly DeclinedGroup[]> {
  const range = [
    from === null ? sql`` : sql` and c.due_at >= ${from.toString()}::timestamptz`,
    until === null ? sql`` : sql` and c.due_at < ${until.toString()}::timestamptz`,
  ];
  const query = sql`select f.class, f.failure_code as "failureCode", c.currency, c.status, c.attempts, count(*)::int as count,
      sum(c.amount)::text as amount, sum(c.collected)::text as collected,
      coalesce(sum(extract(epoch from c.settled_at - f.outcome_at)) filter (where c.collected > 0), 0)::float8 as seconds
    from charges c cross join lateral (${firstDecline}) f
    where ${mayHaveDeclines}${sql.join(range, '')} group by 1, 2, 3, 4, 5`;
  return await countInTurn(db, () => db.run<DeclinedGroup>(query));
}
