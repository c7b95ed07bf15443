-- How outcomes are settled (settle-attempts.ts): here a decline that ends its payment method, with a refund to propose and a count to
-- correct. Printed by test/change-statements.test.ts from applyChanges, which puts a statement together from what its changes
-- contain; the comments are written here. A settlement that loses to a row which somebody holds has the parts `subs`, `want_` and `got_` of
-- claim.sql as well.

with
-- What the batch wants to move: each subscription, the place and head of its ledger that the decision was made on (seq, head),
-- and those that it moves to. Every `unnest` has one array a column, so that the text is the same for every size of batch.
i as (select *
  from unnest($1 .. $12) as i(bucket, id, seq, head, new_seq, new_head, status, next_cycle, next_cycle_at,
      past_due_since, in_dunning, reason)),

-- The fence: of those, the subscriptions that still are as they were seen, locked in one order. Nothing that was decided on an
-- older state goes further; whoever lost decides again.
locked as (select f.bucket, f.id
  from (select s.bucket, s.id
    from subscriptions s
    join i on i.bucket = s.bucket and i.id = s.id
    where true and s.ledger_seq = i.seq and s.ledger_head = i.head
    order by s.bucket, s.id for update of s) f),

-- The move: the subscription's place in the ledger and, where it changes, its state. Everything below is joined to the rows that moved
-- here, so it happens with the move or not at all.
moved as (update subscriptions s
  set ledger_seq = i.new_seq, ledger_head = i.new_head, status = i.status, next_cycle = i.next_cycle, next_cycle_at =
    i.next_cycle_at, past_due_since = i.past_due_since, in_dunning = i.in_dunning, reason = i.reason
  from i
  join locked l on l.bucket = i.bucket and l.id = i.id
  where true and s.bucket = i.bucket and s.id = i.id
  returning s.bucket, s.id),

-- Refunds to propose. One that is proposed already must not keep money from being settled.
new_findings as (insert into findings (bucket, kind, reference, subscription_id, charge_id, amount, currency,
      payment_id, payment_request_id, why, found_at, closed_at, closed_why)
  select n.bucket, n.kind, n.reference, n.subscription_id, n.charge_id, n.amount, n.currency, n.payment_id,
    n.payment_request_id, n.why, n.found_at, n.closed_at, n.closed_why
  from unnest($13 .. $26) as n(of_id, bucket, kind, reference, subscription_id, charge_id, amount, currency, payment_id,
      payment_request_id, why, found_at, closed_at, closed_why)
  join moved m on m.bucket = n.bucket and m.id = n.of_id
  on conflict do nothing),

-- The charges: what a claim or an outcome made of them.
set_charges as (update charges t
  set collected = u.collected, overpaid = u.overpaid, status = u.status, attempts = u.attempts, ladder_step =
    u.ladder_step, technical_retries = u.technical_retries, throttles = u.throttles, in_dunning = u.in_dunning,
    window_from = u.window_from, first_attempt_at = u.first_attempt_at, next_attempt_at = u.next_attempt_at, waits_until
    = u.waits_until, waits_for = u.waits_for, hold_reason = u.hold_reason, note = u.note, passes_limits =
    u.passes_limits, by_hand = u.by_hand, last_failure_code = u.last_failure_code, settled_at = u.settled_at,
    claim_faults = u.claim_faults
  from unnest($27 .. $49) as u(of_id, bucket, id, collected, overpaid, status, attempts, ladder_step, technical_retries,
      throttles, in_dunning, window_from, first_attempt_at, next_attempt_at, waits_until, waits_for, hold_reason, note,
      passes_limits, by_hand, last_failure_code, settled_at, claim_faults)
  join moved m on m.bucket = u.bucket and m.id = u.of_id
  where true and t.bucket = u.bucket and t.id = u.id),

