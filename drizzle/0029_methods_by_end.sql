-- expands, statement by statement
-- One that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "tokens_by_end";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "tokens_by_end" ON "tokens" USING btree ("ended_at") WHERE ended_at is not null;
