import type { Context } from '../../../context.ts';
import { held } from '../../../domain/charges/moves.ts';
import type { ChargeDossier } from '../../../infra/tables/charges/charges.ts';
import { applyEach } from '../../change/apply-each.ts';
import { record } from '../../change/record.ts';

export const DISPUTED = 'A payment of its customer is disputed: nothing is charged until a person decides.';

/** A charge of a subscription that is stopped by a dispute is left to a person, whatever brought it to its turn. */
export async function holdDisputed(ctx: Context, dossier: ChargeDossier, now: Temporal.Instant): Promise<void> {
  const { charge, subscription } = dossier;
  const entry = record(ctx.newId(charge.bucket), now, 'charge.held', dossier, {
    why: DISPUTED,
    outcome: subscription.stoppedBy,
  });
  const charges = [held(charge, 'disputed', DISPUTED)];
  const { done } = await applyEach(ctx, [{ seen: subscription, charges, entries: [entry] }]);
  if (done.size > 0) ctx.log.warn('charge held for a person', { charge_id: charge.id, why: DISPUTED });
}
