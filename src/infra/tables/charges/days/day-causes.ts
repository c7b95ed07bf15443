import type { Database } from '../../../database/db.ts';
import { sql } from '../../../database/sql.ts';
import { resultOfRow } from '../charge-results.ts';

/** What a day on which little came in at the first try may be explained by. */
export type DayCause = {
  readonly day: string;
  /** Charges that the first try did not collect. */
  readonly failed: number;
  /** Those of them that were found late, since nothing ran when they fell due. */
  readonly missed: number;
  /** The channel and code that most first attempts of them were declined with; null: none was. */
  readonly channel: string | null;
  readonly code: string | null;
  readonly alike: number;
  /** Why a person stopped charging that day; null: nobody did. */
  readonly stopped: string | null;
};

type Span = { readonly day: string; readonly from: Temporal.Instant; readonly until: Temporal.Instant };

export async function dayCauses(db: Database, spans: readonly Span[]): Promise<readonly DayCause[]> {
  const given = JSON.stringify(
    spans.map(({ day, from, until }) => ({ day, from: from.toString(), until: until.toString() })),
  );
  return await db.run<DayCause>(sql`
    with s as (select * from jsonb_to_recordset(${given}::jsonb) as s(day text, "from" timestamptz, until timestamptz)),
      failed as materialized (select s.day, c.missed, t.channel_code as channel, a.failure_code as code
        from s join charges c on c.due_at >= s."from" and c.due_at < s.until and c.status <> 'void' and ${resultOfRow} <> 'first_try'
          left join attempts a on a.bucket = c.bucket and a.charge_id = c.id and a.number = 1
          left join tokens t on t.bucket = a.bucket and t.id = a.token_id)
    select s.day, f.count as failed, f.missed, m.channel, m.code, coalesce(m.alike, 0)::int as alike,
      (select d.reason from disarmings d where d.disarmed_at >= s."from" and d.disarmed_at < s.until order by d.number desc limit 1) as stopped
    from s, lateral (select count(*)::int as count, count(*) filter (where missed)::int as missed from failed where failed.day = s.day) f
      left join lateral (select channel, code, count(*)::int as alike from failed
        where failed.day = s.day and code is not null group by 1, 2 order by 3 desc, 1, 2 limit 1) m on true
    order by s.day`);
}
