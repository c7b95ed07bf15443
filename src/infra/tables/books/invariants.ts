import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** What the books promise of themselves; each is a query that finds whoever breaks the promise, and finds nobody. */
export type InvariantName =
  | 'credit'
  | 'money'
  | 'lines'
  | 'days'
  | 'terms'
  | 'one_open'
  | 'after_the_end'
  | 'waiting'
  | 'paid_first'
  | 'refunds'
  | 'disputes'
  | 'payments';

type Query = (buckets: readonly number[]) => Sql;

/** The sum of what moved it is the credit that a subscription has, and it was never less than nothing. */
const credit: Query = (buckets) => sql`
  select s.bucket, s.id as subscription_id, 'credit ' || s.credit || ', moved by ' || coalesce(m.total, 0) as what
  from subscriptions s
  left join (select r.bucket, r.subscription_id, min(r.running) as least, (array_agg(r.running order by r.seq desc))[1] as total
    from (select l.bucket, l.subscription_id, l.seq,
        sum(l.credit) over (partition by l.bucket, l.subscription_id order by l.seq)::bigint as running
      from ledger l where ${within('l', buckets)} and l.credit is not null) r
    group by r.bucket, r.subscription_id) m on m.bucket = s.bucket and m.subscription_id = s.id
  where ${within('s', buckets)} and (s.credit <> coalesce(m.total, 0) or m.least < 0)`;

/** What the ledger says of a charge's money is what its row says. */
const money: Query = (buckets) => sql`
  select c.bucket, c.subscription_id, 'charge ' || c.id || ', by the ledger ' || coalesce(m.total, 0) as what
  from charges c
  left join (select l.bucket, l.charge_id, sum(l.money)::bigint as total from ledger l
    where ${within('l', buckets)} and l.money <> 0 and l.charge_id is not null
    group by l.bucket, l.charge_id) m on m.bucket = c.bucket and m.charge_id = c.id
  where ${within('c', buckets)} and coalesce(m.total, 0) <> c.collected + c.overpaid - c.refunded - c.charged_back`;

/** Lines, with the tax that is added to them, come to the charge; no more tax is in a charge than there is to be taxed. */
const lines: Query = (buckets) => sql`
  select c.bucket, c.subscription_id, 'charge ' || c.id as what
  from charges c
  where ${within('c', buckets)} and c.lines is not null and (c.tax_included > c.subtotal or c.amount <> (
    select coalesce(sum((l.line ->> 'amount')::bigint
        + case when l.line #>> '{tax,included}' = 'false' then (l.line #>> '{tax,amount}')::bigint else 0 end), 0)
    from jsonb_array_elements(c.lines) as l(line)))`;

/** Cycles follow each other without a gap, in numbers and in days, unless other terms begin in between; the first is that from which another biller's are counted on. */
const days: Query = (buckets) => sql`
  select f.bucket, f.subscription_id, 'cycle ' || f.cycle || ' from ' || f.period_start as what
  from (select c.bucket, c.subscription_id, c.cycle, c.period_start,
      lag(c.cycle) over w as cycle_before, lag(c.period_end) over w as end_before
    from charges c where ${within('c', buckets)} and c.cycle is not null
    window w as (partition by c.bucket, c.subscription_id order by c.cycle)) f
  where f.cycle <> coalesce(f.cycle_before + 1, (select t.from_cycle from terms t where ${within('t', buckets)} and t.bucket = f.bucket
      and t.subscription_id = f.subscription_id and t.number = 1 and t.origin = 'imported'), 0) or (f.period_start <> f.end_before + 1 and not exists (
    select from terms t where ${within('t', buckets)} and t.bucket = f.bucket and t.subscription_id = f.subscription_id and t.from_cycle = f.cycle
      and t.withdrawn_at is null))`;

/** A charge is of the plan that was agreed for its cycle, and no two cycles fall due together. */
const terms: Query = (buckets) => sql`
  select c.bucket, c.subscription_id, 'cycle ' || c.cycle || ' of ' || c.plan as what
  from charges c
  join lateral (select t.plan from terms t
    where ${within('t', buckets)} and t.bucket = c.bucket and t.subscription_id = c.subscription_id and t.from_cycle <= c.cycle
      and (t.withdrawn_at is null or t.withdrawn_at > c.created_at) and t.agreed_at <= c.created_at
    order by t.from_cycle desc, t.number desc limit 1) a on a.plan <> c.plan
  where ${within('c', buckets)} and c.cycle is not null
  union all
  select c.bucket, c.subscription_id, count(*) || ' cycles fall due at ' || c.due_at as what
  from charges c where ${within('c', buckets)} and c.cycle is not null
  group by c.bucket, c.subscription_id, c.due_at having count(*) > 1`;

