import type { Context } from '../../context.ts';
import { attemptNamed } from '../../domain/charges/attempt.ts';
import type { Session } from '../../infra/gateway/gateway.ts';
import { attemptByReference } from '../../infra/tables/charges/attempts.ts';
import { ofSubscription } from '../control/of-account.ts';
import { isThrottled, sessionInTurn } from '../onboarding/in-turn.ts';
import { followPaySession } from './follow-pay-session.ts';
import { keepSession } from './keep-session.ts';

/**
 * A webhook tells of a session that nobody here has heard of. Where its reference is that of an attempt whose answer was lost, and
 * Xendit says the same of it, it is that attempt's; any other is none of ours.
 */
export async function adoptSession(given: Context, told: Session, now: Temporal.Instant) {
  const foreign = { kind: 'ignored', note: 'the session is none of ours' } as const;
  const named = attemptNamed(told.referenceId);
  if (named?.isOfSession !== true) return foreign;
  const attempt = await attemptByReference(given.db, named.bucket, named.referenceId);
  // A first charge is stored once its session is open: whoever died in between left a session whose link nobody had.
  if (attempt === null && told.status !== 'completed')
    return { kind: 'ignored', note: 'the session ended, and its link was told to nobody' } as const;
  if (attempt?.via !== 'session')
    return { kind: 'mismatched', note: 'the reference looks like ours, but we made no such attempt' } as const;
  const ctx = await ofSubscription(given, named.subscriptionId);
  const answer = await sessionInTurn(ctx, told.sessionId);
  if (answer.kind === 'refused' && !isThrottled(answer))
    return { kind: 'unconfirmed', note: `Xendit does not show the session (${answer.status})` } as const;
  if (answer.kind !== 'ok') return { kind: 'later', note: `Xendit did not say: ${answer.kind}` } as const;
  const { referenceId } = answer.value;
  if (referenceId !== attempt.referenceId)
    return { kind: 'mismatched', note: 'Xendit knows the session under another reference' } as const;
  const session = await keepSession(ctx, attempt.id, answer.value, 'PAYMENT_LINK');
  if (session !== null) await followPaySession(ctx, session, answer.value, now);
  return { kind: 'processed', note: null } as const;
}
