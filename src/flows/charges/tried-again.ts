import type { Context } from '../../context.ts';
import { noLongerAsked } from '../../domain/charges/charge.ts';
import { unparked } from '../../domain/charges/waits.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { reopenedWindow } from '../change/policies.ts';

/**
 * A charge that is tried at once, because a person or its customer did something about it. A window that is over begins anew,
 * since nothing is tried outside of one.
 */
export async function triedAgain(
  ctx: Context,
  dossier: { readonly charge: ChargeRow; readonly subscription: SubscriptionRow },
  now: Temporal.Instant,
): Promise<ChargeRow> {
  const { charge } = dossier;
  const window = await reopenedWindow(ctx, dossier, now);
  return { ...unparked(charge, now), ...window, byHand: noLongerAsked(charge.byHand) };
}
