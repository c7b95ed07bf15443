import type { Context } from '../../context.ts';
import { heldAfterTries } from '../../domain/charges/moves.ts';
import type { HoldReason } from '../../domain/declines/decision.ts';
import type { Admission } from '../../domain/dunning/admission.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type ChargeDossier, postponeCharge } from '../../infra/tables/charges/charges.ts';
import { applyEach } from '../change/apply-each.ts';
import { record } from '../change/record.ts';
import { awaitCustomer } from './await-customer.ts';

/**
 * A charge whose dunning window ended while a try of it was still to be made: the daemon, Xendit or a rule stood in the
 * way, not the customer, so a person decides instead of the policy. Nothing is tried outside of the window.
 */
export async function holdAfterWindow(
  ctx: Context,
  dossier: ChargeDossier,
  end: Temporal.Instant,
  now: Temporal.Instant,
): Promise<void> {
  const { charge, subscription } = dossier;
  const reason: HoldReason = charge.throttles > 0 ? 'throttled' : 'window_over';
  const cause = charge.note === null ? '' : ` Until then: ${charge.note}`;
  const text = `Its window ended on ${end.toString()} before it could be tried${charge.attempts > 0 ? ' again' : ''}.${cause}`;
  const change: Change = {
    seen: subscription,
    charges: [heldAfterTries(charge, reason, text)],
    entries: [record(ctx.newId(charge.bucket), now, 'charge.held', dossier, { why: text })],
  };
  const { done } = await applyEach(ctx, [change]);
  const way_out = 'look at it, then release it (dueday charges release), which begins its window anew, or void it';
  if (done.size > 0) ctx.log.warn('charge held for a person', { charge_id: charge.id, why: text, way_out });
}

/**
 * Put off until a rule allows it, but not beyond the window. What keeps this card from being tried in all of it keeps no
 * other from being: then the customer is waited for. Anything else is looked at once more when the window ends.
 */
export async function postponeWithin(
  ctx: Context,
  dossier: ChargeDossier,
  { at, by, why }: Extract<Admission, { kind: 'postpone' }>,
  end: Temporal.Instant,
  now: Temporal.Instant,
): Promise<void> {
  const isWithin = Temporal.Instant.compare(at, end) <= 0;
  if (!isWithin && by === 'network') return await awaitCustomer(ctx, dossier, why, now);
  if (!isWithin && Temporal.Instant.compare(now, end) >= 0) return await holdAfterWindow(ctx, dossier, end, now);
  const nextAttemptAt = isWithin ? at : end;
  await postponeCharge(ctx.db, dossier.charge, { nextAttemptAt, waitsUntil: null, note: why });
}
