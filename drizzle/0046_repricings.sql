-- expands
CREATE TABLE "repricing_items" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"repricing" integer NOT NULL,
	"state" text NOT NULL,
	"why" text,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "repricing_items_pk" PRIMARY KEY("bucket","subscription_id","repricing"),
	CONSTRAINT "repricing_items_state" CHECK ("repricing_items"."state" in ('waiting', 'done', 'skipped', 'refused', 'failed')),
	CONSTRAINT "repricing_items_decided" CHECK (("repricing_items"."state" = 'waiting') = ("repricing_items"."decided_at" is null and "repricing_items"."why" is null))
);
--> statement-breakpoint
CREATE TABLE "repricings" (
	"number" integer PRIMARY KEY NOT NULL,
	"plan" text NOT NULL,
	"to_version" integer NOT NULL,
	"filter" jsonb NOT NULL,
	"most" integer,
	"state" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	"drafted_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "repricings_number" CHECK ("repricings"."number" > 0),
	CONSTRAINT "repricings_state" CHECK ("repricings"."state" in ('running', 'stopped', 'done')),
	CONSTRAINT "repricings_done_has_end" CHECK (("repricings"."state" = 'done') = ("repricings"."ended_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "repricing" jsonb;--> statement-breakpoint
ALTER TABLE "repricing_items" ADD CONSTRAINT "repricing_items_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "repricing_items_by_state" ON "repricing_items" USING btree ("repricing","state");--> statement-breakpoint
CREATE UNIQUE INDEX "repricings_one_running" ON "repricings" USING btree ("plan") WHERE state = 'running';