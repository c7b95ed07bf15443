import type { Context } from '../../context.ts';
import { cardTermsOf, channelsOf } from '../../domain/catalog/plan.ts';
import { placeOf } from '../../domain/charges/attempt.ts';
import { isOver } from '../../domain/subscriptions/subscription.ts';
import type { PaySessionRequest } from '../../infra/gateway/gateway.ts';
import type { NewCharge } from '../../infra/tables/schema/change-columns.ts';
import type { NewSubscription } from '../../infra/tables/subscriptions/new-subscription.ts';
import { mandateOn, planNamed } from '../methods/mandate-on.ts';
import { endOfLink } from '../onboarding/end-of-link.ts';
import type { Offer } from './offer.ts';

/** A charge that is to be paid in a session, and its subscription; both may be new. */
type ToPay = {
  readonly charge: Pick<
    NewCharge,
    'id' | 'cycle' | 'extra' | 'periodStart' | 'periodEnd' | 'amount' | 'currency' | 'catalogVersion' | 'plan'
  >;
  readonly subscription: NewSubscription['subscription'];
};

type Asked = Pick<PaySessionRequest, 'referenceId' | 'customer'> & { readonly offer: Offer };

/** All that Xendit is told of a session in which a charge is paid. */
export async function paySessionRequest(
  ctx: Context,
  { charge, subscription }: ToPay,
  { offer, customer, referenceId }: Asked,
  now: Temporal.Instant,
): Promise<PaySessionRequest> {
  const catalog = ctx.catalog.current;
  // What a change is paid with is of the plan that it leads to.
  const plan = await planNamed(ctx, charge);
  const period = `${charge.periodStart.toString()} to ${charge.periodEnd.toString()}`;
  const { allowedChannels, successReturnUrl: success, cancelReturnUrl: cancel } = subscription;
  const own = allowedChannels ?? channelsOf(catalog, subscription.plan, subscription.country);
  return {
    referenceId,
    mode: offer.mode,
    origins: offer.origins,
    country: subscription.country,
    amount: { minor: charge.amount, currency: charge.currency },
    customer,
    // Nothing of one that is over is charged again.
    saves: isOver(subscription.status) ? 'DISABLED' : offer.saves,
    mandate: await mandateOn(ctx, subscription, now),
    returnUrls: offer.asked?.returnUrls ?? { success, cancel },
    allowedChannels: offer.asked?.allowedChannels ?? own,
    cards: cardTermsOf(catalog, subscription.plan),
    locale: offer.asked?.locale ?? subscription.locale,
    expiresAt: await endOfLink(ctx, offer.minutes, now),
    item: { reference: charge.plan, name: plan.name },
    description: offer.asked?.description ?? `${plan.name}, ${period}`,
    metadata: { subscription_id: subscription.id, charge_id: charge.id, cycle: placeOf(charge) },
  };
}
