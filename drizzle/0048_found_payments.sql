-- expands, statement by statement
-- One that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "ledger_by_payment";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "ledger_by_payment" ON "ledger" USING brin ("payment_request_id" text_bloom_ops(n_distinct_per_range = 600),"payment_id" text_bloom_ops(n_distinct_per_range = 600)) WITH (autosummarize=true);
