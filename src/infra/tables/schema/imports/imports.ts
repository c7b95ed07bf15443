import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { type ImportState, importStates, type RowState, rowStates } from '../../../../domain/imports/import-states.ts';
import type { FoundMethod } from '../../../../domain/imports/imported-method.ts';
import { instant } from '../../../database/columns.ts';
import { inBucket, isOneOf } from '../heads.ts';

/** A file of subscribers of another biller. What stands in it is read from it again, so that none of it is kept here. */
export const imports = pgTable(
  'imports',
  {
    /** SHA-256 of the file: the same file again is the same import, and goes on where it was. */
    digest: text('digest').primaryKey(),
    file: text('file').notNull(),
    rows: integer('rows').notNull(),
    state: text('state').$type<ImportState>().notNull(),
    actor: text('actor').notNull(),
    startedAt: instant('started_at').notNull(),
    /** When the last of its subscriptions was created. */
    createdAt: instant('created_at'),
  },
  (t) => [
    check('imports_state', isOneOf(t.state, importStates)),
    check('imports_rows', sql`${t.rows} > 0`),
    check('imports_created_has_time', sql`(${t.state} = 'created') = (${t.createdAt} is not null)`),
  ],
);

/** A line of such a file, and how far it has come. */
export const importRows = pgTable(
  'import_rows',
  {
    ...inBucket(),
    importId: text('import_id').notNull(),
    line: integer('line').notNull(),
    referenceId: text('reference_id').notNull(),
    /** The cycle that the file says is next. */
    cycle: integer('cycle').notNull(),
    state: text('state').$type<RowState>().notNull(),
    /** By what its payment token is found that stands in the file alone; null once its method is among the others. */
    tokenIndex: text('token_index'),
    /** What Xendit said of that token; null: nothing yet, or its method is among the others. */
    method: jsonb('method').$type<FoundMethod>(),
    subscriptionId: uuid('subscription_id'),
    /** What keeps it from being created or switched. */
    why: text('why'),
    /** When it was last looked at: at Xendit, or whether it can be switched. */
    lookedAt: instant('looked_at'),
  },
  (t) => [
    primaryKey({ name: 'import_rows_pk', columns: [t.bucket, t.importId, t.line] }),
    index('import_rows_by_line').on(t.importId, t.line),
    index('import_rows_waiting').on(t.importId, t.line).where(sql`state = 'created'`),
    index('import_rows_by_token').on(t.tokenIndex).where(sql`method is not null`),
    check('import_rows_state', isOneOf(t.state, rowStates)),
    check('import_rows_line', sql`${t.line} > 1 and ${t.cycle} >= 0`),
    check('import_rows_good_has_method', sql`${t.state} <> 'good' or ${t.method} is not null`),
    check(
      'import_rows_created_has_subscription',
      sql`${t.state} not in ('created', 'switched') or ${t.subscriptionId} is not null`,
    ),
  ],
);
