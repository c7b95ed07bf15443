-- expands, statement by statement
-- Whoever opens cycles owns some buckets: the index leaves those of others out before their rows are read. The new one is built beside
-- those who write, before the old one goes; one that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "subscriptions_due";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "subscriptions_due" ON "subscriptions" USING btree ("next_cycle_at","bucket") WHERE next_cycle_at is not null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "subscriptions_next_cycle";
