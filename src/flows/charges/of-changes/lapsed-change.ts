import type { Context } from '../../../context.ts';
import { voided } from '../../../domain/charges/moves.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { ChargeDossier } from '../../../infra/tables/charges/charges.ts';
import { changePaidBy } from '../../../infra/tables/subscriptions/terms.ts';
import { withVoided } from '../../change/after-void.ts';
import { record } from '../../change/record.ts';

/** An extra charge that is not paid, and with it the change that waited for it: the subscription is as it was. Null: it pays for no change. */
export async function lapsedChange(
  ctx: Context,
  dossier: ChargeDossier,
  why: string,
  now: Temporal.Instant,
): Promise<Change | null> {
  const { charge, subscription } = dossier;
  if ((await changePaidBy(ctx.db, charge)) === null) return null;
  const after = voided(charge, why, now);
  const entry = record(ctx.newId(charge.bucket), now, 'charge.voided', dossier, { why });
  const change = { seen: subscription, charges: [after], entries: [entry] };
  return await withVoided(ctx, dossier, change, [after], { at: now, actor: 'dueday' });
}
