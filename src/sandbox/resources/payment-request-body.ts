import { z } from 'zod';
import { invalid, invalidFields } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import type { World } from '../world.ts';
import { COUNTRIES } from './channel.ts';
import {
  CardOnFileType,
  checkAgainstSaved,
  checkMandate,
  isMerchantInitiated,
  RecurringConfiguration,
} from './mandate.ts';
import { CURRENCIES, fitsCurrency } from './money.ts';
import type { PaymentToken } from './payment-token.ts';

const Metadata = z
  .record(z.string().max(40), z.string().max(500))
  .refine((metadata) => Object.keys(metadata).length <= 50, 'must NOT have more than 50 properties');

/**
 * A charge of a saved token (docs "create-payment-request", Payments_API_PayWithToken). `customer_id` is the token's and
 * refused here; so is every unknown key, and a `channel_code` unless the account is set up otherwise.
 */
export const PaymentRequestBody = z.strictObject({
  reference_id: z.string().min(1).max(255),
  type: z.literal('PAY'),
  payment_token_id: z.string(),
  channel_code: z.string().optional(),
  country: z.enum(COUNTRIES as [string, ...string[]]),
  currency: z.enum(CURRENCIES),
  request_amount: z.number().positive(),
  // MANUAL is documented, and not played: nothing here would capture it.
  capture_method: z.literal('AUTOMATIC').optional(),
  channel_properties: z.record(z.string(), z.unknown()).optional(),
  description: z.string().min(1).max(1000).optional(),
  metadata: Metadata.optional(),
  items: z.array(z.record(z.string(), z.unknown())).optional(),
  shipping_information: z.record(z.string(), z.unknown()).optional(),
});

export type PaymentRequestBody = z.infer<typeof PaymentRequestBody>;

// In charges, unlike in sessions: "min length: 11, max length: 255, must be HTTPS" (docs "routing-payment-channels").
const HttpsUrl = z
  .url({ protocol: /^https$/, error: 'must be a valid HTTPS URL' })
  .min(11)
  .max(255);

const CardProperties = z.strictObject({
  card_on_file_type: CardOnFileType,
  recurring_configuration: RecurringConfiguration.optional(),
  skip_three_ds: z.boolean().optional(),
  transaction_sequence: z.enum(['INITIAL', 'SUBSEQUENT']).optional(),
  mid_label: z.string().optional(),
  statement_descriptor: z.string().min(5).max(22).optional(),
  success_return_url: HttpsUrl.optional(),
  failure_return_url: HttpsUrl.optional(),
});

const WalletProperties = z.strictObject({ success_return_url: HttpsUrl, failure_return_url: HttpsUrl });

// The documented auto-debit example sends no channel_properties at all ("PayWithToken_Autodebit").
const DebitProperties = WalletProperties.partial().optional();

const Wrapped = {
  CARDS: z.object({ channel_properties: CardProperties }),
  EWALLET: z.object({ channel_properties: WalletProperties }),
  DIRECT_DEBIT: z.object({ channel_properties: DebitProperties }),
};

/** Whether the charge is made without the customer (card) or leaves that to the channel (all others). */
export function checkAgainstToken(world: World, body: PaymentRequestBody, token: PaymentToken): boolean {
  checkMarket(body, token);
  checkChannelCode(world, body, token);
  if (!fitsCurrency(body.request_amount, body.currency)) {
    throw invalid('/body/request_amount', `has too many decimal places for ${body.currency}`);
  }
  if (token.channel.category !== 'CARDS') {
    parse<unknown>(Wrapped[token.channel.category], body);
    return token.channel.asksEachTime !== true;
  }
  const properties = parse(Wrapped.CARDS, body).channel_properties;
  checkMandate(properties, '/body/channel_properties', world.clock.now());
  if (!isMerchantInitiated(properties)) return checkCustomerInitiated(properties);
  checkAgainstSaved(properties, token.mandate);
  return properties.transaction_sequence === 'SUBSEQUENT' || world.account.cardsWithoutSequence === 'charged';
}

// The guides say that the token has it, the OpenAPI document that it is required: an account can be set up for either.
function checkChannelCode(world: World, { channel_code: said }: PaymentRequestBody, { channel }: PaymentToken): void {
  const path = '/body/channel_code';
  const rule = world.account.channelCode;
  if (said === undefined && rule === 'required') throw invalid(path, "must have required property 'channel_code'");
  if (said === undefined) return;
  if (rule === 'refused') throw invalid(path, "must NOT have additional property 'channel_code'");
  if (said !== channel.code) throw invalid(path, `must match the payment token's channel ${channel.code}`);
}

// "As the token's": INFERRED, as subscriptions refuse a mismatch by name (docs/xendit.md 4.2).
function checkMarket(body: PaymentRequestBody, token: PaymentToken): void {
  const saved = token.session.body;
  const errors = [];
  if (body.country !== saved.country) {
    errors.push({ path: '/body/country', message: `must match the payment token's country ${saved.country}` });
  }
  if (body.currency !== saved.currency) {
    errors.push({ path: '/body/currency', message: `must match the payment token's currency ${saved.currency}` });
  }
  if (errors.length > 0) throw invalidFields(errors);
}

// The customer is present and has to come back from 3DS to somewhere.
function checkCustomerInitiated(properties: z.infer<typeof CardProperties>): false {
  for (const key of ['success_return_url', 'failure_return_url'] as const) {
    if (properties[key] === undefined) {
      throw invalid(`/body/channel_properties/${key}`, `must have required property '${key}'`);
    }
  }
  return false;
}
