-- What no constraint can say: the ledger only grows, and an attempt's request never changes.
CREATE FUNCTION dueday_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: % is refused by %', TG_TABLE_NAME, TG_OP, TG_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER ledger_is_not_truncated BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER attempts_are_not_deleted BEFORE DELETE ON attempts FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER catalog_versions_never_change BEFORE UPDATE OR DELETE ON catalog_versions FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
-- Fired only by a statement that names one of these columns: ours never do, so the guard costs nothing.
CREATE TRIGGER attempts_keep_their_request BEFORE UPDATE OF charge_id, customer_id, token_id, number, reference_id, request,
  amount, currency, sent_at ON attempts FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER attempts_keep_their_success BEFORE UPDATE ON attempts FOR EACH ROW
  WHEN (OLD.outcome = 'succeeded' AND NEW.outcome IS DISTINCT FROM 'succeeded') EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER charges_keep_their_terms BEFORE UPDATE OF subscription_id, customer_id, cycle, period_start, period_end, due_at,
  amount, currency ON charges FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER charges_stay_paid BEFORE UPDATE ON charges FOR EACH ROW
  WHEN (OLD.status = 'paid' AND NEW.status NOT IN ('paid', 'refunded', 'partially_refunded')) EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
INSERT INTO pace (endpoint) VALUES ('payment_requests'), ('look_ups');
--> statement-breakpoint
INSERT INTO charging (id) VALUES (1);
