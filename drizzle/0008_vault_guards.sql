-- A token is found by its index from now on; without a key that is a bare hash.
UPDATE tokens SET token_index = encode(sha256(convert_to(token_id, 'UTF8')), 'hex') WHERE token_index IS NULL;
--> statement-breakpoint
-- Requests hold the place of their payment token instead of the token. One that was written before may be changed once,
-- to exactly that: one quoted value gives way to the mark, and the hash is that of the request as it was sent.
CREATE FUNCTION dueday_keep_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  mark constant text := '{payment_token}';
  before int := position(mark in NEW.request) - 1;
  after int := length(NEW.request) - before - length(mark);
  token text := substr(OLD.request, before + 1, greatest(0, length(OLD.request) - before - after));
BEGIN
  IF OLD.request_hash IS NULL AND NEW.request_hash = encode(sha256(convert_to(OLD.request, 'UTF8')), 'hex')
    AND (NEW.request = OLD.request OR before > 0 AND token <> '' AND position('"' in token) = 0
      AND NEW.request = left(OLD.request, before) || mark || right(OLD.request, after)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '%: % is refused by %', TG_TABLE_NAME, TG_OP, TG_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
DROP TRIGGER attempts_keep_their_request ON attempts;
--> statement-breakpoint
CREATE TRIGGER attempts_keep_their_request BEFORE UPDATE OF charge_id, customer_id, token_id, number, reference_id, amount,
  currency, sent_at ON attempts FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER attempts_keep_their_request_text BEFORE UPDATE OF request, request_hash ON attempts FOR EACH ROW
  EXECUTE FUNCTION dueday_keep_request();
