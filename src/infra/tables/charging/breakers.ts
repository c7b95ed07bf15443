import { eq, sql as fragment } from 'drizzle-orm';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Breaker, BreakerState } from '../../../domain/control/breaker.ts';
import { accountOfKey, channelOfKey } from '../../../domain/control/channel-key.ts';
import { alongside, partsOf, takeByGroup, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type ChargeDossier, readDossiers } from '../charges/charges.ts';
import { type AskedFirst, isToAsk, isToClose, isWaiting } from '../charges/due.ts';
import { charges } from '../schema/charges.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { breakers } from '../schema/control.ts';

/** A channel that is not simply closed, as every look at charging sees it. */
export type Standing = {
  readonly state: BreakerState;
  readonly code: string | null;
  readonly probeAt: Temporal.Instant | null;
  /** Answers are kept of it, since some of them were faults. */
  readonly isDoubted: boolean;
  /** Charges wait for it; of one that is closed they have yet to be woken. */
  readonly isWaitedFor: boolean;
};
/** By the keys of the channels (domain/control/channel-key.ts). */
export type Standings = ReadonlyMap<string, Standing>;

/** An expression: the channels of an account that are not simply closed, as JSON. */
export const standingsColumn = (
  account: string,
) => sql`(select coalesce(jsonb_agg(jsonb_build_object('channel', b.channel, 'state', b.state,
  'code', b.code, 'probeAt', to_char(b.probe_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'isDoubted', b.answers <> '[]'::jsonb,
  'isWaitedFor', exists (select from charges w where w.waits_for = b.channel))), '[]'::jsonb)
  from breakers b where ${isOfAccount(account)} and (b.state <> 'closed' or b.answers <> '[]'::jsonb
    or exists (select from charges w where w.waits_for = b.channel))) as channels`;

/** A breaker, called `b`, whose key is of this account (domain/control/channel-key.ts). */
function isOfAccount(account: string): Sql {
  return account === OWN_ACCOUNT ? sql`strpos(b.channel, '/') = 0` : sql`starts_with(b.channel, ${`${account}/`})`;
}

export type StandingRow = Omit<Standing, 'probeAt'> & { readonly channel: string; readonly probeAt: string | null };

export function standingsOf(rows: readonly StandingRow[]): Standings {
  return new Map(
    rows.map(({ channel, probeAt, ...rest }) => [
      channel,
      { ...rest, probeAt: probeAt === null ? null : Temporal.Instant.from(probeAt) },
    ]),
  );
}

const remembered = new WeakMap<Database, Map<string, Standings>>();

/** Kept for whoever settles answers until the next look: an ordinary answer of an ordinary channel needs no statement. */
export function rememberStandings(db: Database, account: string, standings: Standings): void {
  const known = remembered.get(db) ?? new Map<string, Standings>();
  remembered.set(db, known.set(account, standings));
}

/** What the last look saw of a channel; undefined: it is simply charged, as far as is known. */
export function lastStanding(db: Database, channel: string): Standing | undefined {
  return remembered.get(db)?.get(accountOfKey(channel))?.get(channel);
}

/** The breaker of a channel; one that was never in doubt is closed. */
export async function breakerOf(db: Database, channel: string): Promise<Breaker> {
  const [row] = await db.drizzle.select().from(breakers).where(eq(breakers.channel, channel));
  if (row !== undefined) return { ...row, state: row.state };
  const never = { since: null, code: null, why: null, by: null, probeAt: null, probe: null };
  return { channel, state: 'closed', ...never, probes: 0, room: 1, answers: [] };
}

/** Writes what a breaker became, unless it is no longer what was seen. */
export async function moveBreaker(db: Database, seen: Breaker, after: Breaker): Promise<boolean> {
  return (await movedBreaker(db, seen, after)).length > 0;
}

/** Stops a channel for a person, and writes down who did it and why: never the one without the other. */
export async function stopBreaker(db: Database, seen: Breaker, after: Breaker, by: ChannelStop): Promise<boolean> {
  const rows = await db.run(fragment`with moved as ${movedBreaker(db, seen, after)},
    counted as (update charging c set disarming = c.disarming + 1 from moved where c.account = ${OWN_ACCOUNT} returning c.disarming)
    insert into disarmings (number, disarmed_at, channel, reason, actor)
    select c.disarming, ${by.now.toString()}::timestamptz, ${after.channel}, ${by.reason}, ${by.actor} from counted c
    returning number`);
  return rows.length > 0;
}

