-- expands
DROP INDEX "charges_open";--> statement-breakpoint
DROP INDEX "charges_waiting";--> statement-breakpoint
CREATE INDEX "charges_open" ON "charges" USING btree ("next_attempt_at") WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX "charges_waiting" ON "charges" USING btree ("waits_until") WHERE waits_until is not null;--> statement-breakpoint
-- Room on each page for the next version of its rows, so that one which changes no indexed column is written in its place.
ALTER TABLE "charges" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "subscriptions" SET (fillfactor = 70);
