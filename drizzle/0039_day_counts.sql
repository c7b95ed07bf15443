-- expands
-- Null where nobody has armed since: then all of the day is in its count, as before.
ALTER TABLE "spending" ADD COLUMN "counted_from" timestamp (3) with time zone;