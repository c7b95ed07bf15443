import pMap from 'p-map';
import type { Context } from '../../../context.ts';
import { endsAction } from '../../../domain/charges/action.ts';
import { heldAfterTries } from '../../../domain/charges/moves.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { pauseAfter } from '../../../domain/declines/pauses.ts';
import { isConnectionFault } from '../../../infra/database/db.ts';
import { errorFacts } from '../../../infra/logger.ts';
import { type ChargeDossier, chargeDossier, postponeCharge } from '../../../infra/tables/charges/charges.ts';
import {
  markActionClosed,
  type OpenAction,
  takeOpenActions,
  takeWaitingActions,
} from '../../../infra/tables/charges/open-actions.ts';
import { applyEach, decideEach } from '../../change/apply-each.ts';
import { windowEndOf } from '../../change/policies.ts';
import { record } from '../../change/record.ts';
import { closeRequest } from '../../charges/look-up.ts';
import { mayCharge } from '../../control/may-charge.ts';
import { ofAccount } from '../../control/of-account.ts';
import { settleAttempts } from '../settle-attempts.ts';

/** Few at once: closing shares its allowance with the rescue, and whoever comes next waits for the slowest of them. */
const AT_ONCE = 4;
/** In minutes, between two tries to close the same action. */
const PAUSES = { first: 5, longest: 60 } as const;

/**
 * Closes at Xendit what the customer of an earlier attempt may still pay, before its charge is tried again: both would
 * collect. Charges that wait for it are not claimed; no other charge waits for them, for this is a job of its own.
 * @returns whether some of them may be tried now; whoever charges is woken after each batch of such.
 */
export async function closeActions(ctx: Context): Promise<boolean> {
  let freed = false;
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    // A copy that may not charge closes nothing either: the action may be another's.
    if ((await mayCharge(ofAccount(ctx, OWN_ACCOUNT))).kind === 'no') return freed;
    const taken = await takeOpenActions(ctx.db, ctx.buckets, now, AT_ONCE, now.add(pauseAfter(0, PAUSES)));
    if (taken.length === 0) return freed;
    const closed = await pMap(taken, (action) => closeSafely(ctx, action, now), { concurrency: AT_ONCE });
    if (!closed.includes(true)) continue;
    freed = true;
    ctx.wake();
  }
  return freed;
}

/** Closes a few of those that wait for a stopped channel, where each of them has an open action and none could be tried. */
export async function closeWaitingActions(ctx: Context, channel: string): Promise<void> {
  const now = await ctx.clock.now();
  const taken = await takeWaitingActions(ctx.db, ctx.buckets, channel, now, AT_ONCE);
  await pMap(taken, (action) => closeSafely(ctx, action, now), { concurrency: AT_ONCE });
}

/** One that cannot be worked with comes back when its pause is over, and holds up none of the others. */
async function closeSafely(ctx: Context, action: OpenAction, now: Temporal.Instant): Promise<boolean> {
  try {
    return await closeOne(ctx, action, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('action cannot be closed', { charge_id: action.chargeId, ...errorFacts(error) });
    return false;
  }
}

/**
 * Whether the charge may be tried. If the customer was faster, the attempt is settled, and the charge needs no other; if
 * nobody knows whether it is closed, the charge is put off, and held for a person once its window is over.
 */
async function closeOne(ctx: Context, action: OpenAction, taken: Temporal.Instant): Promise<boolean> {
  const found = await closeRequest(ofAccount(ctx, action.account), action);
  const now = await ctx.clock.now();
  if (found.kind === 'found' && found.outcome.kind === 'succeeded') {
    await settleAttempts(ctx, [{ attemptId: action.id, outcome: found.outcome }], now);
    return false;
  }
  const isClosed =
    found.kind === 'absent' ||
    (found.kind === 'found' && found.outcome.kind === 'declined' && endsAction(found.outcome.code));
  if (isClosed) await markActionClosed(ctx.db, action, now);
  const dossier = await chargeDossier(ctx.db, action.bucket, action.chargeId);
  if (dossier === null || !dossier.charge.nextAttemptAt?.equals(taken.add(pauseAfter(0, PAUSES)))) return false;
  if (isClosed) {
    const due = { nextAttemptAt: now, waitsUntil: null, note: dossier.charge.note ?? '' };
    return await postponeCharge(ctx.db, dossier.charge, due);
  }
  const why = found.kind === 'unanswered' ? `Xendit did not answer: ${found.detail}` : 'it is open there';
  await putOff(ctx, dossier, action, why, now);
  return false;
}

async function putOff(
  ctx: Context,
  dossier: ChargeDossier,
  { number, asks }: OpenAction,
  why: string,
  now: Temporal.Instant,
): Promise<void> {
  const { charge } = dossier;
  const note = `Attempt ${number} may still be paid by its customer, and could not be closed at Xendit yet (${why}).`;
  if (asks === 1) ctx.log.warn('attempt could not be closed', { charge_id: charge.id, attempt: number, why });
  if (await holdOnceOver(ctx, dossier, note, now)) return;
  await postponeCharge(ctx.db, charge, {
    nextAttemptAt: now.add(pauseAfter(asks - 1, PAUSES)),
    waitsUntil: null,
    note,
  });
}

/**
 * What cannot be closed until the window is over is nothing to wait for: without a person the charge would stay due for
 * ever. False before that, and for one whose window cannot be told or that lost a race.
 */
export async function holdOnceOver(
  ctx: Context,
  dossier: ChargeDossier,
  text: string,
  now: Temporal.Instant,
): Promise<boolean> {
  const { charge, subscription } = dossier;
  const { decided } = await decideEach(ctx, [dossier], async () => await windowEndOf(ctx, dossier));
  if (!decided.some((end) => Temporal.Instant.compare(now, end) >= 0)) return false;
  const charges = [heldAfterTries(charge, 'unknown_outcome', text)];
  const entries = [record(ctx.newId(charge.bucket), now, 'charge.held', dossier, { why: text })];
  const { done } = await applyEach(ctx, [{ seen: subscription, charges, entries }]);
  const way_out = 'close it at Xendit, then release the charge (dueday charges release), or void it';
  if (done.size > 0) ctx.log.warn('charge held for a person', { charge_id: charge.id, why: text, way_out });
  return done.size > 0;
}
