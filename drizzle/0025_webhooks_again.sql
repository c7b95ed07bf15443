-- expands
-- Xendit, or a person in its dashboard, sends a webhook again that was laid aside: it is followed anew. A trigger, since whoever
-- stores webhooks may count them and no more.
CREATE FUNCTION dueday_follow_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.status := 'received';
  NEW.next_try_at := OLD.received_at;
  NEW.tries := 0;
  NEW.processed_at := NULL;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER inbox_follows_again BEFORE UPDATE OF deliveries ON inbox FOR EACH ROW
  WHEN (NEW.deliveries > OLD.deliveries AND OLD.status IN ('mismatched', 'ignored') AND OLD.body_dropped_at IS NULL)
  EXECUTE FUNCTION dueday_follow_again();
