-- expands, statement by statement
CREATE TABLE IF NOT EXISTS "disputes" (
	"bucket" smallint NOT NULL,
	"dispute_id" text NOT NULL,
	"customer_id" uuid NOT NULL,
	"account" text DEFAULT '' NOT NULL,
	"subscription_id" uuid NOT NULL,
	"charge_id" uuid NOT NULL,
	"attempt_id" uuid NOT NULL,
	"payment_id" text,
	"channel" text,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"category" text,
	"answer_by" timestamp (3) with time zone,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"told_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"next_at" timestamp (3) with time zone,
	"warned_at" timestamp (3) with time zone,
	CONSTRAINT "disputes_pk" PRIMARY KEY("bucket","dispute_id"),
	CONSTRAINT "disputes_state" CHECK ("disputes"."state" in ('action_required', 'under_review', 'won', 'lost')),
	CONSTRAINT "disputes_amount" CHECK ("disputes"."amount" > 0 and "disputes"."held" >= 0),
	CONSTRAINT "disputes_closed" CHECK (("disputes"."closed_at" is not null) = ("disputes"."state" in ('won', 'lost')) and ("disputes"."closed_at" is null or "disputes"."next_at" is null)),
	CONSTRAINT "disputes_decided" CHECK (("disputes"."decided_at" is null) = ("disputes"."decided_by" is null)),
	CONSTRAINT "disputes_of_charge" FOREIGN KEY ("bucket","charge_id") REFERENCES "public"."charges"("bucket","id") ON DELETE no action ON UPDATE no action
);
--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "stopped_by" text;--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "disputes_once" ON "disputes" USING btree ("dispute_id","bucket");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "disputes_of_charges" ON "disputes" USING btree ("bucket","charge_id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "disputes_next" ON "disputes" USING btree ("next_at") WHERE next_at is not null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "subscriptions_stopped";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "subscriptions_stopped" ON "subscriptions" USING btree ("stopped_by") WHERE stopped_by is not null;--> statement-breakpoint
ALTER TABLE "findings" DROP CONSTRAINT IF EXISTS "findings_kind",
  ADD CONSTRAINT "findings_kind" CHECK ("findings"."kind" in ('overpayment', 'second_payment', 'late_success', 'unrecorded_payment', 'amount_mismatch', 'not_at_xendit',
        'unlinked_session', 'returned', 'unknown_refund', 'dispute')) NOT VALID;--> statement-breakpoint
ALTER TABLE "findings" VALIDATE CONSTRAINT "findings_kind";--> statement-breakpoint
ALTER TABLE "ledger" DROP CONSTRAINT IF EXISTS "ledger_money_has_kind",
  ADD CONSTRAINT "ledger_money_has_kind" CHECK ("ledger"."money" = 0 or "ledger"."kind" in ('charge.paid', 'payment.overpaid', 'refund.settled', 'chargeback.taken', 'chargeback.returned')) NOT VALID;--> statement-breakpoint
ALTER TABLE "ledger" VALIDATE CONSTRAINT "ledger_money_has_kind";
