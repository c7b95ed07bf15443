import pMap from 'p-map';
import type { AccountContext, Context } from '../../context.ts';
import type { SessionEnd } from '../../domain/methods/onboarding-moves.ts';
import { nextLook, type Sight, TOLD_AT_DOUBTS } from '../../domain/methods/session-looks.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { Session } from '../../infra/gateway/gateway.ts';
import { errorFacts } from '../../infra/logger.ts';
import { allAccounts } from '../../infra/tables/charging/accounts.ts';
import { reserve } from '../../infra/tables/control/pace.ts';
import {
  checkOnboardingLater,
  mayAskAboutSession,
  type Onboarding,
  type Purpose,
  reopenOnboarding,
  sessionsToCheck,
  takeOnboardings,
} from '../../infra/tables/methods/onboardings.ts';
import { backgroundPace } from '../control/background-pace.ts';
import { ofAccount, ofSubscription } from '../control/of-account.ts';
import { closeSession, outdatedBy } from './close-session.ts';
import { endOnboarding } from './end-onboarding.ts';
import { heeded, isThrottled, sessionInTurn } from './in-turn.ts';
import { linkToken } from './link-token.ts';

/** Look-ups at once; a session and its payment token, with the longest silence of both, take a minute. */
const AT_ONCE = 16;
/** For so long a session that was taken is nobody else's; whoever died with it leaves it to the next look then. */
const TAKEN_FOR = { minutes: 5 } as const;

/** What a look at a session told, and in words why it is not over. */
export type Looked = { readonly sight: Sight; readonly why: string };

/** What is done about the sessions of one purpose once Xendit was asked about them. */
export type Watch = {
  readonly purpose: Purpose;
  follow(ctx: Context, onboarding: Onboarding, session: Session, now: Temporal.Instant): Promise<void>;
  lookAgain(ctx: Context, onboarding: Onboarding, looked: Looked, now: Temporal.Instant): Promise<void>;
};

const saving: Watch = { purpose: 'saving', follow: followSession, lookAgain };

/** Looks at the sessions in which a method is saved. */
export async function checkOnboardings(ctx: Context): Promise<void> {
  await checkSessions(ctx, saving);
}

/**
 * Asks Xendit about open sessions: no webhook tells of a cancellation, and any webhook can be lost. Ends when the pace has no
 * turn left: what was not asked about is still due, and the next run begins with it.
 */
export async function checkSessions(ctx: Context, watch: Watch): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const accounts = await allAccounts(ctx.db);
    const asked = await Promise.all(accounts.map((account) => checkSome(ofAccount(ctx, account), watch, now)));
    if (!asked.includes(true)) return;
  }
}

/** As many sessions of one account as there are turns in its pace; false where none was asked about. */
async function checkSome(ctx: AccountContext, { purpose, ...watch }: Watch, now: Temporal.Instant): Promise<boolean> {
  const wanted = await sessionsToCheck(ctx.db, ctx.account, ctx.buckets, purpose, now, AT_ONCE);
  if (wanted === 0) return false;
  const { granted } = await reserve(ctx.db, ctx.account, 'sessions', backgroundPace(ctx), wanted);
  if (granted === 0) return false;
  const until = now.add(TAKEN_FOR);
  const taken = await takeOnboardings(ctx.db, ctx.account, ctx.buckets, purpose, now, granted, until);
  await pMap(taken, (onboarding) => checkSafely(ctx, { purpose, ...watch }, onboarding, now), { concurrency: AT_ONCE });
  return true;
}

