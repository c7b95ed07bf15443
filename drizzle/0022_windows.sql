-- expands
ALTER TABLE "charges" ADD COLUMN "throttles" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN "window_from" timestamp (3) with time zone;