import type { AccountContext } from '../../context.ts';
import { endsAction, isOpenAction } from '../../domain/charges/action.ts';
import { isFinal } from '../../domain/charges/outcome.ts';
import { attemptsOf } from '../../infra/tables/charges/attempts.ts';
import { paySessionOf } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { markActionClosed } from '../../infra/tables/charges/open-actions.ts';
import type { Onboarding } from '../../infra/tables/methods/onboardings.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import { closeRequest } from '../charges/look-up.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { closePaySession } from './close-pay-session.ts';
import type { Offer, Offered } from './offer.ts';

/** `moved`: what was in the way has ended, and the charge is to be read again. */
type Way = 'clear' | 'moved' | Exclude<Offered, { readonly kind: 'not_found' }>;

/**
 * What of earlier attempts stands in the way of a new session: a session that is open is offered again, or closed first where it
 * cannot be; what a customer may still authenticate is closed; what nobody knows the end of is waited for.
 */
export async function clearWay(
  ctx: AccountContext,
  { charge }: ChargeDossier,
  offer: Offer,
  now: Temporal.Instant,
): Promise<Way> {
  const attempts = await attemptsOf(ctx.db, charge.bucket, charge.id);
  const open = attempts.find(({ outcome }) => !isFinal(outcome));
  if (open !== undefined) return await pastSession(ctx, open, offer, now);
  for (const attempt of attempts.filter(isOpenAction)) {
    const way = await pastAction(ctx, attempt, now);
    if (way !== 'clear') return way;
  }
  return 'clear';
}

async function pastSession(ctx: AccountContext, open: AttemptRow, offer: Offer, now: Temporal.Instant): Promise<Way> {
  const session = open.via === 'session' ? await paySessionOf(ctx.db, open) : null;
  if (session?.status !== 'active') return { kind: 'now', why: whyInDoubt(open) };
  if (isFor(session, offer) && isStillOpen(open, now)) return { kind: 'open', session, sdkKey: null };
  if ((await closePaySession(ctx, session, now)) === 'closed') return 'moved';
  const why = 'the session that is open at Xendit could not be closed';
  return { kind: 'unavailable', why, retryAfterSeconds: null };
}

function whyInDoubt({ number, via, expiresAt }: AttemptRow): string {
  const until =
    via === 'session' && expiresAt !== null ? `, and is asked about once it has ended (${expiresAt.toString()})` : '';
  return `nobody knows yet whether attempt ${number} was paid${until}`;
}

/** A link is the same for everybody who has it; what opens a page of the product's own was told once. */
function isFor({ mode, paymentLinkUrl }: Onboarding, offer: Offer): boolean {
  return offer.isNew !== true && offer.mode === 'PAYMENT_LINK' && mode === 'PAYMENT_LINK' && paymentLinkUrl !== null;
}

function isStillOpen({ expiresAt }: AttemptRow, now: Temporal.Instant): boolean {
  return expiresAt !== null && Temporal.Instant.compare(now, expiresAt) < 0;
}

/** Its customer may still authenticate it, and both would collect. */
async function pastAction(ctx: AccountContext, attempt: AttemptRow, now: Temporal.Instant): Promise<Way> {
  const found = await closeRequest(ctx, attempt);
  if (found.kind === 'found' && found.outcome.kind === 'succeeded') {
    await settleAttempts(ctx, [{ attemptId: attempt.id, outcome: found.outcome }], now);
    return 'moved';
  }
  const isClosed =
    found.kind === 'absent' ||
    (found.kind === 'found' && found.outcome.kind === 'declined' && endsAction(found.outcome.code));
  if (isClosed) {
    await markActionClosed(ctx.db, attempt, now);
    return 'clear';
  }
  const why = `attempt ${attempt.number} may still be paid by its customer, and could not be closed at Xendit`;
  return { kind: 'unavailable', why, retryAfterSeconds: null };
}
