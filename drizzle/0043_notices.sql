-- expands
CREATE TABLE "notices" (
	"bucket" smallint NOT NULL,
	"subscription_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL,
	"channel" text NOT NULL,
	"evidence" text,
	"actor" text NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "notices_pk" PRIMARY KEY("bucket","subscription_id","kind","subject"),
	CONSTRAINT "notices_kind" CHECK ("notices"."kind" in ('price_change'))
);
--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_of_subscription" FOREIGN KEY ("bucket","subscription_id") REFERENCES "public"."subscriptions"("bucket","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE TRIGGER notices_are_only_added BEFORE UPDATE OR DELETE ON notices FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
