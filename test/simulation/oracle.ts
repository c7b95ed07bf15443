import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import { type CycleAmiss, cyclesAmiss } from '../support/calendar.ts';
import { type Taken, unsound } from '../support/oracle.ts';
import { type GivenBack, goneBack } from './given-back.ts';
import { limitFaults } from './limits.ts';
import type { Payment } from './xendit.ts';

const decimals: Readonly<Record<string, number>> = { IDR: 0, PHP: 2 };

export type Ended = {
  readonly db: Database;
  readonly now: Temporal.Instant;
  readonly payments: readonly Payment[];
  readonly failedOver: boolean;
  readonly hasBooks: boolean;
  readonly isSteady: boolean;
  readonly givenBack: GivenBack;
  /** Subscriptions whose calendar a pause may have moved. */
  readonly shifted: ReadonlySet<string>;
};

/** Every promise of docs/design.md section 3 that this seed broke, a sentence each. */
export async function brokenPromises(ended: Ended): Promise<readonly string[]> {
  const { db, now } = ended;
  const unrecorded = await mayBeUnrecorded(ended);
  const collected = ended.payments
    .filter((payment) => payment.status === 'SUCCEEDED' && !unrecorded.has(payment.referenceId))
    .map(({ referenceId, amount, currency }) => ({
      referenceId,
      amount: BigInt(Math.round(amount * 10 ** (decimals[currency] ?? 2))),
      currency,
    }));
  return [
    ...(await unsoundButFor(db, collected, ended)),
    ...(await overpaymentFaults(ended)),
    ...(await stoppedFaults(db)),
    ...(ended.isSteady ? await limitFaults(db, ended.payments) : []),
    ...(ended.isSteady ? await cyclesOfOneCalendar(ended) : []).map(
      (cycle) => `the calendar and our cycles differ: ${JSON.stringify(cycle)}`,
    ),
    ...(await unrest(db, now)),
  ];
}

/** Of subscriptions that nobody changed: the cycles of the others follow each other without a gap (books.ts). */
async function cyclesOfOneCalendar({ db, now, shifted }: Ended): Promise<readonly CycleAmiss[]> {
  const rows = await db.run<{ id: string }>(sql`select distinct subscription_id as id from terms`);
  const changed = new Set(rows.map(({ id }) => id));
  const lastOf = await leftForTheirPrice(db);
  const isLeft = ({ subscription_id: id, cycle, ours }: CycleAmiss) =>
    ours === null && cycle !== null && cycle >= (lastOf.get(id) ?? Number.POSITIVE_INFINITY);
  return (await cyclesAmiss(db, now)).filter(
    (amiss) => !changed.has(amiss.subscription_id) && !shifted.has(amiss.subscription_id) && !isLeft(amiss),
  );
}

/** Who did not agree to a higher price and is let go: in place of that cycle, though it fell due a moment before. */
async function leftForTheirPrice(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db.run<{ id: string; cycle: number }>(sql`select id, next_cycle as cycle from subscriptions s
    where status = 'canceled' and reason like '%its plan says silence: cancel' and exists (select from notices n
      where n.bucket = s.bucket and n.subscription_id = s.id)`);
  return new Map(rows.map(({ id, cycle }) => [id, cycle]));
}

/** What another oracle calls taken twice is an overpayment with its refund proposed, where Xendit changed its mind. */
async function unsoundButFor(
  db: Database,
  collected: readonly Taken[],
  { payments, givenBack }: Ended,
): Promise<readonly string[]> {
  const late = payments.filter((one) => one.succeededLate).map((one) => one.referenceId.split('_'));
  const mayBeTwice = new Set(late.map(([, subscription, cycle]) => `${subscription} cycle ${cycle} was taken twice`));
  return (await unsound(db, collected, { givenBack: await goneBack(givenBack) })).filter(
    (fault) => !mayBeTwice.has(fault),
  );
}

/**
 * Money at Xendit that our books may lack. Where Xendit's books are read every day: only that of attempts whose row a
 * failover took and whose charge nobody tries any more, each written down for a person. Elsewhere also what only those
 * books can find: money of an attempt that was asked about for a day and is left to a person, and news that a failover
 * swallowed.
 */
async function mayBeUnrecorded(ended: Ended): Promise<ReadonlySet<string>> {
  const rows = await ended.db.run<{
    ref: string;
    standing: string;
  }>(sql`select reference as ref, 'written down' as standing
      from findings where kind = 'unrecorded_payment'
    union all select reference_id,
      case when outcome in ('pending', 'unknown') and decision->>'rule' = 'unknown_too_long' then 'left to a person'
        else outcome end from attempts`);
  // An attempt that was found again says more than what was once written down about it.
  const standings = new Map(rows.map((row) => [row.ref, row.standing]));
  const isExcused = ({ referenceId, succeededLate }: Payment): boolean => {
    const standing = standings.get(referenceId);
    if (standing === 'written down') return ended.failedOver;
    if (ended.hasBooks) return false;
    if (standing === 'left to a person') return true;
    return ended.failedOver && (standing === undefined || (standing !== 'succeeded' && succeededLate));
  };
  return new Set(ended.payments.filter(isExcused).map((payment) => payment.referenceId));
}

/** The daemon that is woken by a void closes the page at Xendit, which may refuse, or be slow. */
const CLOSES_WITHIN = 5 * 60_000;

