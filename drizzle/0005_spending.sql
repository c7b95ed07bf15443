CREATE TABLE "spending" (
	"currency" text PRIMARY KEY NOT NULL,
	"day" date NOT NULL,
	"amount" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "spending_amount" CHECK ("spending"."amount" >= 0)
);
--> statement-breakpoint
ALTER TABLE "charges" ADD COLUMN "passes_limits" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "spent_on" date;--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "spent" jsonb;