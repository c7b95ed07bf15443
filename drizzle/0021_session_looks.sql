-- expands
ALTER TABLE "findings" DROP CONSTRAINT "findings_kind";--> statement-breakpoint
ALTER TABLE "onboardings" ADD COLUMN "doubts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "onboardings" ADD COLUMN "asked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "onboardings" ADD COLUMN "why" text;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_kind" CHECK ("findings"."kind" in ('overpayment', 'second_payment', 'late_success', 'unrecorded_payment', 'amount_mismatch', 'not_at_xendit',
        'unlinked_session', 'returned'));