import type { Currency } from '../../../domain/money/money.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { type DaySpan, dayOfSpan } from './days/day-span.ts';

/** Attempts of charges there are that are planned for a day, and what is still to collect of them; minor units. */
export type PlannedDay = {
  readonly day: string;
  readonly currency: Currency;
  readonly count: number;
  readonly amount: string;
};

/** Read along the index over open work. */
export async function plannedAttempts(db: Database, span: DaySpan): Promise<readonly PlannedDay[]> {
  const { day, within, nameOf } = dayOfSpan(span, sql`c.next_attempt_at`);
  const rows = await db.run<Omit<PlannedDay, 'day'> & { place: number }>(sql`
    select ${day} as place, c.currency, count(*)::int as count, sum(c.amount - c.collected)::text as amount
    from charges c where ${within} group by 1, 2 order by 1, 2`);
  return rows.map(({ place, ...row }) => ({ ...row, day: nameOf(place) }));
}
