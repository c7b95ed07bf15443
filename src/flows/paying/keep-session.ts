import type { Context } from '../../context.ts';
import type { Session } from '../../infra/gateway/gateway.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { paySessionOf } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import { type Onboarding, takeSessionNumber } from '../../infra/tables/methods/onboardings.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { dossiersOfAttempts } from '../charges/histories.ts';
import { sessionSettlement } from '../charges/session-settlement.ts';
import { mandateOn } from '../methods/mandate-on.ts';
import { sessionRow } from '../onboarding/session-row.ts';

/**
 * Writes down the session that an attempt has opened at Xendit: from now on its customer may pay there, and Xendit is asked about it.
 * Answers the session that the attempt has, whoever wrote it down.
 */
export async function keepSession(
  ctx: Context,
  attemptId: string,
  session: Session,
  mode: string,
): Promise<Onboarding | null> {
  return await untilApplied(
    async () => {
      const now = await ctx.clock.now();
      const [dossier] = await dossiersOfAttempts(ctx, [attemptId], now);
      if (dossier === undefined) return null;
      const known = await paySessionOf(ctx.db, dossier.attempt);
      if (known !== null) return known;
      const row = await rowOf(ctx, dossier, session, mode, now);
      const pending = { kind: 'pending', paymentRequestId: null, paymentId: null } as const;
      const isOpen = dossier.attempt.outcome === null || dossier.attempt.outcome === 'unknown';
      const settled = isOpen ? (await sessionSettlement(ctx, dossier, pending, now)).change : nothing(dossier);
      return (await isApplied(ctx, { ...settled, openedOnboardings: [row] })) ? row : LOST;
    },
    tooOften(`Attempt ${attemptId}`),
  );
}

/** It was settled before its session was heard of: there is only the session to write down. */
function nothing({ subscription }: AttemptDossier) {
  return { seen: subscription, entries: [] };
}

async function rowOf(
  ctx: Context,
  { attempt, subscription }: AttemptDossier,
  session: Session,
  mode: string,
  now: Temporal.Instant,
): Promise<Onboarding> {
  const of = {
    bucket: attempt.bucket,
    subscriptionId: subscription.id,
    number: await takeSessionNumber(ctx.db, attempt.bucket, subscription.id),
    referenceId: attempt.referenceId,
    mode,
    attemptId: attempt.id,
    mandate: await mandateOn(ctx, subscription, attempt.sentAt),
  };
  return sessionRow(of, { ...session, expiresAt: session.expiresAt ?? attempt.expiresAt }, now);
}
