import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import type { Method } from './xendit.ts';

const DAY = 86_400_000;

/** A method that is dead is dead for all: for each subscription that it was saved for, and when Xendit says so. */
export async function methodFaults(
  db: Database,
  methods: readonly Method[],
  now: number,
  failedOver: boolean,
): Promise<readonly string[]> {
  const used = await db.run<{ later: string; dead: string; why: string }>(sql`select later.reference_id as later,
      dead.reference_id as dead, dead.failure_code as why
    from attempts dead join tokens of on of.bucket = dead.bucket and of.id = dead.token_id
    join tokens same on same.bucket = of.bucket and same.token_id = of.token_id and same.saved_at < dead.outcome_at
    join attempts later on later.bucket = same.bucket and later.token_id = same.id
    where dead.outcome = 'declined' and dead.class in ('token_dead', 'never_again')
      and later.sent_at > dead.outcome_at + interval '30 minutes'`);
  const told = methods.filter(
    (one) => one.status === 'EXPIRED' && one.endToldAt !== null && now - one.endToldAt > 2 * DAY,
  );
  // A method that its customer has replaced is charged by nobody, whatever its row says.
  const alive = await db.run<{ token: string }>(sql`select t.token_id as token from tokens t
    join subscriptions s on s.bucket = t.bucket and s.token_id = t.id
    where t.status = 'active' and t.token_id = any(${sql.param(told.map(({ tokenId }) => tokenId))}::text[])`);
  return [
    ...used.map(({ later, dead, why }) => `${later} was tried with the method that ${dead} had found dead (${why})`),
    ...(failedOver
      ? []
      : alive.map(({ token }) => `${token} has ended at Xendit, which told it, and it is alive here`)),
  ];
}
