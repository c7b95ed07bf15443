import { and, eq, isNull } from 'drizzle-orm';
import { OPEN_ACTION } from '../../../domain/charges/action.ts';
import { ACTION_OPEN } from '../../../domain/dunning/ladder.ts';
import { alongside, type Groups, takeByGroup, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import type { AttemptRow } from '../schema/change-columns.ts';
import { attempts } from '../schema/charges.ts';

/** The newest attempt of a due charge that its customer may still authenticate at Xendit, and so pay. */
export type OpenAction = Pick<
  AttemptRow,
  'bucket' | 'id' | 'chargeId' | 'number' | 'referenceId' | 'currency' | 'paymentRequestId' | 'asks'
> & { readonly amount: bigint; readonly account: string };

type Taken = Omit<OpenAction, 'amount'> & { readonly amount: string };

/** What is told of an attempt, called `a`, that was taken; beside it stands the account of its charge. */
const asTaken = sql`a.bucket, a.id, a.charge_id as "chargeId", a.number, a.reference_id as "referenceId",
      a.amount::text as amount, a.currency, a.payment_request_id as "paymentRequestId", a.asks`;

/** Those that a statement takes in each group of buckets, so many at most. */
async function taken(
  db: Database,
  buckets: readonly number[],
  limit: number,
  statement: (part: readonly number[], most: number) => Sql,
): Promise<readonly OpenAction[]> {
  const rows = await takeByGroup(
    db.groups,
    buckets,
    limit,
    async (part, most) => await db.run<Taken>(statement(part, most)),
  );
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}

/**
 * Takes charges whose next attempt is due and has to wait for an open action. They are put off until `until` and counted as
 * asked about before Xendit is, so that two processes do not ask at once, and one that dies loses nothing.
 */
export async function takeOpenActions(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
  until: Temporal.Instant,
): Promise<readonly OpenAction[]> {
  return await taken(
    db,
    buckets,
    limit,
    (part, most) => sql`with due as (
      select c.bucket, c.id from charges c where ${within('c', part)} and c.next_attempt_at <= ${now.toString()}::timestamptz
        and c.attempts > 0 and exists (select from attempts a where a.bucket = c.bucket and ${alongside(db.groups, 'a', part)}
          and a.charge_id = c.id and a.failure_code = ${OPEN_ACTION} and a.action_closed_at is null)
      order by c.next_attempt_at limit ${most}::int for update skip locked),
    free as (select f.* from (select a.bucket, a.id, a.charge_id, a.number from due d join attempts a on a.bucket = d.bucket and a.charge_id = d.id
      where ${alongside(db.groups, 'a', part)} and a.failure_code = ${OPEN_ACTION} and a.action_closed_at is null for update of a skip locked) f),
    newest as (select distinct on (bucket, charge_id) * from free order by bucket, charge_id, number desc),
    put_off as (update charges c set next_attempt_at = ${until.toString()}::timestamptz from newest n
      where ${within('c', part)} and c.bucket = n.bucket and c.id = n.charge_id returning c.bucket, c.id, c.account)
    update attempts a set asks = a.asks + 1 from newest n join put_off p on p.bucket = n.bucket and p.id = n.charge_id
    where ${within('a', part)} and a.bucket = n.bucket and a.id = n.id
    returning p.account, ${asTaken}`,
  );
}

/**
 * The same for a few charges that wait for a stopped channel, of which one is to tell whether it works again. They are in no
 * queue, so the next look at the same action is kept with its attempt: after 5 minutes, later after an hour.
 */
export async function takeWaitingActions(
  db: Database,
  buckets: readonly number[],
  channel: string,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly OpenAction[]> {
  const at = sql`${now.toString()}::timestamptz`;
  return await taken(
    db,
    buckets,
    limit,
    (part, most) => sql`with free as materialized (
      select f.bucket, f.id, f.account, ${at} + least(5 * 2 ^ least(f.asks, 4), 60) * interval '1 minute' as next_check_at
      from (select a.bucket, a.id, a.asks, c.account from charges c
          join attempts a on a.bucket = c.bucket and a.charge_id = c.id and ${alongside(db.groups, 'a', part)}
        where ${within('c', part)} and c.waits_for = ${channel} and c.status = 'due' and a.failure_code = ${OPEN_ACTION}
          and a.action_closed_at is null and (a.next_check_at is null or a.next_check_at <= ${at})
        order by c.waits_until limit ${most}::int for update of a skip locked) f)
    update attempts a set asks = a.asks + 1, next_check_at = f.next_check_at
    from free f where ${within('a', part)} and a.bucket = f.bucket and a.id = f.id
    returning f.account, ${asTaken}`,
  );
}

/**
 * The same for charges that waited for their customer until an action ended by itself: whether it did is asked of Xendit, and what
 * follows is decided anew.
 */
export async function takeEndedActions(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
  until: Temporal.Instant,
): Promise<readonly OpenAction[]> {
  return await taken(
    db,
    buckets,
    limit,
    (part, most) => sql`with over as materialized (select c.bucket, c.id from charges c
      where ${within('c', part)} and c.status = 'due' and c.waits_until <= ${now.toString()}::timestamptz and ${isForAction(db.groups, part)}
      order by c.waits_until limit ${most}::int for update skip locked),
    free as materialized (select f.bucket, f.id, f.charge_id from (select a.bucket, a.id, a.charge_id from over o
        join attempts a on a.bucket = o.bucket and a.charge_id = o.id and ${alongside(db.groups, 'a', part)}
      where ${isOpenFor} for update of a skip locked) f),
    put_off as (update charges c set waits_until = ${until.toString()}::timestamptz from free f
      where ${within('c', part)} and c.bucket = f.bucket and c.id = f.charge_id returning c.bucket, c.id, c.account)
    update attempts a set asks = a.asks + 1 from free f join put_off p on p.bucket = f.bucket and p.id = f.charge_id
    where ${within('a', part)} and a.bucket = f.bucket and a.id = f.id
    returning p.account, ${asTaken}`,
  );
}

/** An attempt, called `a`, whose open action its charge waits for, and not for the end of its window. */
const isOpenFor = sql`a.failure_code = ${OPEN_ACTION} and a.action_closed_at is null and a.decision ->> 'rule' = ${ACTION_OPEN}`;

/** Of a charge, called `c`: it waits until an action ends, whose end is no end of the waiting. */
export const isForAction = (groups: Groups, buckets: readonly number[]): Sql => sql`(c.attempts > 0 and exists (select
    from attempts a where a.bucket = c.bucket and ${alongside(groups, 'a', buckets)} and a.charge_id = c.id and ${isOpenFor}))`;

/** Xendit says that nobody can pay this attempt any more: its charge may be tried. */
export async function markActionClosed(
  db: Database,
  { bucket, id }: Pick<AttemptRow, 'bucket' | 'id'>,
  now: Temporal.Instant,
): Promise<void> {
  await db.drizzle
    .update(attempts)
    .set({ actionClosedAt: now })
    .where(and(eq(attempts.bucket, bucket), eq(attempts.id, id), isNull(attempts.actionClosedAt)));
}