/**
 * Money too much may only come from a success that Xendit told after a failure, or from a customer who was on the page to pay when
 * the charge was voided, and was faster than the daemon that closes the page.
 */
async function overpaymentFaults({ db, payments }: Ended): Promise<readonly string[]> {
  const overpaid =
    await db.run<Overpaid>(sql`select c.id, 'due_' || c.subscription_id || '_' || c.cycle || '_' as cycle,
      (extract(epoch from c.settled_at) * 1000)::float8 as closed,
      (select o.reference_id from onboardings o join attempts a on a.bucket = o.bucket and a.id = o.attempt_id
        where a.bucket = c.bucket and a.charge_id = c.id and a.outcome = 'succeeded'
          and c.status = 'void' and o.created_at <= c.settled_at) as page,
      exists (select from findings f where f.bucket = c.bucket and f.charge_id = c.id and f.kind = 'overpayment') as found
    from charges c where c.overpaid > 0`);
  return overpaid.flatMap((charge) => [
    ...(payments.some((one) => isLate(one, charge) || isFaster(one, charge))
      ? []
      : [`charge ${charge.id} is overpaid, and Xendit never changed its mind about it`]),
    ...(charge.found ? [] : [`charge ${charge.id} is overpaid, and no refund is proposed`]),
  ]);
}

type Overpaid = {
  readonly id: string;
  readonly cycle: string;
  /** When nothing was owed any more, in milliseconds since 1970. */
  readonly closed: number;
  /** What was paid on a page that was open when the charge was voided. */
  readonly page: string | null;
  readonly found: boolean;
};

function isLate({ succeededLate, referenceId }: Payment, { cycle }: Overpaid): boolean {
  return succeededLate && referenceId.startsWith(cycle);
}

function isFaster({ referenceId, status, askedAt }: Payment, { page, closed }: Overpaid): boolean {
  return referenceId === page && status === 'SUCCEEDED' && askedAt - closed < CLOSES_WITHIN;
}

/** Cancel means cancel: by the order of the ledger, which is that of the commits (invariant 7). */
async function stoppedFaults(db: Database): Promise<readonly string[]> {
  const rows = await db.run<{ reference_id: string; why: string }>(sql`select e.reference_id,
      case when p.kind is not null then p.kind else v.kind end as why
    from ledger e
    left join lateral (select kind from ledger s where s.bucket = e.bucket and s.subscription_id = e.subscription_id
      and s.seq < e.seq and s.kind in ('subscription.canceled', 'subscription.paused', 'subscription.resumed')
      order by s.seq desc limit 1) p on p.kind <> 'subscription.resumed'
    left join lateral (select kind from ledger s where s.bucket = e.bucket and s.subscription_id = e.subscription_id
      and s.charge_id = e.charge_id and s.seq < e.seq
      and s.kind in ('charge.voided', 'charge.paid', 'charge.uncollectible', 'charge.held', 'charge.released')
      order by s.seq desc limit 1) v on v.kind <> 'charge.released'
    where e.kind = 'attempt.sent' and (p.kind is not null or v.kind is not null)
      -- What a customer pays by hand is asked of nobody.
      and not exists (select from attempts a where a.bucket = e.bucket and a.reference_id = e.reference_id and a.via = 'session')`);
  return rows.map(({ reference_id, why }) => `${reference_id} was attempted after ${why}`);
}

/** Three days of peace: whatever is not closed has a next time, and none of these times has passed. */
async function unrest(db: Database, now: Temporal.Instant): Promise<readonly string[]> {
  const at = sql`${now.subtract({ hours: 2 }).toString()}::timestamptz`;
  const dayAgo = sql`${now.subtract({ hours: 26 }).toString()}::timestamptz`;
  const rows = await db.run<{ what: string; id: string }>(sql`
    select 'charge is due and nobody tries it' as what, c.id from charges c
      join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
      where c.status = 'due' and least(c.next_attempt_at, c.waits_until) < ${at}
    union all select 'charge is due, and its subscription is canceled', c.id from charges c
      join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id where c.status = 'due' and s.status = 'canceled'
    union all select 'cycle is due and nobody opens it', id from subscriptions where next_cycle_at < ${at}
    union all select 'pause is over and nobody ends it', id from subscriptions where status = 'paused' and resumes_at < ${at}
    union all select 'change should have been applied', subscription_id from changes where applies_at < ${at}
    union all select 'attempt has no outcome', id from attempts where outcome is null
    union all select 'attempt should have been asked about', id from attempts
      where outcome in ('pending', 'unknown') and next_check_at < ${at}
    union all select 'attempt is unknown for more than a day', id from attempts
      where outcome = 'unknown' and sent_at < ${dayAgo} and next_check_at is not null
    union all select 'attempt is unknown and nobody will ever ask', id from attempts
      where outcome in ('pending', 'unknown') and next_check_at is null and decision->>'rule' <> 'unknown_too_long'
    union all select 'refund is ' || state || ' and nobody sees to it', id from refunds where next_at < ${at}
    union all select 'webhook waits and nobody processes it', id from inbox where status = 'received' and next_try_at < ${at}
    union all select 'session is open and nobody checks it', subscription_id from onboardings
      where status = 'active' and next_check_at < ${at}`);
  return rows.map(({ what, id }) => `${what}: ${id}`);
}
