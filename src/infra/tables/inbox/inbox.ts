import { and, asc, eq, lte } from 'drizzle-orm';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { Place, Vault } from '../../vault/vault.ts';
import { inbox } from '../schema/inbox.ts';

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

/** `links`: what tells of a customer's link and payment method; `others`: of payments, and whatever else. */
export type Queue = 'links' | 'others';

const ofLinks = sql`coalesce(inbox.event, '') ~ '^payment_(session|token)[.]'`;

/** Webhooks that wait to be processed, oldest first. */
export async function waitingWebhooks(
  db: Database,
  buckets: readonly number[],
  queue: Queue,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly InboxRow[]> {
  return await db.drizzle
    .select()
    .from(inbox)
    .where(
      and(
        within('inbox', buckets),
        eq(inbox.status, 'received'),
        lte(inbox.nextTryAt, now),
        queue === 'links' ? ofLinks : sql`not (${ofLinks})`,
      ),
    )
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

/** Nobody could be asked about it yet: a little later, and not counted as a try. */
export async function delayWebhook(db: Database, row: InboxRow, at: Temporal.Instant, note: string): Promise<void> {
  await db.drizzle
    .update(inbox)
    .set({ nextTryAt: at, note })
    .where(and(eq(inbox.bucket, row.bucket), eq(inbox.id, row.id), eq(inbox.status, 'received')));
}

/** How long a body is kept after its webhook was dealt with. */
const KEPT_DAYS = { ignored: 1, processed: 30, mismatched: 90 } as const;

/**
 * Drops bodies of webhooks that were dealt with long ago: they are most of the inbox, and name payment tokens. The row stays,
 * so that the same webhook is still known when it comes again. Those that another process is dropping are left to it.
 * @returns how many, at most `limit`.
 */
export async function dropBodies(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<number> {
  const dealtWith = Object.entries(KEPT_DAYS).map(
    ([
      status,
      days,
    ]) => sql`select f.* from (select bucket, id from inbox where ${within('inbox', buckets)} and body_dropped_at is null
      and status = ${status} and processed_at <= ${now.subtract({ hours: days * 24 }).toString()}::timestamptz
      limit ${limit}::int for update skip locked) f`,
  );
  const rows = await db.run(sql`with old as materialized (${sql.join(dealtWith, ' union all ')} limit ${limit}::int)
    update inbox i set body = 'null', sealed_with = ${db.vault.sealsWith}, body_dropped_at = ${now.toString()}::timestamptz
    from old o where ${within('i', buckets)} and i.bucket = o.bucket and i.id = o.id returning i.id`);
  return rows.length;
}
