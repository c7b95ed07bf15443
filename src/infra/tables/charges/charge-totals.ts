import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import type { ChargeState } from '../../../domain/charges/shown-state.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { countInTurn } from '../../database/counting.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type ChargeFilter, narrowed, stateOfRow } from './charge-list.ts';

type Total = {
  readonly currency: Currency;
  readonly count: number;
  /** Minor units. */
  readonly amount: string;
  readonly collected: string;
};
export type ChargeTotal = Total & { readonly status: ChargeStatus };
export type StateTotal = Total & { readonly state: ChargeState };

const sums = sql`count(*)::int as count, sum(c.amount)::text as amount, sum(c.collected)::text as collected`;

/** What the whole list comes to, by currency and status, whichever page of it is shown. */
export async function chargeTotals(db: Database, filter: ChargeFilter): Promise<readonly ChargeTotal[]> {
  const query = sql`select c.currency, c.status, ${sums}
    from charges c where ${narrowed(filter)} group by c.currency, c.status order by c.currency, c.status`;
  return await countInTurn(db, () => db.run<ChargeTotal>(query));
}

/** The same by currency and state. Of a list of more than `most`, only so many and one are counted; null: all are. */
export async function stateTotals(
  db: Database,
  filter: ChargeFilter,
  most: number | null,
): Promise<readonly StateTotal[]> {
  const bound = most === null ? sql`` : sql`${alongDue(filter)} limit ${most + 1}::int`;
  const query = sql`select c.currency, ${stateOfRow} as state, ${sums}
    from (select * from charges c where ${narrowed(filter)}${bound}) c group by 1, 2 order by 1, 2`;
  return await countInTurn(db, () => db.run<StateTotal>(query));
}

/** How many charges a filter has, counted no further than `most` + 1. */
export async function chargeCount(db: Database, filter: ChargeFilter, most: number): Promise<number> {
  const query = sql`select count(*)::int as count from (select from charges c
    where ${narrowed(filter)} limit ${most + 1}::int) counted`;
  const [row] = await countInTurn(db, () => db.run<{ count: number }>(query));
  return row?.count ?? 0;
}

/** Whether a list is narrowed by nothing but its due dates, which an index keeps. */
export function isByDueAlone(filter: ChargeFilter): boolean {
  return Object.values({ ...filter, dueFrom: undefined, dueUntil: undefined }).every((value) => value === undefined);
}

/**
 * Some charges of a time are read along the index: the table has them in the order of time, so a scan would read all that are older first. Postgres
 * takes them to lie anywhere in it.
 */
function alongDue({ dueFrom, dueUntil, subscriptions, ids }: ChargeFilter): Sql {
  const isOfATime = dueFrom !== undefined || dueUntil !== undefined;
  return isOfATime && subscriptions === undefined && ids === undefined ? sql` order by c.due_at, c.id` : sql``;
}