export type ChannelStop = { readonly now: Temporal.Instant; readonly reason: string; readonly actor: string };

function movedBreaker(db: Database, seen: Breaker, after: Breaker) {
  const { channel, ...set } = after;
  return db.drizzle
    .insert(breakers)
    .values({ channel, ...set })
    .onConflictDoUpdate({
      target: breakers.channel,
      set,
      setWhere: fragment`${breakers.state} = ${seen.state} and ${breakers.probe} is not distinct from ${seen.probe}::uuid
        and ${breakers.since} is not distinct from ${seen.since?.toString() ?? null}::timestamptz
        and ${breakers.room} = ${seen.room}::int
        and ${breakers.answers} = ${JSON.stringify(seen.answers)}::jsonb`,
    })
    .returning({ channel: breakers.channel });
}

const parkedColumns = columnsOf(charges, ['bucket', 'id', 'nextAttemptAt', 'waitsFor', 'waitsUntil']);

export type Parked = {
  readonly bucket: number;
  readonly id: string;
  /** As it was looked at: one that moved meanwhile is left. */
  readonly nextAttemptAt: Temporal.Instant | null;
  readonly waitsFor: string;
  readonly waitsUntil: Temporal.Instant;
};

/**
 * Takes charges off the queue until their channel goes on, so that no look meets them again. A breaker that closes at the same
 * time is waited for, and then nothing is parked: whoever wakes what waits must find all of it. A row that somebody else holds is
 * left for the next look.
 */
export async function parkCharges(db: Database, parked: readonly Parked[], note: string): Promise<number> {
  if (parked.length === 0) return 0;
  let count = 0;
  for (const part of partsOf(db.groups, [...new Set(parked.map(({ bucket }) => bucket))])) {
    const ours = parked.filter(({ bucket }) => part.includes(bucket));
    const rows = await db.run(sql`with stopped as materialized (
      select channel from breakers where channel in (select p.waits_for from ${recordset('p', parkedColumns, ours)})
        and state <> 'closed' order by channel for share),
    free as materialized (select f.bucket, f.id from (select c.bucket, c.id from charges c
          join ${recordset('p', parkedColumns, ours)}
            on c.bucket = p.bucket and c.id = p.id and c.next_attempt_at = p.next_attempt_at join stopped s on s.channel = p.waits_for
        where ${alongside(db.groups, 'c', part)} and c.status = 'due' order by c.bucket, c.id for update of c skip locked) f)
    update charges c set next_attempt_at = null, waits_until = p.waits_until, waits_for = p.waits_for, note = ${note}
    from ${recordset('p', parkedColumns, ours)} join free f on f.bucket = p.bucket and f.id = p.id
    where ${alongside(db.groups, 'c', part)} and c.bucket = p.bucket and c.id = p.id returning c.id`);
    count += rows.length;
  }
  return count;
}

/** Puts charges that waited for a channel back into the queue, those due first in front, so many at once; answers how many. */
export async function wakeCharges(db: Database, channel: string, limit: number, note: string): Promise<number> {
  const rows = await takeByGroup(
    db.groups,
    db.groups.flat(),
    limit,
    async (part, most) =>
      await db.run(sql`with closed as materialized (
      select channel from breakers where channel = ${channel} and state = 'closed' for share),
    waiting as (select f.bucket, f.id from (select w.bucket, w.id from charges w join closed b on b.channel = w.waits_for
      where ${within('w', part)} and w.waits_for = ${channel} limit ${most}::int for update of w skip locked) f)
    update charges c set waits_for = null,
      next_attempt_at = case when c.status = 'due' and c.waits_until is not null then c.due_at else c.next_attempt_at end,
      note = case when c.status = 'due' and c.waits_until is not null then ${note} else c.note end,
      waits_until = null
    from waiting w where ${within('c', part)} and c.bucket = w.bucket and c.id = w.id returning c.id`),
  );
  return rows.length;
}

