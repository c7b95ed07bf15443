import type { FirstAttempts } from '../../../domain/books/success-rates.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** The first attempts that the charge log has of a span of time: through which channel, declined as what, and what became of their charges. */
export async function firstAttempts(
  db: Database,
  from: Temporal.Instant,
  until: Temporal.Instant,
): Promise<readonly FirstAttempts[]> {
  return await db.run<FirstAttempts>(sql`
    select f.channel, f.declined, count(*)::int as attempts,
      count(*) filter (where c.status in ('paid', 'partially_refunded', 'refunded', 'uncollectible', 'void'))::int as decided,
      count(*) filter (where c.collected > 0)::int as collected
    from (select distinct on (l.bucket, l.charge_id) l.bucket, l.charge_id, coalesce(l.channel, '') as channel,
        case l.outcome when 'declined' then coalesce(l.class, 'soft') end as declined
      from ledger l
      where l.at >= ${from.toString()}::timestamptz and l.at < ${until.toString()}::timestamptz
        and l.kind = 'attempt.settled' and l.attempt = 1 and l.outcome in ('succeeded', 'declined')
      order by l.bucket, l.charge_id, l.seq) f
    join charges c on c.bucket = f.bucket and c.id = f.charge_id
    group by 1, 2 order by 1, 2`);
}