/** One attempt of a charge is under way at most, one change of a subscription is planned, and one waits for its payment. */
const oneOpen: Query = (buckets) => sql`
  select c.bucket, c.subscription_id, count(*) || ' attempts of charge ' || c.id || ' under way' as what
  from attempts a join charges c on c.bucket = a.bucket and c.id = a.charge_id
  where ${within('a', buckets)} and ${within('c', buckets)} and (a.outcome is null or a.outcome in ('pending', 'unknown'))
  group by c.bucket, c.subscription_id, c.id having count(*) > 1
  union all
  select g.bucket, g.subscription_id, count(*) || ' changes ' || g.state as what
  from changes g where ${within('g', buckets)} and g.state in ('planned', 'awaiting_payment')
  group by g.bucket, g.subscription_id, g.state having count(*) > 1`;

/** Nothing is asked for after the entry that canceled or paused, until one that resumes; what its customer pays by hand is asked of nobody. */
const afterTheEnd: Query = (buckets) => sql`
  select l.bucket, l.subscription_id, 'attempt ' || coalesce(l.reference_id, '?') || ' in place ' || l.seq as what
  from ledger l
  where ${within('l', buckets)} and l.kind = 'attempt.sent' and (
    select e.kind from ledger e where ${within('e', buckets)} and e.bucket = l.bucket and e.subscription_id = l.subscription_id and e.seq < l.seq
      and e.kind in ('subscription.canceled', 'subscription.paused', 'subscription.resumed')
    order by e.seq desc limit 1) in ('subscription.canceled', 'subscription.paused')
    and not exists (select from attempts a where ${within('a', buckets)} and a.bucket = l.bucket and a.reference_id = l.reference_id
      and a.via <> 'token')`;

/** As many lines wait for the next charge as their subscription counts. */
const waiting: Query = (buckets) => sql`
  select s.bucket, s.id as subscription_id, s.waiting_items || ' counted, ' || coalesce(w.lines, 0) || ' there' as what
  from subscriptions s
  left join (select i.bucket, i.subscription_id, count(*) as lines from items i
    where ${within('i', buckets)} and i.charge_id is null and i.withdrawn_at is null
    group by i.bucket, i.subscription_id) w on w.bucket = s.bucket and w.subscription_id = s.id
  where ${within('s', buckets)} and s.waiting_items <> coalesce(w.lines, 0)`;

/** A change waits for a charge that may still be paid, and applies once it is: one that came to nothing has collected nothing. */
const paidFirst: Query = (buckets) => sql`
  select g.bucket, g.subscription_id, 'change ' || g.number || ', ' || g.state || ', charge ' || c.status as what
  from changes g join charges c on c.bucket = g.bucket and c.id = g.charge_id
  where ${within('g', buckets)} and ${within('c', buckets)} and case g.state
    when 'awaiting_payment' then c.status not in ('due', 'attempting', 'held')
    when 'applied' then c.status not in ('paid', 'refunded', 'partially_refunded')
      and not (c.status = 'void' and c.by_hand ->> 'closed' = 'forgiven')
    else c.collected > 0 end`;

/**
 * What refunds gave back is what their charge says; no more is given back, or with Xendit on its way back, than came in, nor asked for here. Together
 * they may be more: somebody may give back in Xendit's dashboard what waits here, or what nobody knows whether Xendit heard of it.
 */
