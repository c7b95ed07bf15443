import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { onboardingsOf } from '../../infra/tables/subscriptions/subscriptions.ts';
import { followSession } from './check-onboardings.ts';
import { closeSession, outdatedBy } from './close-session.ts';

/**
 * Closes the links of a subscription that lead nowhere any more, at Xendit and here. What is not closed (Xendit did not
 * answer, the process died) is found and closed when its session is asked about next.
 */
export async function closeOutdated(ctx: Context, subscriptionId: string): Promise<void> {
  const now = await ctx.clock.now();
  const sessions = await onboardingsOf(ctx.db, bucketOf(subscriptionId), subscriptionId);
  for (const session of sessions.filter(({ status }) => status === 'active')) {
    const why = await outdatedBy(ctx, session);
    const ended = why === null ? null : await closeSession(ctx, session, now);
    // Nothing of a canceled one is charged: what was saved there is learned when it is asked about next.
    if (ended !== null && why === 'newer_link') await followSession(ctx, session, ended, now);
  }
}
