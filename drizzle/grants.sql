-- What each role of roles.sql may do, table by table. "dueday migrate" runs this after the migrations, where the roles
-- are there; a table without a line here is nobody's but the owner's. All of it in one transaction.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, dueday_app, dueday_webhook, dueday_ro;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA drizzle TO dueday_app, dueday_ro;
GRANT SELECT ON ALL TABLES IN SCHEMA drizzle TO dueday_app, dueday_ro;

-- dueday_app. Answers that were kept for a day and counts of tries to sign in are deleted and nothing else is, so nothing else may be; what is missing from an
-- UPDATE never changes. Sealing under a new key is the daemon's: what it writes over a token opens as the same token or not at
-- all, and a trigger keeps requests.
GRANT SELECT, INSERT ON api_keys, armings, attempts, breakers, catalog_versions, changes, charges, coupon_counts, coupon_uses, customers,
  disarmings, findings, idempotency_keys, inbox, items, ledger, names, onboardings, subscriptions, terms, test_clock, tokens TO dueday_app;
GRANT SELECT, INSERT, UPDATE (rank, removed_at) ON subscription_methods TO dueday_app;
GRANT SELECT, INSERT ON catalog_applies, consents, link_key, notices, owed_notices, pay_links TO dueday_app;
GRANT SELECT, INSERT ON activity, sessions, sign_in_links, sign_in_tries, users TO dueday_app;
GRANT SELECT, INSERT ON import_rows, imports TO dueday_app;
GRANT SELECT, INSERT ON refunds, disputes TO dueday_app;
GRANT SELECT, INSERT ON payments TO dueday_app;
GRANT SELECT ON charging, clock_watch, pace, spending, sweep TO dueday_app;
GRANT SELECT, INSERT, UPDATE (seen_at, runs), DELETE ON replicas TO dueday_app;
GRANT SELECT, INSERT, DELETE ON pulse TO dueday_app;
GRANT UPDATE (revoked_at) ON api_keys TO dueday_app;
GRANT UPDATE (lease_until, outcome, outcome_at, failure_code, class, network_code, advice_code, action_url,
  payment_request_id, payment_id, decision, next_check_at, asks, request, request_hash, repeated_at, action_closed_at,
  actions) ON attempts TO dueday_app;
GRANT UPDATE (state, before, after, applies_at, terms_number, charge_id, closed_at, why) ON changes TO dueday_app;
GRANT UPDATE (collected, overpaid, status, attempts, ladder_step, technical_retries, in_dunning, throttles, window_from, first_attempt_at,
  next_attempt_at, waits_until, hold_reason, note, last_failure_code, settled_at, passes_limits, asked_at, claim_faults, waits_for,
  by_hand, refunded, charged_back, period_start, period_end) ON charges
  TO dueday_app;
GRANT UPDATE (stopped_at, reason, armed_at, mode, fingerprint, system, database, tables, files, timeline, ask_since, arming,
  run, run_since, stopped_by, disarming, catalog_version, catalog_apply, catalog_since) ON charging TO dueday_app;
GRANT UPDATE (newest, back_from, back_to) ON clock_watch TO dueday_app;
GRANT UPDATE (used, most) ON coupon_counts TO dueday_app;
GRANT UPDATE (number, most, taken_at, given_back_at) ON coupon_uses TO dueday_app;
GRANT UPDATE (xendit_id, spent, spent_on) ON customers TO dueday_app;
GRANT UPDATE (amount, currency, why, found_at, closed_at, closed_why, asked_at) ON findings TO dueday_app;
GRANT UPDATE (deliveries, status, next_try_at, tries, note, processed_at, body, sealed_with, body_dropped_at) ON inbox TO dueday_app;
GRANT UPDATE (request, started_at, holder, status, answer), DELETE ON idempotency_keys TO dueday_app;
GRANT UPDATE (state, token_index, method, subscription_id, why, looked_at) ON import_rows TO dueday_app;
GRANT UPDATE (state, created_at) ON imports TO dueday_app;
GRANT UPDATE (charge_id, withdrawn_at) ON items TO dueday_app;
GRANT UPDATE (status, xendit_customer_id, next_check_at, checks, doubts, asked_at, last_try, why, closed_at) ON onboardings TO dueday_app;
GRANT UPDATE (state, since, code, why, by, probe_at, probes, room, probe, answers) ON breakers TO dueday_app;
GRANT UPDATE (at, permits, paused_until, pauses) ON pace TO dueday_app;
GRANT SELECT, INSERT ON repricings, repricing_items TO dueday_app;
GRANT UPDATE (state, refund_id, fee, failure_code, why, approved_by, approved_at, sent_at, next_at, asks, settled_at) ON refunds TO dueday_app;
GRANT UPDATE (held, state, reason, category, answer_by, told_at, closed_at, decided_at, decided_by, next_at, warned_at) ON disputes TO dueday_app;
GRANT UPDATE (state, ended_at, resumed_at) ON repricings TO dueday_app;
GRANT UPDATE (state, why, decided_at) ON repricing_items TO dueday_app;
GRANT UPDATE (day, amount, counted_from) ON spending TO dueday_app;
GRANT UPDATE (status, anchor, next_cycle, next_cycle_at, cancels_at_period_end, token_id, session_number, in_dunning, reason,
  activated_at, ended_at, ledger_seq, ledger_head, plan, catalog_version, amount, quantity, interval_count, interval_unit, time_zone,
  charge_at, ends_after, anchor_cycle, next_terms_from, repricing, terms, changes, trial, coupon, credit, extras, items, waiting_items,
  pause, resumes_at, spare_methods, past_due_since, grace_until, stopped_by) ON subscriptions TO dueday_app;
