import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { resultOfRow } from './charge-results.ts';
import { type DaySpan, dayOfSpan } from './days/day-span.ts';

/** The charges due on a day whose first attempt went over a channel, and how many of them that attempt collected. */
export type FirstTries = {
  readonly channel: string;
  readonly day: string;
  readonly due: number;
  readonly firstTry: number;
};

/** Each charge's first attempt is looked up by its number: Postgres would rather read all attempts of every method. */
export async function firstTries(db: Database, span: DaySpan): Promise<readonly FirstTries[]> {
  const { day, within, nameOf } = dayOfSpan(span, sql`c.due_at`);
  const rows = await db.run<Omit<FirstTries, 'day'> & { place: number }>(sql`
    with due as materialized (select c.bucket, c.id, ${day} as place, ${resultOfRow} as result from charges c where ${within})
    select t.channel_code as channel, d.place, count(*)::int as due, count(*) filter (where d.result = 'first_try')::int as "firstTry"
    from due d cross join lateral (select a.bucket, a.token_id from attempts a
        where a.bucket = d.bucket and a.charge_id = d.id and a.number = 1 limit 1) a
      join tokens t on t.bucket = a.bucket and t.id = a.token_id
    group by 1, 2 order by 1, 2`);
  return rows.map(({ place, ...row }) => ({ ...row, day: nameOf(place) }));
}
