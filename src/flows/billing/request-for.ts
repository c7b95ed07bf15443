import type { Context } from '../../context.ts';
import type { Mandate } from '../../domain/mandate.ts';
import type { Currency } from '../../domain/money.ts';
import { cardTermsOf } from '../../domain/plan.ts';
import type { ChargeBook } from '../../infra/postgres/charges.ts';
import type { ChargingToken } from '../../infra/postgres/sealed-tokens.ts';

/** A payment token that was opened. */
export type OpenToken = ChargingToken & { readonly tokenId: string };

/**
 * The exact request of an attempt, in the gateway's words. What it says of cards is what the catalog in force says, whatever
 * version the charge came from: who mends what Xendit refuses mends it for every charge that is still to be made.
 */
export function requestFor(
  ctx: Context,
  { charge, subscription }: ChargeBook,
  token: OpenToken,
  referenceId: string,
): string {
  return ctx.gateway.describe({
    referenceId,
    tokenId: token.tokenId,
    channelCode: token.channelCode,
    country: token.country ?? subscription.country,
    amount: { minor: charge.amount, currency: charge.currency as Currency },
    mandate: mandateOf(token),
    returnUrls: { success: subscription.successReturnUrl, cancel: subscription.cancelReturnUrl },
    cards: cardTermsOf(ctx.catalog.current, subscription.plan),
    description: `${subscription.plan}, ${charge.periodStart.toString()} to ${charge.periodEnd.toString()}`,
    metadata: { subscription_id: subscription.id, charge_id: charge.id, cycle: String(charge.cycle) },
  });
}

export function mandateOf(token: ChargingToken): Mandate {
  return {
    cardOnFileType: 'RECURRING',
    recurringFrequency: token.recurringFrequency,
    recurringExpiry: token.recurringExpiry,
  };
}
