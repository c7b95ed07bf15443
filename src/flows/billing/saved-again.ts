import type { Context } from '../../context.ts';
import type { AttemptBook } from '../../infra/postgres/attempts.ts';
import { subscriptionBook } from '../../infra/postgres/subscriptions.ts';

/**
 * Whether the customer saved the very same method again after an attempt had been claimed: what the attempt says of its
 * method it says of that one too. False when nothing was saved since, or another method.
 */
export async function isSavedAgain(ctx: Context, { subscription, token }: AttemptBook): Promise<boolean> {
  if (subscription.tokenId === null || token?.tokenId == null || subscription.tokenId === token.id) return false;
  const now = await subscriptionBook(ctx.db, subscription.bucket, subscription.id);
  return now?.token?.tokenId === token.tokenId;
}
