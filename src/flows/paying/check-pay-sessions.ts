import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { takeOutdatedSessions } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import type { Onboarding } from '../../infra/tables/methods/onboardings.ts';
import { checkSessions } from '../onboarding/check-onboardings.ts';
import { closePaySession } from './close-pay-session.ts';
import { followPaySession, lookAgain } from './follow-pay-session.ts';

/** Closed at once: what is closed shares its allowance with what is opened for customers who wait. */
const AT_ONCE = 4;

/**
 * Closes the sessions in which nothing is left to pay, whoever paid, voided or forgave the charge; then asks about those whose end
 * may have been told by a webhook that was lost.
 */
export async function checkPaySessions(ctx: Context): Promise<void> {
  await closeOutdated(ctx);
  await checkSessions(ctx, { purpose: 'paying', follow: followPaySession, lookAgain });
}

async function closeOutdated(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const taken = await takeOutdatedSessions(ctx.db, ctx.buckets, now, AT_ONCE);
    if (taken.length === 0) return;
    await pMap(taken, (session) => closeSafely(ctx, session, now), { concurrency: AT_ONCE });
  }
}

/** One that cannot be closed is taken again a minute later, and holds up none of the others. */
async function closeSafely(ctx: Context, session: Onboarding, now: Temporal.Instant): Promise<void> {
  try {
    if ((await closePaySession(ctx, session, now)) === 'open')
      ctx.log.warn('session could not be closed', { session_id: session.sessionId });
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('session cannot be worked with', { session_id: session.sessionId, ...errorFacts(error) });
  }
}