-- The attempts: what Xendit said of them, and what was decided, with its why.
set_attempts as (update attempts t
  set outcome = u.outcome, outcome_at = u.outcome_at, failure_code = u.failure_code, class = u.class, network_code =
    u.network_code, advice_code = u.advice_code, action_url = u.action_url, payment_request_id = u.payment_request_id,
    payment_id = u.payment_id, decision = u.decision, next_check_at = u.next_check_at, asks = u.asks
  from unnest($50 .. $64) as u(of_id, bucket, id, outcome, outcome_at, failure_code, class, network_code, advice_code,
      action_url, payment_request_id, payment_id, decision, next_check_at, asks)
  join moved m on m.bucket = u.bucket and m.id = u.of_id
  where true and t.bucket = u.bucket and t.id = u.id),

-- The payment methods that an outcome ended.
set_tokens as (update tokens t
  set status = u.status, ended_reason = u.ended_reason, ended_at = u.ended_at
  from unnest($65 .. $70) as u(of_id, bucket, id, status, ended_reason, ended_at)
  join moved m on m.bucket = u.bucket and m.id = u.of_id
  where true and t.bucket = u.bucket and t.id = u.id),

-- What the count of a day is too high by, now that these outcomes are known, for each attempt.
correction as materialized (select d.bucket, d.customer_id, d.currency, d.day::date as day, d.sent_at::timestamptz as
    sent_at, d.amount
  from unnest($71 .. $77) as d(of_id, bucket, customer_id, currency, amount, day, sent_at)
  join moved m on m.bucket = d.bucket and m.id = d.of_id),

-- The same with one row a customer.
by_customer as (select bucket, customer_id, day, jsonb_object_agg(currency, amount) as amounts
  from (select bucket, customer_id, day, currency, sum(amount)::bigint as amount
    from correction
    group by 1, 2, 3, 4) c
  group by 1, 2, 3),

-- The customers' new sums, computed on their locked rows; only of the day that they still count.
corrected_customers as materialized (select f.bucket, f.id, f.spent || (
    select jsonb_object_agg(a.key, greatest(0, coalesce((f.spent ->> a.key)::bigint, 0) + a.value::bigint))
    from jsonb_each_text(f.amounts) a) as spent
  from (select c.bucket, c.id, c.spent, b.amounts
    from customers c
    join by_customer b on b.bucket = c.bucket and b.customer_id = c.id
    where true and c.spent_on = b.day and c.spent is not null
    order by c.bucket, c.id for no key update of c) f),

-- Writes them.
set_customers as (update customers c
  set spent = w.spent
  from corrected_customers w
  where true and c.bucket = w.bucket and c.id = w.id),

-- The days of all customers, locked, which says since when each is counted: after a person has armed, anew. The count of customers is
-- always true: customers are locked before the day's row, as by a claim.
counted_days as materialized (select s.currency, s.day, s.counted_from
  from spending s
  where (s.currency, s.day) in (select currency, day
    from correction) and (select count(*)
    from corrected_customers) >= 0
  order by s.currency for no key update of s),

-- Corrects the day of all customers, by what was sent since it is counted: nothing else is in it.
set_days as (update spending s
  set amount = greatest(0, s.amount + w.amount)
  from (select d.currency, sum(c.amount)::bigint as amount
    from correction c
    join counted_days d on d.currency = c.currency and d.day = c.day
    where d.counted_from is null or c.sent_at > d.counted_from
    group by 1) w
  where s.currency = w.currency),

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
  from unnest($78 .. $110) as e(bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan,
      customer_reference, charge_id, cycle, period_start, period_end, attempt, reference_id, channel, amount, currency,
      money, outcome, failure_code, class, decision, why, payment_request_id, payment_id, catalog_version, actor,
      credit, detail, prev_hash, hash, account)
  join moved m on m.bucket = e.bucket and m.id = e.subscription_id)

-- The subscriptions whose change was applied. One that does not come back was decided on an old state.
select m.id from moved m
