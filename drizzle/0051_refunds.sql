-- expands
CREATE TABLE "refunds" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"account" text DEFAULT '' NOT NULL,
	"subscription_id" uuid NOT NULL,
	"charge_id" uuid NOT NULL,
	"number" integer,
	"origin" text DEFAULT 'dueday' NOT NULL,
	"reference_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"payment_request_id" text NOT NULL,
	"payment_id" text,
	"channel" text,
	"reason" text NOT NULL,
	"note" text NOT NULL,
	"state" text NOT NULL,
	"request" text,
	"refund_id" text,
	"fee" bigint,
	"failure_code" text,
	"why" text,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"approved_by" text,
	"approved_at" timestamp (3) with time zone,
	"sent_at" timestamp (3) with time zone,
	"next_at" timestamp (3) with time zone,
	"asks" integer DEFAULT 0 NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "refunds_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "refunds_one_reference" UNIQUE("bucket","reference_id"),
	CONSTRAINT "refunds_numbered" UNIQUE("bucket","subscription_id","number"),
	CONSTRAINT "refunds_state" CHECK ("refunds"."state" in ('wanted', 'approved', 'sent', 'unknown', 'pending', 'succeeded', 'failed', 'withdrawn')),
	CONSTRAINT "refunds_origin" CHECK ("refunds"."origin" in ('dueday', 'xendit')),
	CONSTRAINT "refunds_reason" CHECK ("refunds"."reason" in ('FRAUDULENT', 'DUPLICATE', 'REQUESTED_BY_CUSTOMER', 'CANCELLATION', 'OTHERS')),
	CONSTRAINT "refunds_amount" CHECK ("refunds"."amount" > 0),
	CONSTRAINT "refunds_settled" CHECK (("refunds"."settled_at" is not null) = ("refunds"."state" in ('succeeded', 'failed', 'withdrawn')) and ("refunds"."settled_at" is null or "refunds"."next_at" is null)),
	CONSTRAINT "refunds_known_to_xendit" CHECK ("refunds"."state" not in ('pending', 'succeeded') or "refunds"."refund_id" is not null),
	CONSTRAINT "refunds_asked_here" CHECK ("refunds"."origin" <> 'dueday' or ("refunds"."number" is not null and "refunds"."request" is not null))
);
--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_of_charge" FOREIGN KEY ("bucket","charge_id") REFERENCES "public"."charges"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_one_open_per_payment" ON "refunds" USING btree ("bucket","payment_request_id") WHERE state in ('wanted', 'approved', 'sent', 'unknown', 'pending');--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_once" ON "refunds" USING btree ("refund_id","bucket") WHERE refund_id is not null;--> statement-breakpoint
CREATE INDEX "refunds_of_charges" ON "refunds" USING btree ("bucket","charge_id");--> statement-breakpoint
CREATE INDEX "refunds_next" ON "refunds" USING btree ("next_at") WHERE next_at is not null;--> statement-breakpoint
CREATE INDEX "refunds_by_time" ON "refunds" USING btree ("asked_at","id");--> statement-breakpoint
ALTER TABLE "findings" DROP CONSTRAINT IF EXISTS "findings_kind",
  ADD CONSTRAINT "findings_kind" CHECK ("findings"."kind" in ('overpayment', 'second_payment', 'late_success', 'unrecorded_payment', 'amount_mismatch', 'not_at_xendit',
        'unlinked_session', 'returned', 'unknown_refund')) NOT VALID;--> statement-breakpoint
ALTER TABLE "findings" VALIDATE CONSTRAINT "findings_kind";
