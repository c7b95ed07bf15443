import type { Context } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { SessionEnd } from '../../domain/methods/onboarding-moves.ts';
import { nextLook, TOLD_AT_DOUBTS } from '../../domain/methods/session-looks.ts';
import type { PaymentIds, Session } from '../../infra/gateway/gateway.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { paySessionOf } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import {
  checkOnboardingLater,
  closeOnboarding,
  type Onboarding,
  reopenOnboarding,
} from '../../infra/tables/methods/onboardings.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import { dossiersOfAttempts } from '../charges/histories.ts';
import { lookUpAside } from '../charges/look-up.ts';
import { beginUnsaved } from '../charges/of-cycle-zero/begin-unsaved.ts';
import { ofAccount } from '../control/of-account.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { askAboutSession, type Looked } from '../onboarding/check-onboardings.ts';
import { endOnboarding } from '../onboarding/end-onboarding.ts';
import { linkToken } from '../onboarding/link-token.ts';
import { recordSecond } from './second-payment.ts';

/** What a session that ended unpaid says of its attempt. */
export function unpaid(code: 'SESSION_EXPIRED' | 'SESSION_CANCELED' | 'SESSION_NOT_OPENED', detail: string): Outcome {
  return { kind: 'refused', scope: 'charge', code, detail, retryAfterSeconds: null };
}

const ENDS = {
  expired: unpaid('SESSION_EXPIRED', 'it expired'),
  canceled: unpaid('SESSION_CANCELED', 'it was canceled'),
} as const;

/** What Xendit says of a session in which a charge is to be paid. Safe to repeat: the attempt is settled first, its row closed last. */
export async function followPaySession(
  ctx: Context,
  row: Onboarding,
  session: Session,
  now: Temporal.Instant,
): Promise<void> {
  if (row.status !== 'active') return;
  const [dossier] = await dossiersOfAttempts(ctx, [row.attemptId ?? ''], now);
  if (dossier === undefined)
    return await lookAgain(ctx, row, { sight: 'nothing', why: 'The rows that it belongs to are gone.' }, now);
  switch (session.status) {
    case 'active':
      return await lookAgain(ctx, row, { sight: 'open', why: 'Xendit never closed the session.' }, now);
    case 'expired':
    case 'canceled':
      await settleAttempts(ctx, [{ attemptId: dossier.attempt.id, outcome: ENDS[session.status] }], now);
      await beginUnsaved(ctx, row, now);
      await closeOnboarding(ctx.db, row, { as: session.status, why: null }, now);
      ctx.wake();
      return;
    case 'completed': {
      if (await isPaid(ctx, dossier, session.paid ?? null, now)) return await keepMethod(ctx, row, session, now);
      const why = 'The customer completed it, but Xendit does not show the payment.';
      return await lookAgain(ctx, row, { sight: 'nothing', why }, now);
    }
  }
}

/** A webhook tells that such a session has ended; what counts is what Xendit answers. */
export async function askAboutPaySession(
  ctx: Context,
  row: Onboarding,
  told: Session['status'],
  now: Temporal.Instant,
) {
  return await askAboutSession(ctx, row, told, now, followPaySession);
}

/** The charge was paid in a session that had ended for us: it is asked about again, since it alone tells what method was kept. */
export async function askWhatWasKept(ctx: Context, attempt: AttemptRow, now: Temporal.Instant): Promise<void> {
  const row = await paySessionOf(ctx.db, attempt);
  if (row?.status === 'expired' || row?.status === 'canceled') await reopenOnboarding(ctx.db, row, now);
}

/** Whether the money is there: the session names the payment, and the payment says of itself that it is this attempt's. */
async function isPaid(
  ctx: Context,
  dossier: AttemptDossier,
  paid: PaymentIds | null,
  now: Temporal.Instant,
): Promise<boolean> {
  const { attempt } = dossier;
  const isKnown = attempt.outcome === 'succeeded';
  const isOther = paid?.paymentId != null && attempt.paymentId !== null && paid.paymentId !== attempt.paymentId;
  if (isKnown && !isOther) return true;
  if (paid?.paymentRequestId == null) return false;
  const own = ofAccount(ctx, dossier.charge.account);
  const found = await lookUpAside(own, attempt, paid.paymentRequestId);
  if (found.kind !== 'found' || found.outcome.kind !== 'succeeded') return isKnown;
  if (isKnown) await recordSecond(ctx, dossier, found.outcome);
  else await settleAttempts(ctx, [{ attemptId: attempt.id, outcome: found.outcome }], now);
  return true;
}

/** The method that was kept, if one was, is the subscription's from now on, under its plan's mandate. */
async function keepMethod(ctx: Context, row: Onboarding, session: Session, now: Temporal.Instant): Promise<void> {
  if (session.tokenId === null) return await closeUnsaved(ctx, row, { as: 'completed', why: null }, now);
  const linked = await linkToken(ctx, row, session, now);
  switch (linked) {
    case 'linked':
    case 'throttled':
      return;
    case 'already':
      return await closeUnsaved(ctx, row, { as: 'completed', why: null }, now);
    case 'foreign':
    case 'ended':
    case 'absent':
    case 'not_yet': {
      const why = 'The charge was paid, but the payment method that was to be kept with it cannot be linked.';
      const isOver = linked === 'foreign' || linked === 'ended';
      if (isOver) {
        await beginUnsaved(ctx, row, now);
        return await endOnboarding(ctx, row, { as: 'completed', why }, now);
      }
      return await lookAgain(ctx, row, { sight: linked === 'absent' ? 'absent' : 'nothing', why }, now);
    }
  }
}

/** A session that links no method: what was paid in it begins before its row is closed, so that nobody who dies in between leaves it waiting. */
async function closeUnsaved(ctx: Context, row: Onboarding, end: SessionEnd, now: Temporal.Instant): Promise<void> {
  await beginUnsaved(ctx, row, now);
  await closeOnboarding(ctx.db, row, end, now);
}

/**
 * Plans the next look. One that nobody says anything of is given up in the end: whether it was paid is then left to the attempt,
 * which is asked about by its reference.
 */
export async function lookAgain(
  ctx: Context,
  row: Onboarding,
  { sight, why }: Looked,
  now: Temporal.Instant,
): Promise<void> {
  const next = nextLook(row, sight, now);
  if (next.kind === 'give_up') return await closeUnsaved(ctx, row, { as: 'expired', why }, now);
  if (next.doubts === TOLD_AT_DOUBTS)
    ctx.log.warn('session is in doubt', { session_id: row.sessionId, why, looks: next.doubts });
  await checkOnboardingLater(ctx.db, row, next);
}
