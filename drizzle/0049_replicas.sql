-- expands
CREATE TABLE "pulse" (
	"minute" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"late_seconds" integer NOT NULL,
	"sent" integer NOT NULL,
	CONSTRAINT "pulse_counts" CHECK ("pulse"."late_seconds" >= 0 and "pulse"."sent" >= 0)
);
--> statement-breakpoint
CREATE TABLE "replicas" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"runs" jsonb NOT NULL
);
