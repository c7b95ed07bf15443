import type { Context } from '../../../context.ts';
import { heldAfterTries } from '../../../domain/charges/moves.ts';
import { type ChargeDossier, holdUnwritten, postponeCharge } from '../../../infra/tables/charges/charges.ts';
import { applyEach } from '../../change/apply-each.ts';
import { record } from '../../change/record.ts';

/** A charge that could not be claimed so often, an hour apart, is not mended by waiting: after a day a person decides. */
const MOST_FAULTS = 24;
const AGAIN_AFTER = { hours: 1 } as const;

/** A charge that cannot be claimed, for whatever cause: looked at again in an hour, and held with its reason after a day of that. */
export async function putBrokenOff(
  ctx: Context,
  dossier: ChargeDossier,
  now: Temporal.Instant,
  note: string,
): Promise<void> {
  const { charge } = dossier;
  const claimFaults = charge.claimFaults + 1;
  if (claimFaults >= MOST_FAULTS) return await holdBroken(ctx, dossier, note, now);
  await postponeCharge(ctx.db, charge, { nextAttemptAt: now.add(AGAIN_AFTER), waitsUntil: null, note, claimFaults });
}

/** Where not even its hold can be written into the ledger, the row alone says so: it would be due for ever otherwise. */
async function holdBroken(ctx: Context, dossier: ChargeDossier, text: string, now: Temporal.Instant): Promise<void> {
  const { charge, subscription } = dossier;
  const charges = [heldAfterTries(charge, 'broken', text)];
  const entries = [record(ctx.newId(charge.bucket), now, 'charge.held', dossier, { why: text })];
  const { broken } = await applyEach(ctx, [{ seen: subscription, charges, entries }]);
  if (broken.size > 0) await holdUnwritten(ctx.db, charge, text);
  const way_out = 'mend what the log says of it, then release it (dueday charges release), or void it';
  ctx.log.error('charge held for a person', { charge_id: charge.id, why: text, way_out });
}
