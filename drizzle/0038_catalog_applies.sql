-- expands
CREATE TABLE "catalog_applies" (
	"number" integer PRIMARY KEY NOT NULL,
	"from_version" integer,
	"to_version" integer NOT NULL,
	"digest" text,
	"shown" jsonb,
	"actor" text NOT NULL,
	"reason" text,
	"applied_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "catalog_applies_number" CHECK ("catalog_applies"."number" > 0),
	CONSTRAINT "catalog_applies_changes" CHECK ("catalog_applies"."from_version" is distinct from "catalog_applies"."to_version"),
	CONSTRAINT "catalog_applies_shown_as_a_whole" CHECK (("catalog_applies"."digest" is null) = ("catalog_applies"."shown" is null))
);
--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "catalog_apply" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "charging" ADD COLUMN "catalog_since" timestamp (3) with time zone;--> statement-breakpoint
CREATE TRIGGER catalog_applies_are_append_only BEFORE UPDATE OR DELETE ON catalog_applies FOR EACH ROW EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
CREATE TRIGGER catalog_applies_are_not_truncated BEFORE TRUNCATE ON catalog_applies FOR EACH STATEMENT EXECUTE FUNCTION dueday_refuse();
--> statement-breakpoint
-- A database of before, whose daemons did not say which version they worked by, worked by the newest. One without subscriptions is empty.
UPDATE charging SET catalog_version = (SELECT max(version) FROM catalog_versions)
  WHERE catalog_version IS NULL AND EXISTS (SELECT FROM subscriptions);
--> statement-breakpoint
-- A dueday of before that starts beside this one puts its file in force: it keeps its place, and works by the version that is in force.
CREATE FUNCTION dueday_keep_catalog() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM catalog_applies WHERE number = new.catalog_apply AND to_version = new.catalog_version) THEN
    new.catalog_version := old.catalog_version;
  END IF;
  RETURN new;
END $$;
--> statement-breakpoint
CREATE TRIGGER charging_keeps_its_catalog BEFORE UPDATE OF catalog_version ON charging FOR EACH ROW
  WHEN (old.catalog_version IS NOT NULL AND new.catalog_version IS DISTINCT FROM old.catalog_version)
  EXECUTE FUNCTION dueday_keep_catalog();
