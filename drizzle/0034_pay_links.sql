-- expands, statement by statement
-- Two tables that are new, two nullable columns, and an index over nearly nothing, which is built beside those who write.
CREATE TABLE IF NOT EXISTS "pay_links" (
	"bucket" smallint NOT NULL,
	"charge_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"subscription_id" uuid NOT NULL,
	"saves" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pay_links_pk" PRIMARY KEY("bucket","charge_id","number"),
	CONSTRAINT "pay_links_saves" CHECK ("pay_links"."saves" in ('FORCED', 'OPTIONAL', 'DISABLED')),
	CONSTRAINT "pay_links_of_charge" FOREIGN KEY ("bucket","charge_id") REFERENCES "public"."charges"("bucket","id")
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "link_key" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "link_key_is_one_row" CHECK ("link_key"."id" = 1)
);
--> statement-breakpoint
-- A link that was handed out goes on leading to the same charge until it ends.
CREATE OR REPLACE TRIGGER link_key_never_changes BEFORE UPDATE OR DELETE ON link_key FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN IF NOT EXISTS "expires_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE OR REPLACE TRIGGER attempts_keep_their_request BEFORE UPDATE OF charge_id, customer_id, via, token_id, number, reference_id,
  amount, currency, sent_at, expires_at ON attempts FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "onboardings" ADD COLUMN IF NOT EXISTS "attempt_id" uuid;--> statement-breakpoint
-- One that was broken off is invalid, and would be kept as it is by IF NOT EXISTS.
DROP INDEX CONCURRENTLY IF EXISTS "onboardings_paying";--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "onboardings_paying" ON "onboardings" USING btree ("bucket","attempt_id") WHERE attempt_id is not null;
