import { sql } from 'drizzle-orm';
import { check, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../../database/columns.ts';

/** The newest run of a job in one process: one that fails is repeated, and ends when it has come to its end. */
export type JobRun = {
  readonly job: string;
  /** When it ended, real time as ISO text. */
  readonly at: string;
  readonly ms: number;
};

/** The processes that work on this database: each writes its row once a minute. Real time, whatever the billing clock says. */
export const replicas = pgTable('replicas', {
  id: uuid('id').primaryKey(),
  /** The machine, and its process there. */
  name: text('name').notNull(),
  startedAt: instant('started_at').notNull(),
  seenAt: instant('seen_at').notNull(),
  runs: jsonb('runs').$type<readonly JobRun[]>().notNull(),
});

/** How charging kept up, a row a minute for a day and an hour; whichever process comes first writes it. */
export const pulse = pgTable(
  'pulse',
  {
    minute: instant('minute').primaryKey(),
    /** For how long the oldest charge that might be attempted was in line. */
    lateSeconds: integer('late_seconds').notNull(),
    /** Attempts that were sent in the minute before, by the billing clock. */
    sent: integer('sent').notNull(),
  },
  (t) => [check('pulse_counts', sql`${t.lateSeconds} >= 0 and ${t.sent} >= 0`)],
);
