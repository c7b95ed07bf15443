-- expands, statement by statement
-- Each statement may be repeated, and holds its lock for a moment: what is added is nullable or has a constant default, so that no
-- row is written anew; constraints are added as NOT VALID and validated afterwards, beside those who write; so are indexes built.
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "account" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN IF NOT EXISTS "kind" text DEFAULT 'cycle' NOT NULL, ADD COLUMN IF NOT EXISTS "extra" integer,
  ADD COLUMN IF NOT EXISTS "account" text DEFAULT '' NOT NULL, ALTER COLUMN "cycle" DROP NOT NULL,
  DROP CONSTRAINT IF EXISTS "charges_amount", DROP CONSTRAINT IF EXISTS "charges_kind",
  ADD CONSTRAINT "charges_amount" CHECK ("charges"."amount" >= 0) NOT VALID,
  ADD CONSTRAINT "charges_kind" CHECK (case "charges"."kind" when 'cycle' then "charges"."cycle" is not null and "charges"."extra" is null
        when 'extra' then "charges"."cycle" is null and "charges"."extra" is not null else false end) NOT VALID;--> statement-breakpoint
CREATE OR REPLACE TRIGGER charges_keep_their_terms BEFORE UPDATE OF subscription_id, customer_id, account, kind, cycle, extra,
  period_start, period_end, due_at, amount, currency ON charges FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN IF NOT EXISTS "via" text DEFAULT 'token' NOT NULL, ALTER COLUMN "token_id" DROP NOT NULL,
  DROP CONSTRAINT IF EXISTS "attempts_via",
  ADD CONSTRAINT "attempts_via" CHECK ("attempts"."via" in ('token', 'session', 'code') and ("attempts"."via" = 'token') = ("attempts"."token_id" is not null)) NOT VALID;--> statement-breakpoint
CREATE OR REPLACE TRIGGER attempts_keep_their_request BEFORE UPDATE OF charge_id, customer_id, via, token_id, number, reference_id,
  amount, currency, sent_at ON attempts FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
-- Entries from before are left without a time: nobody knows when they were written. The default comes after the column.
ALTER TABLE "ledger" ADD COLUMN IF NOT EXISTS "credit" bigint, ADD COLUMN IF NOT EXISTS "detail" text,
  ADD COLUMN IF NOT EXISTS "account" text DEFAULT '' NOT NULL, ADD COLUMN IF NOT EXISTS "written_at" timestamp (3) with time zone,
  ALTER COLUMN "written_at" SET DEFAULT now();--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN IF NOT EXISTS "account" text DEFAULT '' NOT NULL, DROP CONSTRAINT IF EXISTS "charging_pkey",
  DROP CONSTRAINT IF EXISTS "charging_pk", ADD CONSTRAINT "charging_pk" PRIMARY KEY("account","id");--> statement-breakpoint
ALTER TABLE "pace" ADD COLUMN IF NOT EXISTS "account" text DEFAULT '' NOT NULL, DROP CONSTRAINT IF EXISTS "pace_pkey",
  DROP CONSTRAINT IF EXISTS "pace_pk", ADD CONSTRAINT "pace_pk" PRIMARY KEY("account","endpoint");--> statement-breakpoint
ALTER TABLE "sweep" ADD COLUMN IF NOT EXISTS "account" text DEFAULT '' NOT NULL, DROP CONSTRAINT IF EXISTS "sweep_pkey",
  DROP CONSTRAINT IF EXISTS "sweep_pk", ADD CONSTRAINT "sweep_pk" PRIMARY KEY("account","id");--> statement-breakpoint
ALTER TABLE "charges" VALIDATE CONSTRAINT "charges_amount";--> statement-breakpoint
ALTER TABLE "charges" VALIDATE CONSTRAINT "charges_kind";--> statement-breakpoint
ALTER TABLE "attempts" VALIDATE CONSTRAINT "attempts_via";--> statement-breakpoint
-- One that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "charges_one_per_extra";--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "charges_one_per_extra" ON "charges" USING btree ("bucket","subscription_id","extra") WHERE extra is not null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "ledger_by_writing";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "ledger_by_writing" ON "ledger" USING brin ("written_at") WITH (autosummarize=true);
