-- expands
ALTER TABLE "breakers" DROP COLUMN "wakes";