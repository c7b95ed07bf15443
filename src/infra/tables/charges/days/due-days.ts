import type { ChargeStatus } from '../../../../domain/charges/charge.ts';
import { type ChargeResult, chargeResult } from '../../../../domain/charges/result.ts';
import type { Database } from '../../../database/db.ts';
import { sql } from '../../../database/sql.ts';
import { type DaySpan, dayOfSpan } from './day-span.ts';

/** How many charges that fell due on a day came to what. */
export type DueDay = { readonly day: string; readonly result: ChargeResult; readonly count: number };

/** The charges due in a span of days, by day and by what became of them: read along the index by due date. */
export async function dueDays(db: Database, span: DaySpan): Promise<readonly DueDay[]> {
  const { day, within, nameOf } = dayOfSpan(span, sql`c.due_at`);
  const rows = await db.run<{ place: number; status: ChargeStatus; again: boolean; count: number }>(sql`
    select ${day} as place, c.status, c.attempts > 1 as again, count(*)::int as count
    from charges c where ${within} group by 1, 2, 3 order by 1, 2, 3`);
  return rows.map(({ place, status, again, count }) => {
    return { day: nameOf(place), result: chargeResult(status, again ? 2 : 1), count };
  });
}
