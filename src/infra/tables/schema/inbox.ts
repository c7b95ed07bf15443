import { sql } from 'drizzle-orm';
import { check, index, integer, json, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.ts';
import { withId } from './heads.ts';

type InboxStatus = 'received' | 'processed' | 'ignored' | 'mismatched';

/** Webhooks as they came: stored once, answered, processed afterwards. */
export const inbox = pgTable(
  'inbox',
  {
    ...withId(),
    /** SHA-256 of event and data; Xendit's `created` changes with every delivery and is left out. */
    digest: text('digest').notNull(),
    webhookId: text('webhook_id'),
    event: text('event'),
    /** As it came, or one sealed text: it names payment tokens, and whose they are. */
    body: json('body').notNull(),
    /** The key that the body is sealed with; empty: it is stored as it is. */
    sealedWith: text('sealed_with').notNull().default(''),
    receivedAt: instant('received_at').notNull(),
    deliveries: integer('deliveries').notNull().default(1),
    status: text('status').$type<InboxStatus>().notNull(),
    nextTryAt: instant('next_try_at'),
    tries: integer('tries').notNull().default(0),
    note: text('note'),
    processedAt: instant('processed_at'),
    /** Since when its body is no longer kept; it is JSON's null then. */
    bodyDroppedAt: instant('body_dropped_at'),
  },
  (t) => [
    primaryKey({ name: 'inbox_pk', columns: [t.bucket, t.id] }),
    unique('inbox_stored_once').on(t.bucket, t.digest),
    index('inbox_by_key').on(t.sealedWith, t.bucket, t.id),
    index('inbox_kept').on(t.status, t.processedAt).where(sql`processed_at is not null and body_dropped_at is null`),
    index('inbox_open').on(t.nextTryAt).where(sql`status = 'received'`),
    check('inbox_status', sql`${t.status} in ('received', 'processed', 'ignored', 'mismatched')`),
    check('inbox_open_has_time', sql`(${t.status} = 'received') = (${t.nextTryAt} is not null)`),
  ],
);
