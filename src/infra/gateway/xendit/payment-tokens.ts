import { z } from 'zod';
import { get, V3 } from '../../../xendit/answer.ts';
import { code, currency, id, maybe } from '../../../xendit/fields.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer, Token } from '../gateway.ts';
import { answerOf } from './answers.ts';
import { echoed, echoOf } from './statuses.ts';

const STATUSES = {
  ACTIVE: 'active',
  PENDING: 'pending',
  REQUIRES_ACTION: 'pending',
  FAILED: 'failed',
  EXPIRED: 'expired',
  CANCELED: 'canceled',
  CANCELLED: 'canceled',
} as const;

export const tokenStatus = code
  .pipe(z.enum(Object.keys(STATUSES) as readonly (keyof typeof STATUSES)[], 'is no status of a token'))
  .transform((status) => STATUSES[status]);

const detail = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,64}$/u);

// Masks that Xendit writes: 5200****1005, 2222XXXXXXXX8888. The last four are all that may leave this file.
const MASKED_CARD = /[*Xx]{2,}(\d{4})$/;

const cardDetails = z.object({
  masked_card_number: maybe(z.string().regex(MASKED_CARD)),
  network: maybe(detail),
  fingerprint: maybe(detail),
  expiry_month: maybe(z.string().regex(/^(0?[1-9]|1[0-2])$/)),
  expiry_year: maybe(z.string().regex(/^\d{2,4}$/)),
});

const TokenAnswer = z
  .object({
    payment_token_id: id,
    customer_id: maybe(id),
    channel_code: code,
    country: maybe(z.string().regex(/^[A-Z]{2}$/)),
    currency: maybe(currency),
    status: tokenStatus,
    channel_properties: maybe(echoed.extend({ card_details: maybe(cardDetails) })),
  })
  .transform((said): Token => {
    const card = said.channel_properties?.card_details ?? null;
    const lastFour = MASKED_CARD.exec(card?.masked_card_number ?? '')?.[1];
    return {
      tokenId: said.payment_token_id,
      customerId: said.customer_id,
      channelCode: said.channel_code,
      country: said.country,
      currency: said.currency,
      status: said.status,
      label: lastFour === undefined ? null : `•••• ${lastFour}`,
      network: card?.network ?? null,
      fingerprint: card?.fingerprint ?? null,
      expiryMonth: card?.expiry_month ?? null,
      expiryYear: card?.expiry_year ?? null,
      // Documented answers do not repeat it: only one that does says something.
      ...(said.channel_properties?.card_on_file_type != null && { echo: echoOf(said.channel_properties) }),
    };
  });

/** A token's channel, state and masked details. Names, phone numbers and balances of the answer are dropped here. */
export async function readToken(client: Transport, tokenId: string): Promise<Answer<Token>> {
  return answerOf(await get(client, `/v3/payment_tokens/${encodeURIComponent(tokenId)}`, TokenAnswer, V3));
}
