import type { Context } from '../../context.ts';
import { isFinal } from '../../domain/charges/outcome.ts';
import type { Onboarding } from '../../infra/tables/methods/onboardings.ts';
import { dossiersOfAttempts } from '../charges/histories.ts';
import { ofSubscription } from '../control/of-account.ts';
import { cancelInTurn, sessionInTurn } from '../onboarding/in-turn.ts';
import { followPaySession } from './follow-pay-session.ts';

/**
 * Cancels a session at Xendit, of which no webhook tells, and follows what it ended as: its customer may have been faster.
 * @returns `open`: nobody knows whether it is closed, or what was paid in it.
 */
export async function closePaySession(
  given: Context,
  session: Onboarding,
  now: Temporal.Instant,
): Promise<'closed' | 'open'> {
  const ctx = await ofSubscription(given, session.subscriptionId);
  const answer = await cancelInTurn(ctx, session.sessionId);
  // 422: it is not open any more.
  const isOver = answer.kind === 'refused' && answer.status === 422;
  const said = isOver ? await sessionInTurn(ctx, session.sessionId) : answer;
  if (said.kind !== 'ok' || said.value.status === 'active') return 'open';
  await followPaySession(ctx, session, said.value, now);
  const [dossier] = await dossiersOfAttempts(ctx, [session.attemptId ?? ''], now);
  return dossier !== undefined && isFinal(dossier.attempt.outcome) ? 'closed' : 'open';
}
