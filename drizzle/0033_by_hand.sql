-- expands
-- A nullable column: no row is written anew.
ALTER TABLE "charges" ADD COLUMN "by_hand" jsonb;
