-- expands, statement by statement
-- Each statement may be repeated, and holds its lock for a moment: the column has a constant default, constraints are validated after
-- they were added. A subscription from before has no row here and its method in its own row, which counts as its one method.
CREATE TABLE IF NOT EXISTS "subscription_methods" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"token_id" uuid NOT NULL,
	"rank" integer NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "subscription_methods_pk" PRIMARY KEY("bucket","subscription_id","token_id"),
	CONSTRAINT "subscription_methods_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "subscriptions"("bucket","id"),
	CONSTRAINT "subscription_methods_token" FOREIGN KEY ("bucket","token_id") REFERENCES "tokens"("bucket","id"),
	CONSTRAINT "subscription_methods_rank" CHECK ("subscription_methods"."rank" > 0)
);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "subscription_methods_by_token" ON "subscription_methods" USING btree ("bucket","token_id");--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "spare_methods" integer DEFAULT 0 NOT NULL,
  DROP CONSTRAINT IF EXISTS "subscriptions_spare_methods",
  ADD CONSTRAINT "subscriptions_spare_methods" CHECK ("subscriptions"."spare_methods" >= 0 and ("subscriptions"."spare_methods" = 0 or "subscriptions"."token_id" is not null)) NOT VALID,
  DROP CONSTRAINT IF EXISTS "subscriptions_active_has_anchor",
  ADD CONSTRAINT "subscriptions_active_has_anchor" CHECK ("subscriptions"."status" in ('pending', 'canceled') or ("subscriptions"."anchor" is not null and ("subscriptions"."token_id" is not null or "subscriptions"."status" = 'ended'))) NOT VALID;--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_spare_methods";--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_active_has_anchor";
