-- expands, statement by statement
-- A nullable column, which takes its lock for a moment.
ALTER TABLE "onboardings" ADD COLUMN IF NOT EXISTS "last_try" jsonb;