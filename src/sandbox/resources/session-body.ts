import { z } from 'zod';
import type { Account } from '../account.ts';
import { Fault, invalid } from '../http/fault.ts';
import { COUNTRIES, type Country, channelsFor, usesCurrency } from './channel.ts';
import { CustomerBody } from './customer.ts';
import { CardOnFileType, checkMandate, RecurringConfiguration } from './mandate.ts';
import { CURRENCIES, type Currency, fitsCurrency, toMinor } from './money.ts';

const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

function isLanguage(code: string): boolean {
  return /^[a-z]{2}$/.test(code) && languages.of(code) !== undefined;
}

const SessionCards = z.strictObject({
  card_on_file_type: CardOnFileType.optional(),
  recurring_configuration: RecurringConfiguration.optional(),
  skip_three_ds: z.boolean().optional(),
  mid_label: z.string().optional(),
  allowed_bins: z.array(z.string()).optional(),
  statement_descriptor: z
    .string()
    .min(5)
    .max(22)
    .regex(/^[a-zA-Z0-9 ]+$/)
    .optional(),
});

/** What is paid for. DIGITAL_PRODUCT, FEES and others are in one document each; they are taken, as none refuses them. */
const SessionItem = z.strictObject({
  reference_id: z.string().min(1).max(255),
  type: z.string().regex(/^[A-Z_]+$/),
  name: z.string().min(1).max(255),
  net_unit_amount: z.number(),
  quantity: z.int().min(1),
  category: z.string().min(1).max(255),
  currency: z.string().optional(),
  url: z.string().optional(),
  image_url: z.string().optional(),
  subcategory: z.string().optional(),
  description: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

/** The shape (docs "create-session"). What has an error code of its own is checked after it, in `checkSession`. */
export const SessionBody = z.strictObject({
  reference_id: z.string().min(1).max(64),
  session_type: z.string(),
  mode: z.string(),
  amount: z.number(),
  currency: z.string(),
  country: z.string(),
  customer: CustomerBody.optional(),
  customer_id: z.string().optional(),
  allow_save_payment_method: z.enum(['DISABLED', 'OPTIONAL', 'FORCED']).optional(),
  capture_method: z.enum(['AUTOMATIC', 'MANUAL']).optional(),
  items: z.array(SessionItem).nullish(),
  expires_at: z.iso.datetime({ offset: true, error: 'must match format "date-time"' }).optional(),
  // The flat card_on_file_type of old examples is of CARDS_SESSION_JS alone (docs/xendit.md 2.4).
  channel_properties: z
    .strictObject({
      cards: SessionCards.optional(),
      card_on_file_type: CardOnFileType.optional(),
      recurring_configuration: RecurringConfiguration.optional(),
    })
    .optional(),
  allowed_payment_channels: z.array(z.string()).optional(),
  success_return_url: z.string().optional(),
  cancel_return_url: z.string().optional(),
  components_configuration: z
    .strictObject({ origins: z.array(z.string()).min(1), return_url: z.string().optional() })
    .optional(),
  cards_session_js: z.strictObject({ success_return_url: z.string(), failure_return_url: z.string() }).optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
  locale: z.string().length(2).refine(isLanguage, 'must be an ISO 639-1 language code').optional(),
  description: z.string().min(1).max(1000).optional(),
  notification_channels: z.array(z.literal('EMAIL')).optional(),
  subscription: z.record(z.string(), z.unknown()).nullish(),
});

export type SessionBody = z.infer<typeof SessionBody> & { country: Country; currency: Currency };

const TEN_MINUTES_MS = 600_000;

/** The rules of `POST /sessions` that have an error code of their own (samples/errors.json). */
export function checkSession(
  body: z.infer<typeof SessionBody>,
  account: Pick<Account, 'cardsSessionJs'>,
  now: Temporal.Instant,
): SessionBody {
  checkKind(body, account);
  const known = checkMarket(body);
  checkAmount(known);
  checkItems(known);
  checkPlace(known);
  checkUrls(known);
  checkMetadata(known.metadata ?? {});
  checkExpiry(known.expires_at, now);
  checkChannels(known);
  checkProperties(known);
  checkMandate(known.channel_properties ?? {}, '/body/channel_properties', now);
  checkMandate(known.channel_properties?.cards ?? {}, '/body/channel_properties/cards', now);
  return known;
}

function checkKind(body: z.infer<typeof SessionBody>, { cardsSessionJs }: Pick<Account, 'cardsSessionJs'>): void {
  const { session_type: type, mode } = body;
  // SUBSCRIPTION is Xendit's own recurring product: not played here.
  if (type !== 'SAVE' && type !== 'PAY') {
    throw new Fault(400, 'SESSION_TYPE_NOT_SUPPORTED', `session_type ${type} is not supported for now`);
  }
  // Named in older documents, and no longer in the public list of modes: whether it is there is the account's.
  const isOlder = mode === 'CARDS_SESSION_JS' && cardsSessionJs === 'allowed';
  if (mode !== 'PAYMENT_LINK' && mode !== 'COMPONENTS' && !isOlder) {
    throw new Fault(400, 'MODE_NOT_SUPPORTED', `mode ${mode} is not supported for now`);
  }
  if (type === 'SAVE' && body.capture_method !== undefined) {
    throw new Fault(400, 'DISALLOWED_CAPTURE_METHOD', 'Capture method is not supported for session type SAVE');
  }
  if (type === 'SAVE' && body.items) {
    throw new Fault(400, 'ITEMS_NOT_SUPPORTED', 'Items are allowed for session type PAY only');
  }
  if (type === 'SAVE' && body.allow_save_payment_method !== undefined) {
    throw invalid('/body/allow_save_payment_method', 'is allowed for session type PAY only');
  }
}

function checkMarket(body: z.infer<typeof SessionBody>): SessionBody {
  const country = COUNTRIES.find((one) => one === body.country);
  if (country === undefined) throw new Fault(400, 'INVALID_COUNTRY', `Country ${body.country} is not supported`);
  const currency = CURRENCIES.find((one) => one === body.currency);
  if (currency === undefined || !usesCurrency(country, currency)) {
    throw new Fault(400, 'INVALID_CURRENCY', `Currency ${body.currency} is not supported for country ${country}`);
  }
  return { ...body, country, currency };
}

function checkAmount(body: SessionBody): void {
  const { amount, currency, session_type: type } = body;
  if (type === 'SAVE' && amount !== 0) throw invalidAmount('Amount must be zero for session type SAVE');
  if (type === 'PAY' && amount <= 0) throw invalidAmount('Amount must be greater than zero');
  if (!fitsCurrency(amount, currency)) throw invalidAmount(`Amount has too many decimal places for ${currency}`);
}

/** The items of a session to pay in come to its amount (docs/xendit.md 2.5). */
function checkItems({ amount, currency, items }: SessionBody): void {
  if (items == null) return;
  const sum = items.reduce(
    (so, { net_unit_amount, quantity }) => so + toMinor(net_unit_amount, currency) * quantity,
    0,
  );
  if (sum !== toMinor(amount, currency)) throw invalidAmount('Amount must be equal to the sum of items');
}

/** Flat or nested, as the mode has it; the older library knows its customer, and saves or does not (docs/xendit.md 2.4). */
function checkProperties(body: SessionBody): void {
  const { mode, channel_properties: properties = {}, customer_id: customer, cards_session_js: place } = body;
  const isOlder = mode === 'CARDS_SESSION_JS';
  const wrong = Object.keys(properties).find((key) => (key === 'cards') === isOlder);
  if (wrong !== undefined)
    throw invalid(`/body/channel_properties/${wrong}`, `must NOT have additional property '${wrong}'`);
  if (isOlder && customer === undefined)
    throw invalid('/body/customer_id', "must have required property 'customer_id'");
  if (isOlder && place === undefined) throw invalid('/body', "must have required property 'cards_session_js'");
  if (!isOlder && place !== undefined)
    throw invalid('/body/cards_session_js', 'is allowed for mode CARDS_SESSION_JS only');
  const saves = body.allow_save_payment_method;
  if (isOlder && saves !== undefined && saves !== 'FORCED')
    throw invalid('/body/allow_save_payment_method', 'must be FORCED for mode CARDS_SESSION_JS');
}

/** A page of the product's own is named, and Xendit's page leads back. */
function checkPlace({ mode, components_configuration: place }: SessionBody): void {
  const isComponents = mode === 'COMPONENTS';
  if (isComponents && place === undefined)
    throw invalid('/body', "must have required property 'components_configuration'");
  if (!isComponents && place !== undefined)
    throw invalid('/body/components_configuration', 'is allowed for mode COMPONENTS only');
  const wrong = place?.origins.find((origin) => !isHttps(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) throw invalid('/body/components_configuration/origins', `${wrong} is no https origin`);
}

function checkUrls(body: SessionBody): void {
  const { success_return_url: success, failure_return_url: failure } = body.cards_session_js ?? {};
  const own = [body.success_return_url, body.cancel_return_url, body.components_configuration?.return_url];
  for (const url of [...own, success, failure]) {
    if (url !== undefined && !isHttps(url)) throw new Fault(400, 'INVALID_URL', 'Please provide a valid HTTPS URL');
  }
}

/** Whether the text is an absolute HTTPS address. */
function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

// The text says 50 keys and 500 characters, Xendit's error examples 80: the narrowest of all (docs/xendit.md 2.2).
function checkMetadata(metadata: Record<string, string>): void {
  const entries = Object.entries(metadata);
  if (entries.length > 20) throw invalidMetadata('Metadata must have at most 20 keys');
  if (entries.some(([key]) => key.length > 40)) throw invalidMetadata('Metadata key must have at most 40 characters');
  if (entries.some(([, value]) => value.length > 80)) {
    throw invalidMetadata('Metadata value must have at most 80 characters');
  }
}

function checkExpiry(expiresAt: string | undefined, now: Temporal.Instant): void {
  if (expiresAt === undefined) return;
  if (Temporal.Instant.from(expiresAt).epochMilliseconds - now.epochMilliseconds < TEN_MINUTES_MS) {
    throw new Fault(400, 'INVALID_EXPIRY_DATE', 'expires_at must be at least 10 minutes in the future');
  }
}

function checkChannels(body: SessionBody): void {
  const active = channelsFor(body.country).map((channel) => channel.code);
  const inactive = (body.allowed_payment_channels ?? []).filter((code) => !active.includes(code));
  if (inactive.length === 0) return;
  throw new Fault(
    400,
    'INVALID_PAYMENT_CHANNEL',
    `Channel(s) ${inactive.join(', ')} are not available. Please ensure that you have activated the necessary channels`,
  );
}

const invalidAmount = (message: string): Fault => new Fault(400, 'INVALID_AMOUNT', message);
const invalidMetadata = (message: string): Fault => new Fault(400, 'INVALID_METADATA', message);
