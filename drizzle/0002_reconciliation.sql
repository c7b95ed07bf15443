CREATE TABLE "findings" (
	"bucket" smallint NOT NULL,
	"kind" text NOT NULL,
	"reference" text NOT NULL,
	"subscription_id" uuid NOT NULL,
	"charge_id" uuid,
	"amount" bigint,
	"currency" text,
	"payment_id" text,
	"payment_request_id" text,
	"why" text NOT NULL,
	"found_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"closed_why" text,
	CONSTRAINT "findings_once" PRIMARY KEY("bucket","kind","reference"),
	CONSTRAINT "findings_kind" CHECK ("findings"."kind" in ('overpayment', 'second_payment', 'late_success', 'unrecorded_payment', 'amount_mismatch', 'not_at_xendit')),
	CONSTRAINT "findings_refund" CHECK (("findings"."amount" is null) = ("findings"."currency" is null) and "findings"."amount" > 0),
	CONSTRAINT "findings_closed_has_why" CHECK (("findings"."closed_at" is null) = ("findings"."closed_why" is null))
);
--> statement-breakpoint
CREATE TABLE "sweep" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"swept_until" timestamp (3) with time zone,
	"next_at" timestamp (3) with time zone,
	"holder" uuid,
	"lease_until" timestamp (3) with time zone,
	"fault" text,
	CONSTRAINT "sweep_is_one_row" CHECK ("sweep"."id" = 1)
);
--> statement-breakpoint
CREATE INDEX "findings_open" ON "findings" USING btree ("found_at","bucket") WHERE closed_at is null;