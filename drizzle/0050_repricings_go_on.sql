-- expands
ALTER TABLE "repricings" ADD COLUMN "resumed_at" timestamp (3) with time zone;