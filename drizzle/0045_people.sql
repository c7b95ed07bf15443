-- expands
CREATE TABLE "activity" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"kind" text NOT NULL,
	"address" text,
	"about" text,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"digest" text PRIMARY KEY NOT NULL,
	"credential" text NOT NULL,
	"credential_id" text NOT NULL,
	"who" text NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_why" text,
	CONSTRAINT "sessions_credential" CHECK ("sessions"."credential" in ('user', 'key', 'own_key', 'link')),
	CONSTRAINT "sessions_role" CHECK ("sessions"."role" in ('admin', 'product', 'finance')),
	CONSTRAINT "sessions_ended_for_a_reason" CHECK (("sessions"."ended_at" is null) = ("sessions"."ended_why" is null))
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"digest" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "sign_in_links_role" CHECK ("sign_in_links"."role" in ('admin', 'product', 'finance'))
);
--> statement-breakpoint
CREATE TABLE "sign_in_tries" (
	"subject" text PRIMARY KEY NOT NULL,
	"tries" integer NOT NULL,
	"tried_at" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"password" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	CONSTRAINT "users_one_per_name" UNIQUE("name"),
	CONSTRAINT "users_role" CHECK ("users"."role" in ('admin', 'product', 'finance'))
);
--> statement-breakpoint
CREATE INDEX "activity_by_time" ON "activity" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_credential" ON "sessions" USING btree ("credential","credential_id") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE TRIGGER activity_is_append_only BEFORE UPDATE OR DELETE ON activity FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
