-- expands
CREATE TABLE "import_rows" (
	"bucket" smallint NOT NULL,
	"import_id" text NOT NULL,
	"line" integer NOT NULL,
	"reference_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"state" text NOT NULL,
	"token_index" text,
	"method" jsonb,
	"subscription_id" uuid,
	"why" text,
	"looked_at" timestamp (3) with time zone,
	CONSTRAINT "import_rows_pk" PRIMARY KEY("bucket","import_id","line"),
	CONSTRAINT "import_rows_state" CHECK ("import_rows"."state" in ('unknown', 'good', 'refused', 'created', 'switched', 'left')),
	CONSTRAINT "import_rows_line" CHECK ("import_rows"."line" > 1 and "import_rows"."cycle" >= 0),
	CONSTRAINT "import_rows_good_has_method" CHECK ("import_rows"."state" <> 'good' or "import_rows"."method" is not null),
	CONSTRAINT "import_rows_created_has_subscription" CHECK ("import_rows"."state" not in ('created', 'switched') or "import_rows"."subscription_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"digest" text PRIMARY KEY NOT NULL,
	"file" text NOT NULL,
	"rows" integer NOT NULL,
	"state" text NOT NULL,
	"actor" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone,
	CONSTRAINT "imports_state" CHECK ("imports"."state" in ('checking', 'refused', 'checked', 'creating', 'created')),
	CONSTRAINT "imports_rows" CHECK ("imports"."rows" > 0),
	CONSTRAINT "imports_created_has_time" CHECK (("imports"."state" = 'created') = ("imports"."created_at" is not null))
);
--> statement-breakpoint
CREATE INDEX "import_rows_by_line" ON "import_rows" USING btree ("import_id","line");--> statement-breakpoint
CREATE INDEX "import_rows_waiting" ON "import_rows" USING btree ("import_id","line") WHERE state = 'created';--> statement-breakpoint
CREATE INDEX "import_rows_by_token" ON "import_rows" USING btree ("token_index") WHERE method is not null;