ALTER TABLE "tokens" DROP CONSTRAINT "tokens_saved_once";--> statement-breakpoint
DROP INDEX "tokens_by_token_id";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "request_hash" text;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "token_index" text;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "sealed_with" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "inbox" ADD COLUMN "sealed_with" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "attempts_unmarked" ON "attempts" USING btree ("bucket","id") WHERE request_hash is null;--> statement-breakpoint
CREATE INDEX "tokens_by_index" ON "tokens" USING btree ("token_index");--> statement-breakpoint
CREATE INDEX "tokens_by_key" ON "tokens" USING btree ("sealed_with","bucket","id");--> statement-breakpoint
CREATE INDEX "inbox_by_key" ON "inbox" USING btree ("sealed_with","bucket","id");--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_saved_once" UNIQUE("bucket","token_index");