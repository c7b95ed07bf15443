-- expands, statement by statement
CREATE TABLE "payments" (
	"bucket" smallint NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"account" text DEFAULT '' NOT NULL,
	"subscription_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"credited" bigint NOT NULL,
	"received_on" date NOT NULL,
	"evidence" text NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payments_pk" PRIMARY KEY("bucket","id"),
	CONSTRAINT "payments_one_evidence" UNIQUE("bucket","subscription_id","evidence"),
	CONSTRAINT "payments_amount" CHECK ("payments"."amount" > 0 and "payments"."credited" <= "payments"."amount")
);
--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- The old check is narrower; each entry that is there keeps the new one, and is looked at without a lock that keeps others from writing.
ALTER TABLE "ledger" DROP CONSTRAINT IF EXISTS "ledger_money_has_kind",
  ADD CONSTRAINT "ledger_money_has_kind" CHECK ("ledger"."money" = 0 or "ledger"."kind" in ('charge.paid', 'payment.overpaid', 'payment.received', 'refund.settled', 'chargeback.taken', 'chargeback.returned')) NOT VALID;--> statement-breakpoint
ALTER TABLE "ledger" VALIDATE CONSTRAINT "ledger_money_has_kind";
