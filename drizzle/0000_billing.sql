CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"digest" text NOT NULL,
	"hint" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_one_per_digest" UNIQUE("digest"),
	CONSTRAINT "api_keys_role" CHECK ("api_keys"."role" in ('admin', 'product', 'finance'))
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"charge_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"token_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"reference_id" text NOT NULL,
	"request" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL,
	"lease_until" timestamp (3) with time zone NOT NULL,
	"outcome" text,
	"outcome_at" timestamp (3) with time zone,
	"failure_code" text,
	"class" text,
	"network_code" text,
	"advice_code" text,
	"action_url" text,
	"payment_request_id" text,
	"payment_id" text,
	"decision" jsonb,
	"next_check_at" timestamp (3) with time zone,
	"asks" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "attempts_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "attempts_numbered" UNIQUE("bucket","charge_id","number"),
	CONSTRAINT "attempts_one_reference" UNIQUE("bucket","reference_id"),
	CONSTRAINT "attempts_outcome" CHECK ("attempts"."outcome" in ('succeeded', 'declined', 'refused', 'pending', 'unknown')),
	CONSTRAINT "attempts_outcome_has_time" CHECK (("attempts"."outcome" is null) = ("attempts"."outcome_at" is null))
);
--> statement-breakpoint
CREATE TABLE "catalog_versions" (
	"version" integer PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"applied_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "catalog_versions_one_per_digest" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "charges" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"subscription_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"cycle" integer NOT NULL,
	"period_start" date NOT NULL,
	"period_end" date NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"plan" text NOT NULL,
	"catalog_version" integer NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"collected" bigint DEFAULT 0 NOT NULL,
	"overpaid" bigint DEFAULT 0 NOT NULL,
	"refunded" bigint DEFAULT 0 NOT NULL,
	"status" text NOT NULL,
	"missed" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"ladder_step" integer DEFAULT 0 NOT NULL,
	"technical_retries" integer DEFAULT 0 NOT NULL,
	"in_dunning" boolean DEFAULT false NOT NULL,
	"first_attempt_at" timestamp (3) with time zone,
	"next_attempt_at" timestamp (3) with time zone,
	"waits_until" timestamp (3) with time zone,
	"hold_reason" text,
	"note" text,
	"last_failure_code" text,
	"settled_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "charges_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "charges_one_per_cycle" UNIQUE("bucket","subscription_id","cycle"),
	CONSTRAINT "charges_status" CHECK ("charges"."status" in ('due', 'attempting', 'paid', 'uncollectible', 'held', 'void', 'refunded', 'partially_refunded')),
	CONSTRAINT "charges_amount" CHECK ("charges"."amount" > 0),
	CONSTRAINT "charges_money" CHECK ("charges"."collected" >= 0 and "charges"."overpaid" >= 0 and "charges"."refunded" >= 0 and "charges"."collected" <= "charges"."amount"),
	CONSTRAINT "charges_paid_is_collected" CHECK ("charges"."status" <> 'paid' or "charges"."collected" = "charges"."amount"),
	CONSTRAINT "charges_unpaid_is_not_collected" CHECK ("charges"."status" not in ('due', 'attempting', 'uncollectible', 'void') or "charges"."collected" = 0),
	CONSTRAINT "charges_only_due_is_scheduled" CHECK ("charges"."status" = 'due' or ("charges"."next_attempt_at" is null and "charges"."waits_until" is null)),
	CONSTRAINT "charges_held_has_reason" CHECK (("charges"."status" = 'held') = ("charges"."hold_reason" is not null)),
	CONSTRAINT "charges_attempting_has_attempt" CHECK ("charges"."status" <> 'attempting' or "charges"."attempts" > 0)
);
--> statement-breakpoint
CREATE TABLE "charging" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"reason" text,
	CONSTRAINT "charging_is_one_row" CHECK ("charging"."id" = 1),
	CONSTRAINT "charging_stop_has_reason" CHECK (("charging"."stopped_at" is null) = ("charging"."reason" is null))
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"reference_id" text,
	"xendit_id" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "customers_pk" PRIMARY KEY("bucket","id")
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"digest" text NOT NULL,
	"webhook_id" text,
	"event" text,
	"body" json NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"deliveries" integer DEFAULT 1 NOT NULL,
	"status" text NOT NULL,
	"next_try_at" timestamp (3) with time zone,
	"tries" integer DEFAULT 0 NOT NULL,
	"note" text,
	"processed_at" timestamp (3) with time zone,
	CONSTRAINT "inbox_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "inbox_stored_once" UNIQUE("bucket","digest"),
	CONSTRAINT "inbox_status" CHECK ("inbox"."status" in ('received', 'processed', 'ignored', 'mismatched')),
	CONSTRAINT "inbox_open_has_time" CHECK (("inbox"."status" = 'received') = ("inbox"."next_try_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"entry_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"subscription_reference" text NOT NULL,
	"plan" text NOT NULL,
	"customer_reference" text,
	"charge_id" uuid,
	"cycle" integer,
	"period_start" date,
	"period_end" date,
	"attempt" integer,
	"reference_id" text,
	"channel" text,
	"amount" bigint,
	"currency" text,
	"money" bigint NOT NULL,
	"outcome" text,
	"failure_code" text,
	"class" text,
	"decision" text,
	"why" text,
	"payment_request_id" text,
	"payment_id" text,
	"catalog_version" integer,
	"actor" text NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "ledger_pk" PRIMARY KEY("bucket","subscription_id","seq"),
	CONSTRAINT "ledger_money_has_kind" CHECK ("ledger"."money" = 0 or "ledger"."kind" in ('charge.paid', 'payment.overpaid', 'refund.settled')),
	CONSTRAINT "ledger_seq" CHECK ("ledger"."seq" > 0)
);
--> statement-breakpoint
CREATE TABLE "names" (
	"bucket" smallint NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"request_hash" text,
	CONSTRAINT "names_are_unique" PRIMARY KEY("bucket","kind","name"),
	CONSTRAINT "names_kind" CHECK ("names"."kind" in ('subscription', 'customer', 'xendit_customer'))
);
--> statement-breakpoint
CREATE TABLE "onboardings" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"session_id" text NOT NULL,
	"reference_id" text NOT NULL,
	"mode" text NOT NULL,
	"status" text NOT NULL,
	"payment_link_url" text,
	"xendit_customer_id" text,
	"expires_at" timestamp (3) with time zone,
	"recurring_frequency" integer NOT NULL,
	"recurring_expiry" date NOT NULL,
	"next_check_at" timestamp (3) with time zone,
	"checks" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "onboardings_pk" PRIMARY KEY("bucket","subscription_id","number"),
	CONSTRAINT "onboardings_status" CHECK ("onboardings"."status" in ('active', 'completed', 'expired', 'canceled')),
	CONSTRAINT "onboardings_open_is_checked" CHECK (("onboardings"."status" = 'active') = ("onboardings"."next_check_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "pace" (
	"endpoint" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone[] DEFAULT '{}' NOT NULL,
	"permits" integer[] DEFAULT '{}' NOT NULL,
	"paused_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"reference_id" text NOT NULL,
	"status" text NOT NULL,
	"plan" text NOT NULL,
	"catalog_version" integer NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"country" text NOT NULL,
	"interval_count" integer NOT NULL,
	"interval_unit" text NOT NULL,
	"time_zone" text NOT NULL,
	"charge_at" text NOT NULL,
	"ends_after" integer,
	"wanted_anchor" date,
	"anchor" date,
	"next_cycle" integer DEFAULT 0 NOT NULL,
	"next_cycle_at" timestamp (3) with time zone,
	"cancels_at_period_end" boolean DEFAULT false NOT NULL,
	"token_id" uuid,
	"in_dunning" integer DEFAULT 0 NOT NULL,
	"success_return_url" text NOT NULL,
	"cancel_return_url" text NOT NULL,
	"allowed_channels" jsonb,
	"locale" text,
	"metadata" jsonb,
	"reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"activated_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"ledger_seq" integer NOT NULL,
	"ledger_head" text NOT NULL,
	CONSTRAINT "subscriptions_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "subscriptions_status" CHECK ("subscriptions"."status" in ('pending', 'trialing', 'active', 'past_due', 'paused', 'canceled', 'ended')),
	CONSTRAINT "subscriptions_amount" CHECK ("subscriptions"."amount" > 0),
	CONSTRAINT "subscriptions_in_dunning" CHECK ("subscriptions"."in_dunning" >= 0),
	CONSTRAINT "subscriptions_active_has_anchor" CHECK ("subscriptions"."status" in ('pending', 'canceled') or ("subscriptions"."anchor" is not null and "subscriptions"."token_id" is not null)),
	CONSTRAINT "subscriptions_over_has_no_cycle" CHECK ("subscriptions"."status" not in ('canceled', 'ended', 'pending') or "subscriptions"."next_cycle_at" is null),
	CONSTRAINT "subscriptions_over_has_end" CHECK (("subscriptions"."status" in ('canceled', 'ended')) = ("subscriptions"."ended_at" is not null)),
	CONSTRAINT "subscriptions_bucket" CHECK ("subscriptions"."bucket" between 0 and 255)
);
--> statement-breakpoint
CREATE TABLE "test_clock" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"now" timestamp (3) with time zone NOT NULL,
	"target" timestamp (3) with time zone,
	CONSTRAINT "test_clock_is_one_row" CHECK ("test_clock"."id" = 1),
	CONSTRAINT "test_clock_goes_forward" CHECK ("test_clock"."target" is null or "test_clock"."target" >= "test_clock"."now")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"token_id" text NOT NULL,
	"channel_code" text NOT NULL,
	"country" text,
	"currency" text,
	"label" text,
	"network" text,
	"fingerprint" text,
	"expiry_month" text,
	"expiry_year" text,
	"status" text NOT NULL,
	"ended_reason" text,
	"recurring_frequency" integer NOT NULL,
	"recurring_expiry" date NOT NULL,
	"saved_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "tokens_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "tokens_saved_once" UNIQUE("bucket","token_id"),
	CONSTRAINT "tokens_status" CHECK ("tokens"."status" in ('active', 'failed', 'expired', 'canceled', 'dead')),
	CONSTRAINT "tokens_ended_has_reason" CHECK (("tokens"."status" = 'active') = ("tokens"."ended_at" is null)),
	CONSTRAINT "tokens_frequency" CHECK ("tokens"."recurring_frequency" >= 1)
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_of_charge" FOREIGN KEY ("bucket","charge_id") REFERENCES "public"."charges"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onboardings" ADD CONSTRAINT "onboardings_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_of_customer" FOREIGN KEY ("bucket","customer_id") REFERENCES "public"."customers"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_token" FOREIGN KEY ("bucket","token_id") REFERENCES "public"."tokens"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_of_customer" FOREIGN KEY ("bucket","customer_id") REFERENCES "public"."customers"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_one_open_per_charge" ON "attempts" USING btree ("bucket","charge_id") WHERE outcome is null or outcome in ('pending', 'unknown');--> statement-breakpoint
CREATE INDEX "attempts_silent" ON "attempts" USING btree ("lease_until") WHERE outcome is null;--> statement-breakpoint
CREATE INDEX "attempts_asked" ON "attempts" USING btree ("next_check_at") WHERE outcome in ('pending', 'unknown');--> statement-breakpoint
CREATE INDEX "attempts_of_token" ON "attempts" USING btree ("bucket","token_id","sent_at");--> statement-breakpoint
CREATE INDEX "charges_open" ON "charges" USING btree ("next_attempt_at") WHERE status = 'due';--> statement-breakpoint
CREATE INDEX "charges_waiting" ON "charges" USING btree ("waits_until") WHERE status = 'due' and waits_until is not null;--> statement-breakpoint
CREATE INDEX "charges_by_due" ON "charges" USING btree ("due_at","id");--> statement-breakpoint
CREATE INDEX "charges_missed" ON "charges" USING btree ("bucket","customer_id") WHERE missed;--> statement-breakpoint
CREATE INDEX "inbox_open" ON "inbox" USING btree ("next_try_at") WHERE status = 'received';--> statement-breakpoint
CREATE INDEX "ledger_by_time" ON "ledger" USING btree ("at","bucket","subscription_id","seq");--> statement-breakpoint
CREATE INDEX "onboardings_open" ON "onboardings" USING btree ("next_check_at") WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "onboardings_by_session" ON "onboardings" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "subscriptions_next_cycle" ON "subscriptions" USING btree ("next_cycle_at") WHERE next_cycle_at is not null;--> statement-breakpoint
CREATE INDEX "subscriptions_by_age" ON "subscriptions" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "subscriptions_by_customer" ON "subscriptions" USING btree ("bucket","customer_id");--> statement-breakpoint
CREATE INDEX "tokens_by_token_id" ON "tokens" USING btree ("token_id");