-- expands
CREATE TABLE "armings" (
	"number" integer PRIMARY KEY NOT NULL,
	"armed_at" timestamp (3) with time zone NOT NULL,
	"mode" text NOT NULL,
	"fingerprint" text NOT NULL,
	"system" text NOT NULL,
	"database" text NOT NULL,
	"tables" text NOT NULL,
	"files" text,
	"timeline" integer NOT NULL,
	"differences" text[] NOT NULL,
	"stopped_for" text,
	"asks_first" boolean NOT NULL,
	"reason" text,
	"actor" text NOT NULL,
	CONSTRAINT "armings_number" CHECK ("armings"."number" > 0),
	CONSTRAINT "armings_mode" CHECK ("armings"."mode" in ('sandbox', 'test', 'live'))
);
--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "arming" integer DEFAULT 0 NOT NULL;