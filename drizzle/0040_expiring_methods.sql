-- expands, statement by statement
-- A constant default and a nullable column write no row anew: every method that is there is looked at once by a job, some thousands a
-- minute, and so is what the version before this one saves beside it.
ALTER TABLE "tokens" ADD COLUMN IF NOT EXISTS "notice_at" timestamp (3) with time zone DEFAULT 'epoch',
  ADD COLUMN IF NOT EXISTS "notice_told" smallint;--> statement-breakpoint
ALTER TABLE "tokens" DROP CONSTRAINT IF EXISTS "tokens_notice_told",
  ADD CONSTRAINT "tokens_notice_told" CHECK ("tokens"."notice_told" in (1, 7, 30)) NOT VALID;--> statement-breakpoint
ALTER TABLE "tokens" VALIDATE CONSTRAINT "tokens_notice_told";--> statement-breakpoint
-- One that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "tokens_to_tell_of";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "tokens_to_tell_of" ON "tokens" USING btree ("notice_at") WHERE status = 'active' and notice_at is not null;
