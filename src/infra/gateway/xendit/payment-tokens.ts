import type { PaymentToken } from '../../../xendit/resources/payment-tokens.ts';
import type { Xendit } from '../../../xendit/xendit.ts';
import type { Answer, Token } from '../gateway.ts';
import { answerAs } from './answers.ts';
import { echoOf } from './statuses.ts';

const STATUSES = {
  ACTIVE: 'active',
  PENDING: 'pending',
  REQUIRES_ACTION: 'pending',
  FAILED: 'failed',
  EXPIRED: 'expired',
  CANCELED: 'canceled',
} as const;

export function tokenStatus(said: PaymentToken['status']): Token['status'] {
  return STATUSES[said];
}

/** A token's channel, state and masked details. */
export async function readToken(xendit: Xendit, tokenId: string): Promise<Answer<Token>> {
  return answerAs(await xendit.paymentTokens.get(tokenId), tokenOf);
}

function tokenOf(said: PaymentToken): Token {
  const card = said.channel_properties?.card_details ?? null;
  // The last four are all of a card's number that may leave this file.
  const lastFour = card?.masked_card_number?.slice(-4);
  return {
    tokenId: said.payment_token_id,
    referenceId: said.reference_id,
    customerId: said.customer_id,
    channelCode: said.channel_code,
    country: said.country,
    currency: said.currency,
    status: tokenStatus(said.status),
    label: lastFour === undefined ? null : `•••• ${lastFour}`,
    network: card?.network ?? null,
    fingerprint: card?.fingerprint ?? null,
    expiryMonth: card?.expiry_month ?? null,
    expiryYear: card?.expiry_year ?? null,
    ...(said.status === 'FAILED' && { failureCode: said.failure_code }),
    // Documented answers do not repeat it: only one that does says something.
    ...(said.channel_properties?.card_on_file_type != null && { echo: echoOf(said.channel_properties) }),
  };
}
