import type { Context } from '../../context.ts';
import { whyNotPayable } from '../../domain/charges/charge.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { chargeOfCycle } from '../../infra/tables/subscriptions/cycles.ts';
import type { Offer, Offered } from './offer.ts';
import { offerSession } from './offer-session.ts';

/** The charge of cycle 0 that is still to be paid in the session in which the first method is saved; null: there is none. */
export async function chargeToPayFirst(ctx: Context, subscription: SubscriptionRow): Promise<ChargeRow | null> {
  if (subscription.status !== 'pending' || subscription.nextCycle === 0) return null;
  const charge = await chargeOfCycle(ctx.db, subscription, 0);
  return charge === null || whyNotPayable(charge.status)?.kind === 'over' ? null : charge;
}

/** Another session in which it is paid, its next attempt: the one that is open is closed first, so that nobody pays in two. */
export async function offerFirst(
  ctx: Context,
  charge: ChargeRow,
  offer: Omit<Offer, 'saves' | 'isNew'>,
): Promise<Offered> {
  return await offerSession(ctx, charge.id, { ...offer, saves: 'FORCED', isNew: true });
}
