-- expands
CREATE TRIGGER armings_are_append_only BEFORE UPDATE OR DELETE ON armings FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER armings_are_not_truncated BEFORE TRUNCATE ON armings FOR EACH STATEMENT EXECUTE FUNCTION dueday_refuse();
