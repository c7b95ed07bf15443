-- expands
ALTER TABLE "tokens" DROP CONSTRAINT "tokens_saved_once";--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "session_id" text;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_saved_once" UNIQUE("bucket","session_id");