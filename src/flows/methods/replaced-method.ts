import type { Context } from '../../context.ts';
import type { AttemptBook } from '../../infra/tables/charges/attempts.ts';
import { subscriptionBook } from '../../infra/tables/subscriptions/subscriptions.ts';

/**
 * Whether the customer saved another method after an attempt had been claimed, of which its decline says nothing. The very
 * same one, saved again, is no other: what the attempt says of it holds.
 */
export async function isReplaced(ctx: Context, { attempt, subscription, token }: AttemptBook): Promise<boolean> {
  if (subscription.tokenId === null || subscription.tokenId === attempt.tokenId) return false;
  if (token?.tokenId == null) return true;
  const now = await subscriptionBook(ctx.db, subscription.bucket, subscription.id);
  return now?.token?.tokenId !== token.tokenId;
}
