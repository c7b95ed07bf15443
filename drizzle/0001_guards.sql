-- What no constraint can say: the ledger only grows, and an attempt's request never changes.
CREATE FUNCTION dueday_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the % is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
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
CREATE FUNCTION dueday_keep_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.charge_id, OLD.token_id, OLD.number, OLD.reference_id, OLD.request, OLD.amount, OLD.currency, OLD.sent_at)
    IS DISTINCT FROM (NEW.charge_id, NEW.token_id, NEW.number, NEW.reference_id, NEW.request, NEW.amount, NEW.currency, NEW.sent_at) THEN
    RAISE EXCEPTION 'the request of an attempt never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.outcome = 'succeeded' AND NEW.outcome IS DISTINCT FROM 'succeeded' THEN
    RAISE EXCEPTION 'a success is never taken back' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER attempts_keep_their_request BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION dueday_keep_request();
--> statement-breakpoint
CREATE FUNCTION dueday_keep_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.subscription_id, OLD.cycle, OLD.period_start, OLD.period_end, OLD.due_at, OLD.amount, OLD.currency)
    IS DISTINCT FROM (NEW.subscription_id, NEW.cycle, NEW.period_start, NEW.period_end, NEW.due_at, NEW.amount, NEW.currency) THEN
    RAISE EXCEPTION 'what a charge is for never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.status = 'paid' AND NEW.status NOT IN ('paid', 'refunded', 'partially_refunded') THEN
    RAISE EXCEPTION 'a paid charge stays paid' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER charges_keep_their_terms BEFORE UPDATE ON charges FOR EACH ROW EXECUTE FUNCTION dueday_keep_charge();
--> statement-breakpoint
INSERT INTO pace (endpoint) VALUES ('payment_requests'), ('look_ups');
--> statement-breakpoint
INSERT INTO charging (id) VALUES (1);
