import { z } from 'zod';
import { code, currency, id, maybe, metadata, reference } from '../fields.ts';
import { at, type CallOptions, type Speaker, V3 } from '../speaker.ts';
import { asking, CardOnFile, failed, withStatus } from './money-in.ts';

const detail = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,64}$/u);

/** As Xendit masks a card's number: 5200****1005, 2222XXXXXXXX8888. */
const MaskedCard = z.string().regex(/^\d{0,8}[*Xx]{2,}\d{4}$/);

const CardDetails = z.object({
  masked_card_number: maybe(MaskedCard),
  network: maybe(detail),
  fingerprint: maybe(detail),
  expiry_month: maybe(z.string().regex(/^(0?[1-9]|1[0-2])$/)),
  expiry_year: maybe(z.string().regex(/^\d{2,4}$/)),
});

const fields = {
  payment_token_id: id,
  reference_id: maybe(reference),
  business_id: maybe(id),
  customer_id: maybe(id),
  channel_code: code,
  country: maybe(z.string().regex(/^[A-Z]{2}$/)),
  currency: maybe(currency),
  channel_properties: maybe(CardOnFile.extend({ card_details: maybe(CardDetails) })),
  metadata,
};

/** A saved method. Names, telephone numbers and balances, which answers have too, are not read. */
export const PaymentToken = withStatus(
  (status) => status,
  z.discriminatedUnion(
    'status',
    [
      z.object({ ...fields, status: z.literal(['ACTIVE', 'PENDING', 'EXPIRED', 'CANCELED']) }),
      z.object({ ...fields, ...failed, status: z.literal('FAILED') }),
      z.object({ ...fields, ...asking, status: z.literal('REQUIRES_ACTION') }),
    ],
    'is no status of a token',
  ),
);
export type PaymentToken = z.output<typeof PaymentToken>;

/** As much of it as a webhook must have. */
export const TokenNotice = withStatus(
  (status) => status,
  z.object({
    payment_token_id: id,
    reference_id: maybe(reference),
    customer_id: maybe(id),
    status: z.literal(['ACTIVE', 'PENDING', 'REQUIRES_ACTION', 'FAILED', 'EXPIRED', 'CANCELED']),
  }),
);
export type TokenNotice = z.output<typeof TokenNotice>;

const PATH = '/v3/payment_tokens';

export function paymentTokens(speak: Speaker) {
  return {
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), PaymentToken, options, V3),
    /** No webhook follows. */
    cancel: (id: string, options?: CallOptions) => speak.post(at(PATH, id, '/cancel'), null, PaymentToken, options, V3),
  };
}
