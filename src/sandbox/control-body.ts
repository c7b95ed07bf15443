import { z } from 'zod';
import { DEFAULT_CARD_NUMBER } from './resources/card.ts';
import { COUNTRIES } from './resources/channel.ts';
import { CardOnFileType, RecurringConfiguration } from './resources/mandate.ts';

/** Bodies of the control endpoints; see control.ts for what they do. */

const mandate = z
  .strictObject({
    card_on_file_type: CardOnFileType.optional(),
    recurring_configuration: RecurringConfiguration.optional(),
  })
  .optional();

/** What is on a card, unless another one is asked for. */
const method = {
  channel_code: z.string().default('CARDS'),
  card_number: z
    .string()
    .regex(/^\d{12,19}$/)
    .default(DEFAULT_CARD_NUMBER),
  expiry_month: z.coerce.number().int().min(1).max(12).default(12),
  expiry_year: z.coerce.number().int().min(2000).max(2199).optional(),
};

export const CompleteBody = z.strictObject({
  ...method,
  otp: z.string().optional(),
  save: z.boolean().default(true),
  mandate,
});

export const TokenBody = z.strictObject({
  ...method,
  customer_reference: z.string().min(1).max(255),
  country: z.enum(COUNTRIES).default('ID'),
  currency: z.string().default('IDR'),
  mandate,
});

export const WebhookBody = z.strictObject({
  duplicate: z.int().min(0).max(100).optional(),
  reorder: z.boolean().optional(),
  drop: z.boolean().optional(),
  delay_seconds: z.number().min(0).optional(),
  hold: z.boolean().optional(),
  release: z.literal(true).optional(),
  timeout_ms: z.int().min(1).optional(),
  concurrency: z.int().min(1).max(256).optional(),
});

export const AccountBody = z.strictObject({
  cards_without_sequence: z.enum(['charged', 'ask_customer']).optional(),
  channel_code: z.enum(['refused', 'allowed', 'required']).optional(),
  cards_session_js: z.enum(['refused', 'allowed']).optional(),
});

export const DisputeBody = z.strictObject({ payment_id: z.string(), amount: z.number().positive().optional() });
export const DisputeMoveBody = z.strictObject({
  status: z.enum(['UNDER_REVIEW', 'WON', 'LOST']),
  terminal: z.number().min(0).optional(),
});
export const KillBody = z.strictObject({ status: z.enum(['EXPIRED', 'CANCELED', 'FAILED']) });
export const ClockBody = z.strictObject({ now: z.iso.datetime({ offset: true }) });
export const RateLimitBody = z.strictObject({ requests_per_minute: z.int().min(1).nullable() });
export const LagBody = z.strictObject({ lag_seconds: z.number().min(0) });
export const PathQuery = z.strictObject({ path: z.string().optional() });
