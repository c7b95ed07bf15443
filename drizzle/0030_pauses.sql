-- expands, statement by statement
-- A pause that ends by itself, and one that is planned. Columns without a default write no row anew; the index is built beside those who
-- write, and the constraint is validated after it was added.
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "pause" jsonb, ADD COLUMN IF NOT EXISTS "resumes_at" timestamp (3) with time zone,
  DROP CONSTRAINT IF EXISTS "subscriptions_resumes_from_a_pause",
  ADD CONSTRAINT "subscriptions_resumes_from_a_pause" CHECK ("subscriptions"."resumes_at" is null or "subscriptions"."pause" is not null) NOT VALID;--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_resumes_from_a_pause";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "subscriptions_resuming";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "subscriptions_resuming" ON "subscriptions" USING btree ("resumes_at") WHERE resumes_at is not null;
