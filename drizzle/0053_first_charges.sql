-- expands
-- Cycle 0 that is paid in the session in which its method is saved lies on the day of that payment: until it was ever charged over a method, its
-- period may be moved. Every other period stays. An older dueday names neither column in an update.
CREATE OR REPLACE TRIGGER charges_keep_their_terms BEFORE UPDATE OF subscription_id, customer_id, account, kind, cycle, extra,
  due_at, amount, currency, lines, subtotal, discount, tax_included, tax_added, credit_used
  ON charges FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER charges_keep_their_period BEFORE UPDATE OF period_start, period_end ON charges FOR EACH ROW
  WHEN (OLD.cycle IS DISTINCT FROM 0 OR OLD.attempts = 0 OR OLD.first_attempt_at IS NOT NULL) EXECUTE FUNCTION dueday_refuse();
