import type { Context } from '../../context.ts';
import type { AttemptBook } from '../../infra/postgres/attempts.ts';
import { subscriptionBook } from '../../infra/postgres/subscriptions.ts';

/**
 * The token under which the customer saved the very same method again after an attempt had been claimed: what the attempt
 * says of its method it says of this one too. Null: nothing was saved since, or another method.
 */
export async function savedAgain(
  ctx: Context,
  { subscription, token }: AttemptBook,
): Promise<{ readonly id: string } | null> {
  if (subscription.tokenId === null || token === null || subscription.tokenId === token.id) return null;
  const now = (await subscriptionBook(ctx.db, subscription.bucket, subscription.id))?.token ?? null;
  return token.tokenId !== null && now?.tokenId === token.tokenId ? now : null;
}
