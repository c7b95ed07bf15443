-- expands, statement by statement
-- A table that is new, and a nullable column, which writes no row anew; the constraint is validated beside those who write.
CREATE TABLE IF NOT EXISTS "owed_notices" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"owed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "owed_notices_pk" PRIMARY KEY("bucket","subscription_id","kind","subject"),
	CONSTRAINT "owed_notices_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id"),
	CONSTRAINT "owed_notices_kind" CHECK ("owed_notices"."kind" in ('price_change'))
);
--> statement-breakpoint
CREATE OR REPLACE TRIGGER owed_notices_are_only_added BEFORE UPDATE OR DELETE ON owed_notices FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "consents" ADD COLUMN IF NOT EXISTS "subject" text, DROP CONSTRAINT IF EXISTS "consents_answer",
  ADD CONSTRAINT "consents_answer" CHECK ("consents"."answer" in ('given', 'refused', 'silence')) NOT VALID;--> statement-breakpoint
ALTER TABLE "consents" VALIDATE CONSTRAINT "consents_answer";