/**
 * Of those that would be given up first, the ones that were tried least: no single charge decides for its channel for ever. One
 * whose customer may still pay an earlier attempt at Xendit is none of them: both would collect. Nor is one that Xendit was
 * not asked about since rows may have been lost.
 */
export async function chargesWaitingFor(
  db: Database,
  buckets: readonly number[],
  channel: string,
  limit: number,
  asked: AskedFirst,
): Promise<readonly ChargeDossier[]> {
  const where = { groups: db.groups, buckets };
  const first = sql`(select c.bucket, c.id, c.attempts from charges c where ${isWaiting(buckets)} and c.waits_for = ${channel}
      and not ${isToClose(where)} and not ${isToAsk(asked, where)} order by c.waits_until limit ${Math.max(500, limit)}::int) first
    join charges c on c.bucket = first.bucket and c.id = first.id`;
  return await readDossiers(db, buckets, {
    from: first,
    rest: sql`true order by first.attempts, c.id limit ${limit}::int`,
  });
}

/** Counting ends here: whoever asks how we are must not cost more the more there is. */
const COUNTED_AT_MOST = 10_000;

export type ChannelRow = {
  readonly channel: string;
  readonly state: BreakerState;
  readonly code: string | null;
  readonly since: string | null;
  readonly why: string | null;
  /** Charges due on it, those that wait for it included. */
  readonly waiting: number;
  /** Some of the next cycles will be charged over it. Looked at only while a channel is stopped. */
  readonly inUse: boolean;
};

/** Cycles that are looked at for the channels in use: the next ones, however many there are. */
const NEXT_CYCLES = 500;

/** Channels that were ever in doubt and, while one of them is stopped, those with charges due and those in use. */
export async function channelRows(db: Database, now: Temporal.Instant): Promise<readonly ChannelRow[]> {
  return await db.run<ChannelRow>(sql`with waiting as (select waits_for as channel, count(*)::int as count
      from (select waits_for from charges where waits_for is not null limit ${COUNTED_AT_MOST}) w group by 1),
    due as (select ${channelKeyColumn} as channel, count(*)::int as count
      from (select bucket, subscription_id from charges where next_attempt_at <= ${now.toString()}::timestamptz
          and exists (select from breakers where state <> 'closed') limit ${COUNTED_AT_MOST}) c
        join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
        join tokens t on t.bucket = s.bucket and t.id = s.token_id group by 1),
    used as (select distinct ${channelKeyColumn} as channel
      from (select bucket, token_id, account from subscriptions where next_cycle_at is not null
          and exists (select from breakers where state <> 'closed') order by next_cycle_at limit ${NEXT_CYCLES}) s
        join tokens t on t.bucket = s.bucket and t.id = s.token_id where t.status = 'active')
    select channel, coalesce(b.state, 'closed') as state, b.code,
      case when b.state <> 'closed' then to_char(b.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end as since, b.why,
      coalesce(w.count, 0) + coalesce(d.count, 0) as waiting, u.channel is not null as "inUse"
    from breakers b full join due d using (channel) full join used u using (channel) left join waiting w using (channel)
    order by channel`);
}

/** Whether any payment method was saved in this channel. */
export async function isSavedIn(db: Database, channel: string): Promise<boolean> {
  return (await db.run(sql`select from tokens where channel_code = ${channelOfKey(channel)} limit 1`)).length > 0;
}

/** An expression: the key of the channel over which a subscription, called `s`, is charged to its token, called `t` (domain/control/channel-key.ts). */
const channelKeyColumn = sql`case when s.account = '' then t.channel_code else s.account || '/' || t.channel_code end`;

/** How many charges are due now over this channel, those that wait for it included. */
export async function dueOver(db: Database, channel: string, now: Temporal.Instant): Promise<number> {
  const [row] = await db.run<{
    count: number;
  }>(sql`select (select count(*) from charges w where w.waits_for = ${channel})::int
    + (select count(*) from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
      join tokens t on t.bucket = s.bucket and t.id = s.token_id
      where c.next_attempt_at <= ${now.toString()}::timestamptz and c.account = ${accountOfKey(channel)}
        and t.channel_code = ${channelOfKey(channel)})::int as count`);
  return row?.count ?? 0;
}
