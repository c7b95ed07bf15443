-- expands
CREATE TABLE "breakers" (
	"channel" text PRIMARY KEY NOT NULL,
	"state" text DEFAULT 'closed' NOT NULL,
	"since" timestamp (3) with time zone,
	"code" text,
	"why" text,
	"by" text,
	"probe_at" timestamp (3) with time zone,
	"probes" integer DEFAULT 0 NOT NULL,
	"room" integer DEFAULT 1 NOT NULL,
	"probe" uuid,
	"wakes" boolean DEFAULT false NOT NULL,
	"answers" jsonb DEFAULT '[]'::jsonb NOT NULL,
	CONSTRAINT "breakers_state" CHECK ("breakers"."state" in ('closed', 'open', 'half_open')),
	CONSTRAINT "breakers_open_has_reason" CHECK ("breakers"."state" = 'closed' or num_nulls("breakers"."since", "breakers"."code", "breakers"."why") = 0),
	CONSTRAINT "breakers_half_open_has_probe" CHECK (("breakers"."state" = 'half_open') = ("breakers"."probe" is not null))
);
--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN "waits_for" text;--> statement-breakpoint
ALTER TABLE "pace" ADD COLUMN "pauses" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "charges_waiting_for" ON "charges" USING btree ("waits_for","waits_until") WHERE waits_for is not null;