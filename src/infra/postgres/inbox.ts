import { and, asc, eq, lte, sql } from 'drizzle-orm';
import type { Place, Vault } from '../vault/vault.ts';
import { inBuckets } from './buckets.ts';
import type { Database } from './db.ts';
import { inbox } from './schema/inbox.ts';

export type InboxRow = typeof inbox.$inferSelect;
export type Received = Pick<InboxRow, 'bucket' | 'id' | 'digest' | 'webhookId' | 'event'> & { readonly body: string };

const placeOfBody = (id: string): Place => ({ table: 'inbox', id, column: 'body' });

/** Stores a webhook once; a second delivery of the same is only counted. True when it is new. */
export async function storeWebhook(db: Database, received: Received, now: Temporal.Instant): Promise<boolean> {
  const body = sealedBody(db.vault, received.id, received.body);
  const [row] = await db.run<{ deliveries: number }>(sql`insert into inbox
      (bucket, id, digest, webhook_id, event, body, sealed_with, received_at, status, next_try_at)
    values (${received.bucket}::smallint, ${received.id}::uuid, ${received.digest}, ${received.webhookId}, ${received.event},
      ${body}::json, ${db.vault.sealsWith}, ${now.toString()}::timestamptz, 'received', ${now.toString()}::timestamptz)
    on conflict (bucket, digest) do update set deliveries = inbox.deliveries + 1
    returning deliveries`);
  return row?.deliveries === 1;
}

/** A body as it is stored: its own text, or one sealed one, which is JSON too. */
export function sealedBody(vault: Vault, id: string, body: string): string {
  return vault.sealsWith === '' ? body : JSON.stringify(vault.seal(placeOfBody(id), body));
}

/** The text of a sealed body; null when no key opens it. */
export function openedBody(vault: Vault, id: string, body: unknown): string | null {
  return typeof body === 'string' ? vault.open(placeOfBody(id), body) : null;
}

/** What a stored webhook said. Throws when no key opens it. */
export function bodyOf(vault: Vault, { id, body, sealedWith }: Pick<InboxRow, 'id' | 'body' | 'sealedWith'>): unknown {
  if (sealedWith === '') return body;
  const clear = openedBody(vault, id, body);
  if (clear === null) throw new Error('No key of DUEDAY_TOKEN_KEYS opens this webhook.');
  return JSON.parse(clear) as unknown;
}

/** Webhooks that wait to be processed, oldest first. */
export async function waitingWebhooks(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly InboxRow[]> {
  return await db.drizzle
    .select()
    .from(inbox)
    .where(and(inBuckets(inbox.bucket, buckets), eq(inbox.status, 'received'), lte(inbox.nextTryAt, now)))
    .orderBy(asc(inbox.nextTryAt), asc(inbox.receivedAt))
    .limit(limit);
}

/** Says what became of a webhook; only of one that still waits. */
export async function closeWebhook(
  db: Database,
  row: Pick<InboxRow, 'bucket' | 'id'>,
  status: 'processed' | 'ignored' | 'mismatched',
  note: string | null,
  now: Temporal.Instant,
): Promise<void> {
  await db.drizzle
    .update(inbox)
    .set({ status, note, processedAt: now, nextTryAt: null })
    .where(and(eq(inbox.bucket, row.bucket), eq(inbox.id, row.id), eq(inbox.status, 'received')));
}

/** It could not be processed now: again later, with what went wrong. */
export async function retryWebhook(db: Database, row: InboxRow, at: Temporal.Instant, note: string): Promise<void> {
  await db.drizzle
    .update(inbox)
    .set({ nextTryAt: at, tries: row.tries + 1, note })
    .where(and(eq(inbox.bucket, row.bucket), eq(inbox.id, row.id), eq(inbox.status, 'received')));
}
