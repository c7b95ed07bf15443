import pMap from 'p-map';
import type { Context } from '../../../context.ts';
import { endsAction } from '../../../domain/charges/action.ts';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { pauseAfter } from '../../../domain/declines/pauses.ts';
import { isConnectionFault } from '../../../infra/database/db.ts';
import type { LookUp } from '../../../infra/gateway/gateway.ts';
import { errorFacts } from '../../../infra/logger.ts';
import { chargeDossier, postponeCharge } from '../../../infra/tables/charges/charges.ts';
import { type OpenAction, takeEndedActions } from '../../../infra/tables/charges/open-actions.ts';
import { closeRequest } from '../../charges/look-up.ts';
import { mayCharge } from '../../control/may-charge.ts';
import { ofAccount } from '../../control/of-account.ts';
import { settleAttempts } from '../settle-attempts.ts';
import { holdOnceOver } from './close-actions.ts';

/** Few at once: closing shares its allowance with the rescue, and whoever comes next waits for the slowest of them. */
const AT_ONCE = 4;
/** In minutes, between two looks at the same action. */
const PAUSES = { first: 5, longest: 60 } as const;

/**
 * Charges whose customer was to confirm a payment go on once its provider keeps it open no longer, whether a webhook told of that or
 * not. It is closed at Xendit first, so that nobody pays it beside what follows.
 */
export async function endActions(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    // A copy that may not charge closes nothing either: the action may be another's.
    if ((await mayCharge(ofAccount(ctx, OWN_ACCOUNT))).kind === 'no') return;
    const taken = await takeEndedActions(ctx.db, ctx.buckets, now, AT_ONCE, now.add(pauseAfter(0, PAUSES)));
    if (taken.length === 0) return;
    await pMap(taken, (action) => endSafely(ctx, action), { concurrency: AT_ONCE });
    ctx.wake();
  }
}

/** One that cannot be worked with comes back when its pause is over, and holds up none of the others. */
async function endSafely(ctx: Context, action: OpenAction): Promise<void> {
  try {
    await endOne(ctx, action);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('action cannot be ended', { charge_id: action.chargeId, ...errorFacts(error) });
  }
}

async function endOne(ctx: Context, action: OpenAction): Promise<void> {
  const found = await closeRequest(ofAccount(ctx, action.account), action);
  const now = await ctx.clock.now();
  const outcome = endOf(found);
  if (outcome !== null) return await settleAttempts(ctx, [{ attemptId: action.id, outcome }], now);
  const why = found.kind === 'unanswered' ? `Xendit did not answer: ${found.detail}` : 'it is open there';
  const note = `Attempt ${action.number} may still be paid by its customer, and could not be closed at Xendit yet (${why}).`;
  const dossier = await chargeDossier(ctx.db, action.bucket, action.chargeId);
  if (dossier === null || (await holdOnceOver(ctx, dossier, note, now))) return;
  const waitsUntil = now.add(pauseAfter(action.asks - 1, PAUSES));
  await postponeCharge(ctx.db, dossier.charge, { nextAttemptAt: dossier.charge.nextAttemptAt, waitsUntil, note });
}

/** How it ended; null: it has not, or nobody knows. One that was closed here was confirmed by nobody. */
function endOf(found: LookUp): Outcome | null {
  if (found.kind === 'absent') return nobodyConfirmed;
  if (found.kind !== 'found') return null;
  const { outcome } = found;
  if (outcome.kind === 'succeeded') return outcome;
  if (outcome.kind !== 'declined' || !endsAction(outcome.code)) return null;
  return outcome.code === CANCELED ? { ...outcome, code: EXPIRED } : outcome;
}

const CANCELED = 'PAYMENT_REQUEST_CANCELED';
const EXPIRED = 'PAYMENT_REQUEST_EXPIRED';

const nobodyConfirmed: Outcome = {
  kind: 'declined',
  code: EXPIRED,
  paymentRequestId: null,
  paymentId: null,
  networkCode: null,
  adviceCode: null,
  actionUrl: null,
};
