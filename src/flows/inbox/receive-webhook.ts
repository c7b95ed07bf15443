import type { Context } from '../../context.ts';
import { bucketOf, readReference } from '../../domain/charges/attempt.ts';
import { bucketOfName, sha256 } from '../../infra/ids.ts';
import { rarely } from '../../infra/rarely.ts';
import { storeWebhook } from '../../infra/tables/inbox/inbox.ts';

export type Delivery = {
  /** The body as it came, already known to be JSON, and the same parsed. */
  readonly raw: string;
  readonly body: unknown;
  readonly webhookId: string | null;
};

/**
 * Stores a webhook once and lets it be processed afterwards: Xendit is answered as soon as this commits, whatever the
 * webhook turns out to say.
 */
export async function receiveWebhook(ctx: Context, delivery: Delivery): Promise<'new' | 'known'> {
  const now = await ctx.clock.now();
  const digest = digestOf(delivery.body);
  const bucket = bucketFor(delivery.body, digest);
  const event = text(field(delivery.body, 'event'));
  ctx.failpoint?.('before-webhook-insert');
  const isNew = await storeWebhook(
    ctx.db,
    { bucket, id: ctx.newId(bucket), digest, webhookId: delivery.webhookId, event, body: delivery.raw },
    now,
  );
  ctx.failpoint?.('after-webhook-insert');
  rarely(ctx.log).say('info', 'webhook received', 'webhook received', { webhook: event ?? 'none', known: !isNew });
  if (isNew) ctx.wake();
  return isNew ? 'new' : 'known';
}

/** `created` is the time of the delivery, and `api_version` of its sender: neither makes another webhook (docs/xendit.md 3.1). */
function digestOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return sha256(JSON.stringify(body));
  const told = Object.entries(body).filter(([key]) => key !== 'created' && key !== 'api_version');
  return sha256(JSON.stringify(told.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** A webhook about something of ours belongs to that subscription's bucket; any other to the bucket of its digest. */
function bucketFor(body: unknown, digest: string): number {
  const reference = readReference(text(field(field(body, 'data'), 'reference_id')));
  return reference === null ? bucketOfName(digest) : bucketOf(reference.subscriptionId);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Postgres' text knows no NUL; the body is kept as it came. */
function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 200).replaceAll('\0', '') : null;
}
