-- expands
ALTER TABLE "attempts" ADD COLUMN "action_closed_at" timestamp (3) with time zone;