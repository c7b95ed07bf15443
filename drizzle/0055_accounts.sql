-- expands, statement by statement
-- Charges of a sub-account are looked for by themselves. Of the merchant's own account none is in this index, so nothing of it gets slower.
-- One that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "charges_open_of_account";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "charges_open_of_account" ON "charges" USING btree ("account","next_attempt_at") WHERE next_attempt_at is not null and account <> '';
