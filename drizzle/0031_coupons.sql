-- expands, statement by statement
-- Coupons with their uses, trials that were asked for, and names for trials that are had once. Each statement may be repeated.
CREATE TABLE IF NOT EXISTS "coupon_counts" (
	"code" text PRIMARY KEY NOT NULL,
	"used" integer NOT NULL,
	"most" integer,
	CONSTRAINT "coupon_counts_within_most" CHECK ("coupon_counts"."used" >= 0 and ("coupon_counts"."most" is null or "coupon_counts"."used" <= "coupon_counts"."most"))
);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "coupon_uses" (
	"code" text NOT NULL,
	"subscription_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"most" integer,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"given_back_at" timestamp (3) with time zone,
	CONSTRAINT "coupon_uses_pk" PRIMARY KEY("code","subscription_id"),
	CONSTRAINT "coupon_uses_within_most" CHECK ("coupon_uses"."number" >= 1 and ("coupon_uses"."most" is null or "coupon_uses"."number" <= "coupon_uses"."most"))
);--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "coupon_uses_numbered" ON "coupon_uses" USING btree ("code","customer_id","number") WHERE given_back_at is null;--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN IF NOT EXISTS "coupon" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "trial" text, ADD COLUMN IF NOT EXISTS "coupon" jsonb;--> statement-breakpoint
ALTER TABLE "names" DROP CONSTRAINT IF EXISTS "names_kind",
  ADD CONSTRAINT "names_kind" CHECK ("names"."kind" in ('subscription', 'customer', 'xendit_customer', 'trial')) NOT VALID;--> statement-breakpoint
ALTER TABLE "names" VALIDATE CONSTRAINT "names_kind";
