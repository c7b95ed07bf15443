-- expands
CREATE TABLE "disarmings" (
	"number" integer PRIMARY KEY NOT NULL,
	"disarmed_at" timestamp (3) with time zone NOT NULL,
	"channel" text,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "disarmings_number" CHECK ("disarmings"."number" > 0)
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"request" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"holder" uuid NOT NULL,
	"status" smallint,
	"answer" text,
	CONSTRAINT "idempotency_keys_pk" PRIMARY KEY("caller","key"),
	CONSTRAINT "idempotency_keys_answered_as_a_whole" CHECK (("idempotency_keys"."status" is null) = ("idempotency_keys"."answer" is null))
);
--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "stopped_by" text;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "disarming" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "idempotency_keys_by_age" ON "idempotency_keys" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "charges_held" ON "charges" USING btree ("hold_reason") WHERE hold_reason is not null;--> statement-breakpoint
ALTER TABLE "charging" ADD CONSTRAINT "charging_stopped_by_somebody" CHECK ("charging"."stopped_by" is null or "charging"."stopped_at" is not null);