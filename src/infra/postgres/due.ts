import { and, lte, type SQL, sql } from 'drizzle-orm';
import { inBuckets } from './buckets.ts';
import { charges } from './schema/charges.ts';

/**
 * Waiting for an attempt whose time has come. Only a due charge has such a time (charges_only_due_is_scheduled): said
 * again, the planner takes it for a second, narrow condition, and reads and sorts all that is due for each look.
 */
export const isDue = (buckets: readonly number[], now: Temporal.Instant) =>
  and(inBuckets(charges.bucket, buckets), lte(charges.nextAttemptAt, now));

/** An attempt of it may have been lost with its row, and Xendit has not said since that it knows none. */
export const isToAsk = (askSince: Temporal.Instant): SQL =>
  sql`(${charges.dueAt} <= ${askSince.toString()}::timestamptz
    and (${charges.askedAt} is null or ${charges.askedAt} < ${askSince.toString()}::timestamptz)
    and exists (select from subscriptions s where s.bucket = ${charges.bucket} and s.id = ${charges.subscriptionId}
      and s.token_id is not null))`;
