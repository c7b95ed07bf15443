ALTER TABLE "charges" ADD COLUMN "asked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "armed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "mode" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "fingerprint" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "system" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "database" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "tables" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "files" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "timeline" integer;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "ask_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "charging" ADD CONSTRAINT "charging_mode" CHECK ("charging"."mode" in ('sandbox', 'test', 'live'));--> statement-breakpoint
ALTER TABLE "charging" ADD CONSTRAINT "charging_is_armed_as_a_whole" CHECK (num_nulls("charging"."armed_at", "charging"."mode", "charging"."fingerprint", "charging"."system", "charging"."database", "charging"."tables", "charging"."timeline") in (0, 7));