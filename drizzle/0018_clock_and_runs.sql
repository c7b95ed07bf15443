-- expands
CREATE TABLE "clock_watch" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"newest" timestamp (3) with time zone,
	"back_from" timestamp (3) with time zone,
	"back_to" timestamp (3) with time zone,
	CONSTRAINT "clock_watch_is_one_row" CHECK ("clock_watch"."id" = 1),
	CONSTRAINT "clock_watch_goes_back" CHECK (("clock_watch"."back_from" is null) = ("clock_watch"."back_to" is null) and "clock_watch"."back_to" < "clock_watch"."back_from")
);
--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN "claim_faults" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "run" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "run_since" timestamp (3) with time zone;--> statement-breakpoint
INSERT INTO clock_watch (id) VALUES (1);