GRANT UPDATE (seen_at, ended_at, ended_why) ON sessions TO dueday_app;
GRANT UPDATE (used_at) ON sign_in_links TO dueday_app;
GRANT UPDATE (tries, tried_at, until), DELETE ON sign_in_tries TO dueday_app;
GRANT UPDATE (role, password, changed_at, disabled_at) ON users TO dueday_app;
GRANT UPDATE (swept_until, next_at, holder, lease_until, fault) ON sweep TO dueday_app;
GRANT UPDATE (withdrawn_at) ON terms TO dueday_app;
GRANT UPDATE (now, target) ON test_clock TO dueday_app;
GRANT UPDATE (status, ended_reason, ended_at, token_id, token_index, sealed_with, notice_at, notice_told) ON tokens TO dueday_app;

-- dueday_webhook: stores a webhook, counts a repeated one, and reads the clock. It cannot read a body back.
GRANT INSERT ON inbox TO dueday_webhook;
GRANT SELECT (bucket, digest, deliveries), UPDATE (deliveries) ON inbox TO dueday_webhook;
GRANT SELECT ON test_clock TO dueday_webhook;

-- dueday_ro: no payment token, no body that carries one, no link that lets its bearer pay, no digest of a key, of a session or of a password.
GRANT SELECT ON armings, breakers, catalog_versions, changes, charges, charging, clock_watch, coupon_counts, coupon_uses, customers, disarmings,
  findings, items, ledger, names, pace, spending, subscriptions, sweep, terms, test_clock TO dueday_ro;
GRANT SELECT ON catalog_applies, consents, disputes, notices, owed_notices, pay_links, payments, refunds, subscription_methods TO dueday_ro;
GRANT SELECT ON activity, sign_in_tries TO dueday_ro;
GRANT SELECT (credential, credential_id, who, role, started_at, seen_at, ended_at, ended_why) ON sessions TO dueday_ro;
GRANT SELECT (role, made_at, used_at) ON sign_in_links TO dueday_ro;
GRANT SELECT (id, name, role, created_at, changed_at, disabled_at) ON users TO dueday_ro;
GRANT SELECT ON repricings, repricing_items TO dueday_ro;
GRANT SELECT ON imports, pulse, replicas TO dueday_ro;
GRANT SELECT (bucket, import_id, line, reference_id, cycle, state, subscription_id, why, looked_at) ON import_rows TO dueday_ro;
GRANT SELECT (id) ON link_key TO dueday_ro;
GRANT SELECT (caller, key, request, started_at, holder, status) ON idempotency_keys TO dueday_ro;
GRANT SELECT (id, name, role, hint, created_at, revoked_at) ON api_keys TO dueday_ro;
GRANT SELECT (bucket, id, charge_id, customer_id, via, token_id, number, reference_id, amount, currency, sent_at, repeated_at, lease_until,
  outcome, outcome_at, failure_code, class, network_code, advice_code, payment_request_id, payment_id, decision,
  next_check_at, asks, action_closed_at, expires_at) ON attempts TO dueday_ro;
GRANT SELECT (bucket, id, digest, webhook_id, event, sealed_with, received_at, deliveries, status, next_try_at, tries, note,
  processed_at, body_dropped_at)
  ON inbox TO dueday_ro;
GRANT SELECT (bucket, subscription_id, number, session_id, reference_id, mode, attempt_id, saved_for, status, xendit_customer_id, expires_at,
  recurring_frequency, recurring_expiry, next_check_at, checks, doubts, asked_at, last_try, why, created_at, closed_at) ON onboardings
  TO dueday_ro;
GRANT SELECT (bucket, id, customer_id, channel_code, country, currency, label, network, expiry_month, expiry_year, status,
  sealed_with, ended_reason, saved_for, recurring_frequency, recurring_expiry, saved_at, session_id, ended_at,
  notice_at, notice_told) ON tokens TO dueday_ro;
