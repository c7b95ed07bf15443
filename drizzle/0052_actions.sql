-- expands, statement by statement
-- A nullable column, which takes its lock for a moment.
ALTER TABLE "attempts" ADD COLUMN IF NOT EXISTS "actions" jsonb;