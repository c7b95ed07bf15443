-- expands
ALTER TABLE "attempts" ADD COLUMN "repeated_at" timestamp (3) with time zone;