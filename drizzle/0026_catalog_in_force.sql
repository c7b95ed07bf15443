-- expands
ALTER TABLE "charging" ADD COLUMN "catalog_version" integer;