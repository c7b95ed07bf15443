import type { Context } from '../../context.ts';
import type { Session } from '../../infra/gateway/gateway.ts';
import { errorFacts } from '../../infra/logger.ts';
import { isConnectionFault } from '../../infra/postgres/db.ts';
import {
  checkOnboardingLater,
  closeOnboarding,
  type Onboarding,
  onboardingsToCheck,
} from '../../infra/postgres/onboardings.ts';
import { closeSession, outdatedBy } from './close-session.ts';
import { linkToken } from './link-token.ts';

const BATCH = 50;

/** Asks Xendit about open sessions: no webhook tells of a cancellation, and any webhook can be lost. */
export async function checkOnboardings(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const open = await onboardingsToCheck(ctx.db, ctx.buckets, now, BATCH);
    for (const onboarding of open) await checkOrPutOff(ctx, onboarding, now);
    if (open.length < BATCH) return;
  }
}

/** One that cannot be worked with is told of and comes back later: it never blocks the others, nor the charges behind. */
async function checkOrPutOff(ctx: Context, onboarding: Onboarding, now: Temporal.Instant): Promise<void> {
  try {
    await checkOnboarding(ctx, onboarding, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('session cannot be worked with', { session_id: onboarding.sessionId, ...errorFacts(error) });
    await checkOnboardingLater(ctx.db, onboarding, nextCheck(onboarding, now));
  }
}

async function checkOnboarding(ctx: Context, onboarding: Onboarding, now: Temporal.Instant): Promise<void> {
  const answer = await ctx.gateway.session(onboarding.sessionId);
  const later = nextCheck(onboarding, now);
  if (answer.kind !== 'ok') {
    ctx.log.warn('session look-up was not answered', { session_id: onboarding.sessionId, why: answer.kind });
    return await checkOnboardingLater(ctx.db, onboarding, later);
  }
  await followSession(ctx, onboarding, answer.value, now, later);
}

/** A webhook says that this session has ended. It may be forged or replayed, so what counts is what Xendit answers. */
export async function askAboutSession(ctx: Context, onboarding: Onboarding, now: Temporal.Instant) {
  if (onboarding.status !== 'active') return { status: 'processed', note: 'already known' } as const;
  const answer = await ctx.gateway.session(onboarding.sessionId);
  if (answer.kind !== 'ok') return { status: 'later', note: `Xendit did not say: ${answer.kind}` } as const;
  if (answer.value.status === 'active')
    return { status: 'unconfirmed', note: 'the session is still active at Xendit' } as const;
  await followSession(ctx, onboarding, answer.value, now);
  return { status: 'processed', note: null } as const;
}

/** What Xendit says of a session. */
export async function followSession(
  ctx: Context,
  onboarding: Onboarding,
  session: Session,
  now: Temporal.Instant,
  later: Temporal.Instant = nextCheck(onboarding, now),
): Promise<void> {
  if (onboarding.status !== 'active') return;
  switch (session.status) {
    case 'active': {
      // What a crash, or a silence of Xendit's, left open when the link lost its use.
      const ended = (await outdatedBy(ctx, onboarding)) === null ? null : await closeSession(ctx, onboarding, now);
      if (ended !== null && ended.status !== 'active') return await followSession(ctx, onboarding, ended, now, later);
      return await checkOnboardingLater(ctx.db, onboarding, later);
    }
    case 'expired':
    case 'canceled':
      return await closeOnboarding(ctx.db, onboarding, session.status, now);
    case 'completed': {
      const linked = await linkToken(ctx, onboarding, session, now);
      if (linked === 'foreign') {
        ctx.log.error('session completed with a token that is not ours', { session_id: onboarding.sessionId });
        return await closeOnboarding(ctx.db, onboarding, 'canceled', now);
      }
      // Another session saved the same token before, or we saw this one before its row was closed.
      if (linked === 'already') await closeOnboarding(ctx.db, onboarding, 'completed', now);
      if (linked === 'not_yet') await checkOnboardingLater(ctx.db, onboarding, later);
    }
  }
}

/** Every five minutes while the link is good, then less and less often: Xendit closes a session in its own time. */
function nextCheck(onboarding: Pick<Onboarding, 'checks' | 'expiresAt'>, now: Temporal.Instant): Temporal.Instant {
  const expired = onboarding.expiresAt !== null && Temporal.Instant.compare(now, onboarding.expiresAt) >= 0;
  if (!expired) return now.add({ minutes: 5 });
  return now.add({ minutes: Math.min(5 * 2 ** Math.min(onboarding.checks, 9), 24 * 60) });
}
