-- expands
ALTER TABLE "inbox" ADD COLUMN "body_dropped_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "findings" ADD COLUMN "asked_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "inbox_kept" ON "inbox" USING btree ("status","processed_at") WHERE processed_at is not null and body_dropped_at is null;