import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import type { Weather } from './weather.ts';
import type { Method } from './xendit.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Of fair weather: by then Xendit has confirmed what its webhook said, though it did not answer at first. */
const CONFIRMED = 6 * HOUR;

export type MethodsLived = {
  readonly db: Database;
  readonly methods: readonly Method[];
  readonly now: number;
  readonly weather: Weather;
  readonly failedOver: boolean;
};

/** A method that is dead is dead for all: for each subscription that it was saved for, and when Xendit says so. */
export async function methodFaults(lived: MethodsLived): Promise<readonly string[]> {
  // What Xendit told may be among what a failover lost.
  const told = lived.failedOver
    ? []
    : lived.methods.filter((one) => one.status === 'EXPIRED' && one.endToldAt !== null);
  return [
    ...(await triedAfterDecline(lived.db)),
    ...(await triedAfterEnd(lived, told)),
    ...(await aliveAfterEnd(lived, told)),
  ];
}

async function triedAfterDecline(db: Database): Promise<readonly string[]> {
  const used = await db.run<{ later: string; dead: string; why: string }>(sql`select later.reference_id as later,
      dead.reference_id as dead, dead.failure_code as why
    from attempts dead join tokens of on of.bucket = dead.bucket and of.id = dead.token_id
    join tokens same on same.bucket = of.bucket and same.token_id = of.token_id and same.saved_at < dead.outcome_at
    join attempts later on later.bucket = same.bucket and later.token_id = same.id
    where dead.outcome = 'declined' and dead.class in ('token_dead', 'never_again')
      and later.sent_at > dead.outcome_at + interval '30 minutes'`);
  return used.map(({ later, dead, why }) => `${later} was tried with the method that ${dead} had found dead (${why})`);
}

/** Whatever was asked for with a method, the first time or once more, after we had heard of its end. */
async function triedAfterEnd({ db, weather }: MethodsLived, told: readonly Method[]): Promise<readonly string[]> {
  const heard = new Map(told.map(({ tokenId, endToldAt }) => [tokenId, endToldAt ?? 0]));
  const tried = await db.run<{ reference: string; token: string; what: string; at_ms: number }>(sql`
    select a.reference_id as reference, t.token_id as token, l.what, (extract(epoch from l.at) * 1000)::float8 as at_ms
    from simulated.attempt_lines l join attempts a on a.reference_id = l.reference_id
    join tokens t on t.bucket = a.bucket and t.id = a.token_id
    where t.token_id = any(${sql.param([...heard.keys()])}::text[]) order by l.n`);
  return tried
    .filter(({ token, at_ms }) => weather.fair(heard.get(token) ?? at_ms, at_ms) > CONFIRMED)
    .map(
      ({ reference, token, what }) => `${reference} was ${what} with ${token}, whose end Xendit had told long before`,
    );
}

/** A method that its customer has replaced is charged by nobody, whatever its row says. */
async function aliveAfterEnd({ db, now }: MethodsLived, told: readonly Method[]): Promise<readonly string[]> {
  const long = told.filter(({ endToldAt }) => now - (endToldAt ?? now) > 2 * DAY).map(({ tokenId }) => tokenId);
  const alive = await db.run<{ token: string }>(sql`select t.token_id as token from tokens t
    join subscriptions s on s.bucket = t.bucket and s.token_id = t.id
    where t.status = 'active' and t.token_id = any(${sql.param(long)}::text[])`);
  return alive.map(({ token }) => `${token} has ended at Xendit, which told it, and it is alive here`);
}
