-- expands
ALTER TABLE "subscriptions" ADD COLUMN "session_number" integer DEFAULT 1 NOT NULL;