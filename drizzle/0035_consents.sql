-- expands, statement by statement
-- A table that is new, and two columns with a constant default, which writes no row anew; their constraints are validated beside those who write.
CREATE TABLE IF NOT EXISTS "consents" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"what" text NOT NULL,
	"answer" text NOT NULL,
	"evidence" text NOT NULL,
	"actor" text NOT NULL,
	"answered_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "consents_pk" PRIMARY KEY("bucket","subscription_id","number"),
	CONSTRAINT "consents_what" CHECK ("consents"."what" in ('price', 'extra', 'save_again')),
	CONSTRAINT "consents_answer" CHECK ("consents"."answer" in ('given', 'refused')),
	CONSTRAINT "consents_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id")
);
--> statement-breakpoint
CREATE OR REPLACE TRIGGER consents_are_only_added BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN IF NOT EXISTS "saved_for" text DEFAULT 'RECURRING' NOT NULL, DROP CONSTRAINT IF EXISTS "tokens_saved_for",
  ADD CONSTRAINT "tokens_saved_for" CHECK ("tokens"."saved_for" in ('RECURRING', 'MERCHANT_UNSCHEDULED')) NOT VALID;--> statement-breakpoint
ALTER TABLE "onboardings" ADD COLUMN IF NOT EXISTS "saved_for" text DEFAULT 'RECURRING' NOT NULL, DROP CONSTRAINT IF EXISTS "onboardings_saved_for",
  ADD CONSTRAINT "onboardings_saved_for" CHECK ("onboardings"."saved_for" in ('RECURRING', 'MERCHANT_UNSCHEDULED')) NOT VALID;--> statement-breakpoint
ALTER TABLE "tokens" VALIDATE CONSTRAINT "tokens_saved_for";--> statement-breakpoint
ALTER TABLE "onboardings" VALIDATE CONSTRAINT "onboardings_saved_for";
