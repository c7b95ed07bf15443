import type { Context } from '../../context.ts';
import type { Session } from '../../infra/gateway/gateway.ts';
import { closeOnboarding, type Onboarding } from '../../infra/tables/methods/onboardings.ts';
import { onboardingsOf, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { ofSubscription } from '../control/of-account.ts';
import { cancelInTurn, sessionInTurn } from './in-turn.ts';

/**
 * Why the link of an open session leads nowhere any more, if it does not: a newer one was handed out, or its subscription
 * is canceled and would never be charged with what is saved there.
 */
export async function outdatedBy(ctx: Context, session: Onboarding): Promise<'newer_link' | 'cancellation' | null> {
  const { bucket, subscriptionId } = session;
  const dossier = await subscriptionDossier(ctx.db, bucket, subscriptionId);
  if (dossier?.subscription.status === 'canceled') return 'cancellation';
  const [newest] = await onboardingsOf(ctx.db, bucket, subscriptionId);
  return newest !== undefined && newest.number > session.number ? 'newer_link' : null;
}

/**
 * Cancels an open session at Xendit, of which no webhook tells.
 * @returns what Xendit says of it when it had ended in another way before; null when nothing is left to be followed now.
 */
export async function closeSession(
  given: Context,
  session: Onboarding,
  now: Temporal.Instant,
): Promise<Session | null> {
  const ctx = await ofSubscription(given, session.subscriptionId);
  const answer = await cancelInTurn(ctx, session.sessionId);
  if (answer.kind === 'ok' && answer.value.status === 'canceled') {
    await closeOnboarding(ctx.db, session, { as: 'canceled', why: null }, now);
    return null;
  }
  // 422: it is not open. Its customer may have been faster, and what they saved is theirs to be charged with.
  const isOver = answer.kind === 'refused' && answer.status === 422;
  const said = isOver ? await sessionInTurn(ctx, session.sessionId) : answer;
  if (said.kind === 'ok' && said.value.status !== 'active') return said.value;
  const why = said.kind === 'ok' ? 'it is open there' : said.kind;
  ctx.log.warn('session could not be canceled', { session_id: session.sessionId, why });
  return null;
}
