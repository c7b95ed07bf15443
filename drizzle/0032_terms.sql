-- expands, statement by statement
-- Each statement may be repeated, and holds its lock for a moment: columns have a constant default, constraints are validated afterwards.
CREATE TABLE IF NOT EXISTS "changes" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"what" text NOT NULL,
	"effective" text NOT NULL,
	"state" text NOT NULL,
	"asked" jsonb NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"applies_at" timestamp (3) with time zone,
	"terms_number" integer,
	"charge_id" uuid,
	"actor" text NOT NULL,
	"reason" text,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"why" text,
	CONSTRAINT "changes_pk" PRIMARY KEY("bucket","subscription_id","number"),
	CONSTRAINT "changes_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "subscriptions"("bucket","id"),
	CONSTRAINT "changes_what" CHECK ("changes"."what" in ('plan', 'quantity', 'coupon', 'time_zone', 'charge_at', 'anchor', 'cancel', 'pause', 'resume')),
	CONSTRAINT "changes_effective" CHECK ("changes"."effective" in ('now', 'period_end', 'date')),
	CONSTRAINT "changes_state" CHECK ("changes"."state" in ('planned', 'awaiting_payment', 'applied', 'lapsed', 'withdrawn')),
	CONSTRAINT "changes_number" CHECK ("changes"."number" > 0),
	CONSTRAINT "changes_only_planned_applies" CHECK ("changes"."state" = 'planned' or "changes"."applies_at" is null),
	CONSTRAINT "changes_closed_has_time" CHECK (("changes"."state" in ('applied', 'lapsed', 'withdrawn')) = ("changes"."closed_at" is not null))
);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "terms" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"origin" text NOT NULL,
	"from_cycle" integer NOT NULL,
	"anchor" date NOT NULL,
	"anchor_cycle" integer NOT NULL,
	"interval_count" integer NOT NULL,
	"interval_unit" text NOT NULL,
	"time_zone" text NOT NULL,
	"charge_at" text NOT NULL,
	"plan" text NOT NULL,
	"catalog_version" integer NOT NULL,
	"unit_amount" bigint NOT NULL,
	"quantity" integer NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"last_cycle" integer,
	"actor" text NOT NULL,
	"agreed_at" timestamp (3) with time zone NOT NULL,
	"withdrawn_at" timestamp (3) with time zone,
	CONSTRAINT "terms_pk" PRIMARY KEY("bucket","subscription_id","number"),
	CONSTRAINT "terms_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "subscriptions"("bucket","id"),
	CONSTRAINT "terms_origin" CHECK ("terms"."origin" in ('created', 'changed', 'repriced', 'imported', 'shifted')),
	CONSTRAINT "terms_number" CHECK ("terms"."number" > 0),
	CONSTRAINT "terms_cycles" CHECK ("terms"."anchor_cycle" >= 0 and "terms"."from_cycle" >= "terms"."anchor_cycle"),
	CONSTRAINT "terms_amount" CHECK ("terms"."quantity" > 0 and "terms"."unit_amount" > 0 and "terms"."amount" = "terms"."quantity" * "terms"."unit_amount")
);--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "changes_one_planned" ON "changes" USING btree ("bucket","subscription_id") WHERE state = 'planned';--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "changes_planned" ON "changes" USING btree ("applies_at") WHERE applies_at is not null;--> statement-breakpoint
CREATE OR REPLACE TRIGGER terms_are_not_deleted BEFORE DELETE ON terms FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER terms_stay_as_agreed BEFORE UPDATE OF bucket, subscription_id, number, origin, from_cycle, anchor, anchor_cycle,
  interval_count, interval_unit, time_zone, charge_at, plan, catalog_version, unit_amount, quantity, amount, currency, last_cycle, actor,
  agreed_at ON terms FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER terms_are_withdrawn_once BEFORE UPDATE ON terms FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER changes_are_not_deleted BEFORE DELETE ON changes FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER changes_stay_as_asked BEFORE UPDATE OF bucket, subscription_id, number, what, effective, asked, actor, reason,
  asked_at ON changes FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER changes_stay_closed BEFORE UPDATE ON changes FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "anchor_cycle" integer DEFAULT 0 NOT NULL,
  ADD COLUMN IF NOT EXISTS "next_terms_from" integer, ADD COLUMN IF NOT EXISTS "terms" integer DEFAULT 0 NOT NULL,
  ADD COLUMN IF NOT EXISTS "changes" integer DEFAULT 0 NOT NULL, DROP CONSTRAINT IF EXISTS "subscriptions_terms",
  ADD CONSTRAINT "subscriptions_terms" CHECK ("subscriptions"."terms" >= 0 and "subscriptions"."changes" >= 0 and "subscriptions"."anchor_cycle" >= 0 and "subscriptions"."next_terms_from" >= "subscriptions"."next_cycle") NOT VALID;--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_terms";
