import type { Context } from '../../context.ts';
import { cardTermsOf, type ReturnUrls } from '../../domain/catalog/plan.ts';
import { returnAddressLengthFault } from '../../domain/catalog/web-address.ts';
import { placeOf } from '../../domain/charges/attempt.ts';
import type { Mandate } from '../../domain/methods/mandate.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { ChargingToken } from '../../infra/tables/methods/sealed-tokens.ts';

/** A payment token that was opened. */
export type OpenToken = ChargingToken & { readonly tokenId: string };

/**
 * The exact request of an attempt, in the gateway's words. What it says of cards is what the catalog in force says, whatever
 * version the charge came from: who mends what Xendit refuses mends it for every charge that is still to be made.
 */
export function requestFor(
  ctx: Context,
  { charge, subscription }: ChargeDossier,
  token: OpenToken,
  referenceId: string,
): string {
  return ctx.gateway.describe({
    referenceId,
    tokenId: token.tokenId,
    channelCode: token.channelCode,
    country: token.country ?? subscription.country,
    amount: { minor: charge.amount, currency: charge.currency },
    mandate: mandateOf(token),
    returnUrls: returnUrlsFor(ctx, subscription),
    cards: cardTermsOf(ctx.catalog.current, subscription.plan),
    description: `${subscription.plan}, ${charge.periodStart.toString()} to ${charge.periodEnd.toString()}`,
    metadata: { subscription_id: subscription.id, charge_id: charge.id, cycle: placeOf(charge) },
  });
}

/**
 * The subscription's own, unless it was made before their length was looked at: Xendit would refuse every charge with them,
 * so those of the plan take their place, or none at all.
 */
function returnUrlsFor(ctx: Context, subscription: ChargeDossier['subscription']): ReturnUrls | null {
  const own = { success: subscription.successReturnUrl, cancel: subscription.cancelReturnUrl };
  const ofPlan = ctx.catalog.current.plans.get(subscription.plan)?.returnUrls ?? null;
  return [own, ofPlan].find((urls) => urls !== null && fitsCharges(urls)) ?? null;
}

function fitsCharges({ success, cancel }: ReturnUrls): boolean {
  return returnAddressLengthFault(success) === null && returnAddressLengthFault(cancel) === null;
}

export function mandateOf(token: ChargingToken): Mandate {
  return {
    cardOnFileType: token.savedFor,
    recurringFrequency: token.recurringFrequency,
    recurringExpiry: token.recurringExpiry,
  };
}
