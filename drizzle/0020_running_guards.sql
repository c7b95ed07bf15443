-- expands
CREATE TRIGGER disarmings_are_append_only BEFORE UPDATE OR DELETE ON disarmings FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER disarmings_are_not_truncated BEFORE TRUNCATE ON disarmings FOR EACH STATEMENT EXECUTE FUNCTION dueday_refuse();
