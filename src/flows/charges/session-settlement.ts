import type { Context } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { decideAfterSession } from '../../domain/dunning/after-session.ts';
import { reopened } from '../../domain/methods/onboarding-moves.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { paySessionOf } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import type { OnboardingRow } from '../../infra/tables/schema/method-columns.ts';
import { chargeOf } from '../change/policies.ts';
import { mandateOn } from '../methods/mandate-on.ts';
import { forItsChange } from './of-changes/for-its-change.ts';
import { withUnheardSession } from './of-cycle-zero/begin-unsaved.ts';
import { settlementOf } from './settlement-of.ts';

/**
 * What an outcome of a session changes: its customer paid the charge by hand, or did not. No method of ours was tried, so no rule
 * of dunning is about it, and no limit counts it.
 */
export async function sessionSettlement(
  ctx: Context,
  dossier: AttemptDossier,
  outcome: Outcome,
  now: Temporal.Instant,
): Promise<{ readonly decision: Decision; readonly change: Change }> {
  const { attempt, charge } = dossier;
  const offered = { charge: chargeOf(charge), attempt, endsAt: attempt.expiresAt ?? attempt.sentAt, now };
  const { decision, made } = await forItsChange(ctx, dossier, outcome, decideAfterSession(outcome, offered), now);
  const change = await settlementOf(ctx, dossier, outcome, decision, now, made);
  // A charge that goes on as it was planned is not written: it may have been put off meanwhile.
  const isLeft = decision.kind === 'ask_gateway' || decision.kind === 'nothing';
  const settled = { ...change, ...(isLeft && { charges: [] }) };
  if (outcome.kind !== 'succeeded') return { decision, change: settled };
  const row = await paySessionOf(ctx.db, attempt);
  const isUnheard = row === null && dossier.subscription.status === 'pending' && decision.kind === 'paid';
  if (isUnheard) {
    const mandate = await mandateOn(ctx, dossier.subscription, attempt.sentAt);
    return { decision, change: await withUnheardSession(ctx, settled, dossier, mandate, now) };
  }
  return { decision, change: { ...settled, onboardings: askedAgain(row, now) } };
}

/**
 * The session of a payment that had ended for us is asked about again: it alone tells what method was kept, and whoever found the payment,
 * as Xendit's list does, may have heard nothing of methods.
 */
function askedAgain(row: OnboardingRow | null, now: Temporal.Instant): readonly OnboardingRow[] {
  return row?.status === 'expired' || row?.status === 'canceled' ? [{ ...row, ...reopened(row, now) }] : [];
}