const refunds: Query = (buckets) => sql`
  select c.bucket, c.subscription_id, 'charge ' || c.id || ', by its refunds ' || coalesce(r.given, 0) || ', on its way ' || coalesce(r.open, 0) as what
  from charges c
  left join (select f.bucket, f.charge_id, sum(f.amount) filter (where f.state = 'succeeded') as given,
      sum(f.amount) filter (where f.state = 'pending') as pending,
      sum(f.amount) filter (where f.state in ('wanted', 'approved', 'sent', 'unknown', 'pending')) as open,
      sum(f.amount) filter (where f.origin = 'dueday' and f.state in ('wanted', 'approved', 'sent', 'unknown', 'pending', 'succeeded')) as ours
    from refunds f where ${within('f', buckets)} group by f.bucket, f.charge_id) r on r.bucket = c.bucket and r.charge_id = c.id
  where ${within('c', buckets)} and (c.refunded <> 0 or r.charge_id is not null) and (c.refunded <> coalesce(r.given, 0)
    or coalesce(r.given, 0) + coalesce(r.pending, 0) + c.charged_back > c.collected + c.overpaid
    or coalesce(r.ours, 0) > c.collected + c.overpaid)`;

/** What disputes took is what their charge says; nothing is asked of a saved method between the entry that stops a subscription and the one that releases it. */
const disputes: Query = (buckets) => sql`
  select c.bucket, c.subscription_id, 'charge ' || c.id || ', charged back ' || c.charged_back || ', by its disputes ' || coalesce(d.held, 0) as what
  from charges c
  left join (select o.bucket, o.charge_id, sum(o.held) as held from disputes o where ${within('o', buckets)}
    group by o.bucket, o.charge_id) d on d.bucket = c.bucket and d.charge_id = c.id
  where ${within('c', buckets)} and (c.charged_back <> 0 or d.charge_id is not null) and c.charged_back <> coalesce(d.held, 0)
  union all
  select l.bucket, l.subscription_id, 'attempt ' || coalesce(l.reference_id, '?') || ' in place ' || l.seq || ', stopped by a dispute' as what
  from ledger l
  join (select distinct e.bucket, e.subscription_id from ledger e where ${within('e', buckets)} and e.kind = 'subscription.stopped') s
    on s.bucket = l.bucket and s.subscription_id = l.subscription_id
  where ${within('l', buckets)} and l.kind = 'attempt.sent' and (
    select e.kind from ledger e where ${within('e', buckets)} and e.bucket = l.bucket and e.subscription_id = l.subscription_id and e.seq < l.seq
      and e.kind in ('subscription.stopped', 'subscription.released')
    order by e.seq desc limit 1) = 'subscription.stopped'
    and not exists (select from attempts a where ${within('a', buckets)} and a.bucket = l.bucket and a.reference_id = l.reference_id
      and a.via <> 'token')`;

/** What the ledger says that money from outside paid, and left as credit, is the money that came in. */
const payments: Query = (buckets) => sql`
  select p.bucket, p.subscription_id, 'payment ' || p.id || ' of ' || p.amount || ', by the ledger ' || coalesce(m.total, 0) as what
  from payments p
  left join (select l.bucket, l.subscription_id, l.detail::jsonb ->> 'payment' as payment, sum(l.money)::bigint as total
    from ledger l where ${within('l', buckets)} and l.kind in ('payment.received', 'charge.paid') and l.detail like '%"payment":%'
    group by 1, 2, 3) m on m.bucket = p.bucket and m.subscription_id = p.subscription_id and m.payment = p.id::text
  where ${within('p', buckets)} and p.amount <> coalesce(m.total, 0)`;

export const invariants: Readonly<Record<InvariantName, Query>> = {
  credit,
  money,
  lines,
  days,
  terms,
  one_open: oneOpen,
  after_the_end: afterTheEnd,
  waiting,
  paid_first: paidFirst,
  refunds,
  disputes,
  payments,
};

/** Who breaks a promise, and with what. */
export type Breach = {
  readonly subscription_id: string;
  readonly subscription_reference: string | null;
  readonly what: string;
};

/** Who breaks a promise in these buckets, so many at most, and how many there are in all. */
export async function breaches(
  db: Database,
  name: InvariantName,
  buckets: readonly number[],
  most: number,
): Promise<{ readonly count: number; readonly first: readonly Breach[] }> {
  const rows = await db.run<Breach & { readonly count: number }>(sql`
    select b.subscription_id, s.reference_id as subscription_reference, b.what, count(*) over ()::int as count
    from (${invariants[name](buckets)}) b
    left join subscriptions s on ${within('s', buckets)} and s.bucket = b.bucket and s.id = b.subscription_id
    order by b.bucket, b.subscription_id, b.what limit ${most}::int`);
  return { count: rows[0]?.count ?? 0, first: rows.map(({ count: _all, ...breach }) => breach) };
}
