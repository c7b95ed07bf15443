-- How attempts are written (claim-due-charges.ts), with limits of spending. Printed by test/change-statements.test.ts from
-- applyChanges, which puts a statement together from what its changes contain; the comments are written here.

with
-- Whether charging is permitted, looked at by the statement that writes the attempts: armed for this key, on the very server that
-- runs the statement, no channel of it stopped. One row, or none.
permit as materialized (select 1 as given
  where not exists (select 1
    from breakers b
    where b.channel = any($1::text[]) and b.state <> 'closed' ) and exists (select 1
    from (select c.*, c.tableoid::text as seen_tables, (select system_identifier::text
        from pg_control_system()) as seen_system, (select oid::text
        from pg_database
        where datname = current_database()) as seen_database, case when pg_is_in_recovery() then null else ('x' ||
          substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end as seen_timeline, extract(epoch
        from pg_postmaster_start_time())::text as seen_start
      from charging c
      where c.account = $2) o
    where o.stopped_at is null and o.mode = $3 and o.fingerprint = $4 and o.system = o.seen_system and o.database =
      o.seen_database and o.tables = o.seen_tables and o.timeline = o.seen_timeline and o.seen_start = $5 and o.run = $6
      and o.ask_since is not distinct from $7::timestamptz and o.run_since is not distinct from $8::timestamptz)),

-- What the batch wants to move: each subscription, the place and head of its ledger that the decision was made on (seq, head),
-- and those that it moves to. Every `unnest` has one array a column, so that the text is the same for every size of batch.
i as (select *
  from unnest($9 .. $20) as i(bucket, id, seq, head, new_seq, new_head, turn, customer_id, currency, takes,
      customer_limit, day_limit)),

-- The fence: of those, the subscriptions that still are as they were seen, locked in one order. Nothing that was decided on an
-- older state goes further. One that somebody else holds is left out, and comes again with the next look.
subs as (select f.bucket, f.id
  from (select s.bucket, s.id
    from subscriptions s
    join i on i.bucket = s.bucket and i.id = s.id
    where true and s.ledger_seq = i.seq and s.ledger_head = i.head and exists (select
      from permit)
    order by s.bucket, s.id for update of s skip locked) f),

-- The charges that these changes write, each under its subscription.
want_charges as (select *
  from unnest($21 .. $23) as w(of_id, bucket, id)),

-- Those of them that nobody else holds; locked from here on.
got_charges as materialized (select f.*
  from (select t.bucket, t.id
    from want_charges w
    join subs s on s.bucket = w.bucket and s.id = w.of_id
    join charges t on t.bucket = w.bucket and t.id = w.id
    where true for no key update of t skip locked) f),

-- The customers in whose day these attempts are counted.
want_customers as (select *
  from unnest($24 .. $26) as w(of_id, bucket, id)),

-- Those of them that nobody else holds; locked from here on.
got_customers as materialized (select f.*
  from (select t.bucket, t.id
    from want_customers w
    join subs s on s.bucket = w.bucket and s.id = w.of_id
    join customers t on t.bucket = w.bucket and t.id = w.id
    where true for no key update of t skip locked) f),

-- Those of which every row is free. A row that somebody else holds keeps back its own subscription and none of the others.
locked as (select s.bucket, s.id
  from subs s
  where not exists (select
    from want_charges w
    where w.bucket = s.bucket and w.of_id = s.id and not exists (select
      from got_charges g
      where g.bucket = w.bucket and g.id = w.id)) and not exists (select
    from want_customers w
    where w.bucket = s.bucket and w.of_id = s.id and not exists (select
      from got_customers g
      where g.bucket = w.bucket and g.id = w.id))),

-- What each customer was asked for on this day, read from the locked row: a lock that was waited for answers with the newest version.
-- A day that is over counts nothing.
customer_day as materialized (select f.bucket, f.id, case when f.spent_on between $27::date and $28::date + 1 then
    coalesce(f.spent, '{}'::jsonb) else '{}'::jsonb end as spent
  from (select c.bucket, c.id, c.spent_on, c.spent
    from customers c
    where true and (c.bucket, c.id) in (
      select i.bucket, i.customer_id
      from i
      join locked l on l.bucket = i.bucket and l.id = i.id)
    order by c.bucket, c.id for no key update of c) f),

-- The same of all customers together. The count of customers is always true: it has Postgres lock customers before the day's row in
-- every statement, so that two claims cannot deadlock.
whole_day as materialized (select f.currency, case when f.day between $29::date and $30::date + 1 then f.amount else 0
    end as amount
  from (select s.currency, s.day, s.amount
    from spending s
    where s.currency in (select i.currency
      from i
      join locked l on l.bucket = i.bucket and l.id = i.id) and (select count(*)
      from customer_day) >= 0
    order by s.currency for no key update of s) f),

-- What stays within the limits of its customer and of the day, in the order of the batch; and the customer's new sums, computed
-- here, since an UPDATE of a distributed table calls no function over a column.
within as materialized (select f.bucket, f.id, f.customer_id, f.currency, f.takes, f.spent ||
    jsonb_build_object(f.currency, f.customer_sum) as spent
  from (
    select i.bucket, i.id, i.customer_id, i.currency, i.takes, i.day_limit, d.amount as before, coalesce((c.spent ->>
          i.currency)::bigint, 0) + i.takes as customer_sum, c.spent, sum(i.takes) over (partition by i.currency
      order by i.turn) as day_sum
    from i
    join locked l on l.bucket = i.bucket and l.id = i.id
    join customer_day c on c.bucket = i.bucket and c.id = i.customer_id
    join whole_day d on d.currency = i.currency
    where i.customer_limit is null or coalesce((c.spent ->> i.currency)::bigint, 0) + i.takes <= i.customer_limit) f
  where f.day_limit is null or f.before + f.day_sum <= f.day_limit),

-- Counts the attempts in their customer's day.
set_customer_day as (update customers c
  set spent = w.spent, spent_on = case when c.spent_on = $31::date + 1 then c.spent_on else $32::date end
  from within w
  where true and c.bucket = w.bucket and c.id = w.customer_id),

-- Counts them in the day of all customers.
set_whole_day as (update spending s
  set day = case when s.day = $33::date + 1 then s.day else $34::date end, amount = d.amount + a.takes
  from (select currency, sum(takes) as takes
    from within
    group by currency) a
  join whole_day d on d.currency = a.currency
  where s.currency = a.currency),

-- The move: the subscription's place in the ledger and, where it changes, its state. Everything below is joined to the rows that moved
-- here, so it happens with the move or not at all.
moved as (update subscriptions s
  set ledger_seq = i.new_seq, ledger_head = i.new_head
  from i
  join within l on l.bucket = i.bucket and l.id = i.id
  where true and s.bucket = i.bucket and s.id = i.id
  returning s.bucket, s.id),

-- The attempts, with their whole requests: committed before Xendit hears of them (invariant 2). The lease says until when they belong to
-- this process.
new_attempts as (insert into attempts (bucket, id, charge_id, customer_id, token_id, number, reference_id, request,
      request_hash, amount, currency, sent_at, lease_until)
  select n.bucket, n.id, n.charge_id, n.customer_id, n.token_id, n.number, n.reference_id, n.request, n.request_hash,
    n.amount, n.currency, n.sent_at, now() + $35::int * interval '1 second'
  from unnest($36 .. $48) as n(of_id, bucket, id, charge_id, customer_id, token_id, number, reference_id, request,
      request_hash, amount, currency, sent_at)
  join moved m on m.bucket = n.bucket and m.id = n.of_id),

-- The charges: what a claim or an outcome made of them.
set_charges as (update charges t
  set collected = u.collected, overpaid = u.overpaid, status = u.status, attempts = u.attempts, ladder_step =
    u.ladder_step, technical_retries = u.technical_retries, throttles = u.throttles, in_dunning = u.in_dunning,
    window_from = u.window_from, first_attempt_at = u.first_attempt_at, next_attempt_at = u.next_attempt_at, waits_until
    = u.waits_until, waits_for = u.waits_for, hold_reason = u.hold_reason, note = u.note, passes_limits =
    u.passes_limits, by_hand = u.by_hand, last_failure_code = u.last_failure_code, settled_at = u.settled_at,
    claim_faults = u.claim_faults
  from unnest($49 .. $71) as u(of_id, bucket, id, collected, overpaid, status, attempts, ladder_step, technical_retries,
      throttles, in_dunning, window_from, first_attempt_at, next_attempt_at, waits_until, waits_for, hold_reason, note,
      passes_limits, by_hand, last_failure_code, settled_at, claim_faults)
  join moved m on m.bucket = u.bucket and m.id = u.of_id
  where true and t.bucket = u.bucket and t.id = u.id),

-- The ledger: what happened and why, chained by hash for each subscription, in the same statement as the rows that it is about
-- (invariant 10).
logged as (insert into ledger (bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan,
      customer_reference, charge_id, cycle, period_start, period_end, attempt, reference_id, channel, amount, currency,
      money, outcome, failure_code, class, decision, why, payment_request_id, payment_id, catalog_version, actor,
      credit, detail, prev_hash, hash, account)
  select e.bucket, e.subscription_id, e.seq, e.entry_id, e.at, e.kind, e.subscription_reference, e.plan,
    e.customer_reference, e.charge_id, e.cycle, e.period_start, e.period_end, e.attempt, e.reference_id, e.channel,
    e.amount, e.currency, e.money, e.outcome, e.failure_code, e.class, e.decision, e.why, e.payment_request_id,
    e.payment_id, e.catalog_version, e.actor, e.credit, e.detail, e.prev_hash, e.hash, e.account
  from unnest($72 .. $104) as e(bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan,
      customer_reference, charge_id, cycle, period_start, period_end, attempt, reference_id, channel, amount, currency,
      money, outcome, failure_code, class, decision, why, payment_request_id, payment_id, catalog_version, actor,
      credit, detail, prev_hash, hash, account)
  join moved m on m.bucket = e.bucket and m.id = e.subscription_id)

-- The subscriptions whose change was applied. One that does not come back was decided on an old state.
select m.id from moved m
