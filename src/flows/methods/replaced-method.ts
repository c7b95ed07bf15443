import type { Context } from '../../context.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';

/**
 * True when the customer has saved a different method since this attempt was claimed: the decline was about the old one.
 * Saving the same card again does not count as different.
 */
export async function isReplaced(ctx: Context, { attempt, subscription, token }: AttemptDossier): Promise<boolean> {
  if (subscription.tokenId === null || subscription.tokenId === attempt.tokenId) return false;
  if (token?.tokenId == null) return true;
  const now = await subscriptionDossier(ctx.db, subscription.bucket, subscription.id);
  return now?.token?.tokenId !== token.tokenId;
}