/** One that cannot be worked with is told of and comes back later: it never blocks the others, nor the charges behind. */
async function checkSafely(
  ctx: AccountContext,
  watch: Watch,
  onboarding: Onboarding,
  now: Temporal.Instant,
): Promise<void> {
  try {
    await checkOne(ctx, watch, onboarding, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    if (onboarding.doubts === 0)
      ctx.log.error('session cannot be worked with', { session_id: onboarding.sessionId, ...errorFacts(error) });
    const why = 'An internal error kept it from being followed.';
    await watch.lookAgain(ctx, onboarding, { sight: 'nothing', why }, now);
  }
}

async function checkOne(
  ctx: AccountContext,
  watch: Watch,
  onboarding: Onboarding,
  now: Temporal.Instant,
): Promise<void> {
  const answer = await heeded(ctx, 'sessions', await ctx.gateway.session(onboarding.sessionId));
  if (answer.kind === 'ok') return await watch.follow(ctx, onboarding, answer.value, now);
  if (isThrottled(answer)) return;
  const said = answer.kind === 'refused' ? `${answer.status} ${answer.code}` : answer.detail;
  const sight = answer.kind === 'refused' && answer.status === 404 ? 'absent' : 'nothing';
  await watch.lookAgain(ctx, onboarding, { sight, why: `Xendit does not show the session (${said}).` }, now);
}

/**
 * A webhook says that this session has ended, and how. It may be forged or replayed, so what counts is what Xendit answers; and
 * however many webhooks say so, Xendit is asked once a minute.
 */
export async function askAboutSession(
  given: Context,
  onboarding: Onboarding,
  told: Session['status'],
  now: Temporal.Instant,
  follow: Watch['follow'] = followSession,
) {
  // One that was given up may be heard of after all, and one that had ended may have been completed: what was saved there is not lost.
  const isCompleted = told === 'completed' && onboarding.status !== 'completed';
  const isOver = onboarding.status !== 'active' && onboarding.why === null;
  if (isOver && !isCompleted) return { kind: 'processed', note: 'already known' } as const;
  const ctx = await ofSubscription(given, onboarding.subscriptionId);
  if (!(await mayAskAboutSession(ctx.db, onboarding, now)))
    return { kind: 'later', note: 'Xendit was asked about the session less than a minute ago' } as const;
  const answer = await sessionInTurn(ctx, onboarding.sessionId);
  if (answer.kind !== 'ok') return { kind: 'later', note: `Xendit did not say: ${answer.kind}` } as const;
  if (answer.value.status === 'active')
    return { kind: 'unconfirmed', note: 'the session is still active at Xendit' } as const;
  if (isOver && answer.value.status !== 'completed')
    return { kind: 'unconfirmed', note: `the session is ${answer.value.status} at Xendit` } as const;
  const open = onboarding.status === 'active' ? onboarding : await reopenOnboarding(ctx.db, onboarding, now);
  if (open !== null) await follow(ctx, open, answer.value, now);
  return { kind: 'processed', note: null } as const;
}

/** What Xendit says of a session. */
export async function followSession(
  ctx: Context,
  onboarding: Onboarding,
  session: Session,
  now: Temporal.Instant,
): Promise<void> {
  if (onboarding.status !== 'active') return;
  switch (session.status) {
    case 'active': {
      // What a crash, or a silence of Xendit's, left open when the link lost its use.
      const ended = (await outdatedBy(ctx, onboarding)) === null ? null : await closeSession(ctx, onboarding, now);
      if (ended !== null && ended.status !== 'active') return await followSession(ctx, onboarding, ended, now);
      return await lookAgain(ctx, onboarding, { sight: 'open', why: 'Xendit never closed the session.' }, now);
    }
    case 'expired':
    case 'canceled':
      return await endOnboarding(ctx, onboarding, { as: session.status, why: null }, now);
    case 'completed':
      return await followCompleted(ctx, onboarding, session, now);
  }
}

/** The customer has saved a method: it is linked, or it is said why it cannot be. */
async function followCompleted(
  ctx: Context,
  onboarding: Onboarding,
  session: Session,
  now: Temporal.Instant,
): Promise<void> {
  const completed = (why: string | null): SessionEnd => ({ as: 'completed', why });
  const linked = await linkToken(ctx, onboarding, session, now);
  switch (linked) {
    case 'linked':
    case 'throttled':
      return;
    // Another session saved the same token before, or we saw this one before its row was closed.
    case 'already':
      return await endOnboarding(ctx, onboarding, completed(null), now);
    case 'foreign': {
      ctx.log.error('session completed with a token that is not ours', { session_id: onboarding.sessionId });
      const why = 'The payment method that was saved there is another customer’s.';
      return await endOnboarding(ctx, onboarding, { as: 'canceled', why }, now);
    }
    case 'ended': {
      const why = 'The payment method that was saved there had ended at Xendit before it could be linked.';
      return await endOnboarding(ctx, onboarding, completed(why), now);
    }
    case 'absent':
    case 'not_yet': {
      const sight = linked === 'absent' ? 'absent' : 'nothing';
      const why = 'The customer completed it, but Xendit does not show the payment method that was saved there.';
      return await lookAgain(ctx, onboarding, { sight, why }, now, completed(why));
    }
  }
}

/** Plans the next look; a session that nobody says anything of is told of once, and given up in the end. */
async function lookAgain(
  ctx: Context,
  onboarding: Onboarding,
  { sight, why }: Looked,
  now: Temporal.Instant,
  end: SessionEnd = { as: 'expired', why },
): Promise<void> {
  const next = nextLook(onboarding, sight, now);
  if (next.kind === 'give_up') return await endOnboarding(ctx, onboarding, end, now);
  if (next.doubts === TOLD_AT_DOUBTS)
    ctx.log.warn('session is in doubt', { session_id: onboarding.sessionId, why, looks: next.doubts });
  await checkOnboardingLater(ctx.db, onboarding, next);
}
