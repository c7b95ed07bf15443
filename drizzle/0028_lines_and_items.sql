-- expands, statement by statement
-- Each statement may be repeated, and holds its lock for a moment: columns have a constant default, constraints are validated afterwards.
CREATE TABLE IF NOT EXISTS "items" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"subscription_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"kind" text NOT NULL,
	"text" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_amount" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"period_start" date,
	"period_end" date,
	"discounted" boolean NOT NULL,
	"why" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"charge_id" uuid,
	"withdrawn_at" timestamp (3) with time zone,
	CONSTRAINT "items_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "items_numbered" UNIQUE("bucket","subscription_id","number"),
	CONSTRAINT "items_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "subscriptions"("bucket","id"),
	CONSTRAINT "items_of_charge" FOREIGN KEY ("bucket","charge_id") REFERENCES "charges"("bucket","id"),
	CONSTRAINT "items_kind" CHECK ("items"."kind" in ('plan', 'setup', 'item', 'credit', 'discount')),
	CONSTRAINT "items_amount" CHECK ("items"."quantity" > 0 and "items"."amount" = "items"."quantity" * "items"."unit_amount"),
	CONSTRAINT "items_period" CHECK (("items"."period_start" is null) = ("items"."period_end" is null)),
	CONSTRAINT "items_taken_or_withdrawn" CHECK ("items"."charge_id" is null or "items"."withdrawn_at" is null)
);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "items_waiting" ON "items" USING btree ("bucket","subscription_id") WHERE charge_id is null and withdrawn_at is null;--> statement-breakpoint
CREATE OR REPLACE TRIGGER items_keep_their_terms BEFORE UPDATE OF customer_id, subscription_id, number, kind, text, quantity, unit_amount,
  amount, period_start, period_end, discounted, why, created_at ON items FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
CREATE OR REPLACE TRIGGER items_are_taken_once BEFORE UPDATE ON items FOR EACH ROW
  WHEN (OLD.charge_id IS NOT NULL OR OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN IF NOT EXISTS "lines" jsonb, ADD COLUMN IF NOT EXISTS "subtotal" bigint,
  ADD COLUMN IF NOT EXISTS "discount" bigint DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS "tax_included" bigint DEFAULT 0 NOT NULL,
  ADD COLUMN IF NOT EXISTS "tax_added" bigint DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS "credit_used" bigint DEFAULT 0 NOT NULL,
  ADD COLUMN IF NOT EXISTS "charged_back" bigint DEFAULT 0 NOT NULL,
  DROP CONSTRAINT IF EXISTS "charges_adds_up", DROP CONSTRAINT IF EXISTS "charges_parts", DROP CONSTRAINT IF EXISTS "charges_given_back",
  ADD CONSTRAINT "charges_adds_up" CHECK (case when "charges"."lines" is null
        then "charges"."subtotal" is null and "charges"."discount" = 0 and "charges"."tax_included" = 0 and "charges"."tax_added" = 0 and "charges"."credit_used" = 0
        else "charges"."subtotal" is not null and "charges"."amount" = "charges"."subtotal" - "charges"."discount" + "charges"."tax_added" - "charges"."credit_used" end) NOT VALID,
  ADD CONSTRAINT "charges_parts" CHECK ("charges"."subtotal" >= 0 and "charges"."discount" >= 0 and "charges"."tax_included" >= 0 and "charges"."tax_added" >= 0 and "charges"."credit_used" >= 0
        and "charges"."tax_included" <= coalesce("charges"."subtotal", "charges"."amount")) NOT VALID,
  ADD CONSTRAINT "charges_given_back" CHECK ("charges"."charged_back" >= 0 and "charges"."refunded" + "charges"."charged_back" <= "charges"."collected" + "charges"."overpaid") NOT VALID;--> statement-breakpoint
CREATE OR REPLACE TRIGGER charges_keep_their_terms BEFORE UPDATE OF subscription_id, customer_id, account, kind, cycle, extra,
  period_start, period_end, due_at, amount, currency, lines, subtotal, discount, tax_included, tax_added, credit_used
  ON charges FOR EACH ROW EXECUTE FUNCTION dueday_refuse();--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "quantity" integer DEFAULT 1 NOT NULL,
  ADD COLUMN IF NOT EXISTS "credit" bigint DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS "extras" integer DEFAULT 0 NOT NULL,
  ADD COLUMN IF NOT EXISTS "items" integer DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS "waiting_items" integer DEFAULT 0 NOT NULL,
  DROP CONSTRAINT IF EXISTS "subscriptions_quantity", DROP CONSTRAINT IF EXISTS "subscriptions_credit",
  DROP CONSTRAINT IF EXISTS "subscriptions_waiting_items",
  ADD CONSTRAINT "subscriptions_quantity" CHECK ("subscriptions"."quantity" between 1 and 1000000 and "subscriptions"."amount" % "subscriptions"."quantity" = 0) NOT VALID,
  ADD CONSTRAINT "subscriptions_credit" CHECK ("subscriptions"."credit" >= 0) NOT VALID,
  ADD CONSTRAINT "subscriptions_waiting_items" CHECK ("subscriptions"."waiting_items" between 0 and "subscriptions"."items" and "subscriptions"."extras" >= 0) NOT VALID;--> statement-breakpoint
ALTER TABLE "charges" VALIDATE CONSTRAINT "charges_adds_up";--> statement-breakpoint
ALTER TABLE "charges" VALIDATE CONSTRAINT "charges_parts";--> statement-breakpoint
ALTER TABLE "charges" VALIDATE CONSTRAINT "charges_given_back";--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_quantity";--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_credit";--> statement-breakpoint
ALTER TABLE "subscriptions" VALIDATE CONSTRAINT "subscriptions_waiting_items";
