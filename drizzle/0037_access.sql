-- expands, statement by statement
-- Nullable columns write no row anew. Who is past due already has been since the last entry that says so.
ALTER TABLE "subscriptions" ADD COLUMN IF NOT EXISTS "past_due_since" timestamp (3) with time zone,
  ADD COLUMN IF NOT EXISTS "grace_until" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "subscriptions" s SET "past_due_since" = (SELECT max(l."at") FROM "ledger" l
    WHERE l."bucket" = s."bucket" AND l."subscription_id" = s."id" AND l."kind" = 'subscription.past_due')
  WHERE s."status" = 'past_due' AND s."past_due_since" IS NULL;
