import type { Context } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { decideAfterSession } from '../../domain/dunning/after-session.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { chargeOf } from '../change/policies.ts';
import { forItsChange } from './of-changes/for-its-change.ts';
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
  return { decision, change: isLeft ? { ...change, charges: [] } : change };
}
