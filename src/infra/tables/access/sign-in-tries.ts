import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** What tries are counted by, and how long somebody waits once there were too many. */
export type Patience = {
  /** SHA-256 of a name, or of a network. */
  readonly subject: string;
  /** So many are free. */
  readonly free: number;
  /** Seconds after the last free one; each wait is twice the one before, up to `most`. */
  readonly first: number;
  readonly most: number;
};

/** Tries that lie so far back count no more. */
const FORGOTTEN = sql`interval '1 hour'`;

/**
 * Takes one try, before anything is looked at, so that a hundred at once count as a hundred. Answers the seconds to wait where it
 * may not be taken; 0: it was.
 */
export async function takeTry(db: Database, { subject, free, first, most }: Patience): Promise<number> {
  const [row] = await db.run<{ taken: boolean; wait: number | null }>(sql`with old as (delete from sign_in_tries o using
      (select subject from sign_in_tries where tried_at < now() - ${FORGOTTEN} and coalesce(until < now(), true) and subject <> ${subject}
        limit 100 for update skip locked) d where o.subject = d.subject),
    taken as (insert into sign_in_tries as t (subject, tries, tried_at) values (${subject}, 1, now())
      on conflict (subject) do update set tried_at = now(),
        tries = case when t.tried_at < now() - ${FORGOTTEN} then 1 else t.tries + 1 end,
        until = case when t.tried_at >= now() - ${FORGOTTEN} and t.tries + 1 >= ${free}::int
          then now() + least(${most}::int, ${first}::int * (1 << least(t.tries + 1 - ${free}::int, 20))) * interval '1 second' end
      where t.until is null or t.until <= now() returning 1)
    select exists (select 1 from taken) as taken,
      (select ceil(extract(epoch from until - now()))::int from sign_in_tries where subject = ${subject}) as wait`);
  return row === undefined || row.taken ? 0 : Math.max(1, row.wait ?? 1);
}

/** Somebody was who they said: what was tried in their name is forgotten. */
export async function forgetTries(db: Database, subject: string): Promise<void> {
  await db.run(sql`delete from sign_in_tries where subject = ${subject}`);
}
