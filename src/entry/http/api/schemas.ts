import { z } from 'zod';
import { dateText, linkLife, locale, plainText, returnUrl, seenOf, storable, timeZone } from './texts.ts';

export const idParams = z.object({ id: z.uuid('must be the id that the API gave') });
const ofReference = storable.max(259).regex(/^ref:[^\p{Cc}]+$/u, 'must be your own reference after "ref:"');
/** Subscriptions are named by their id or by the product's own reference. */
export const subscriptionParams = z.object({
  id: z
    .union([z.uuid(), ofReference], 'must be the id that the API gave, or your reference as ref:sub-1001')
    .describe('The id, or your own reference written ref:sub-1001'),
});
export const paging = {
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
};

const name = plainText(50).refine((text) => seenOf(text) !== '', 'must not be blank');

const customer = z.strictObject({
  reference_id: plainText(255).describe(
    'Your own id of the customer, which Xendit gets too: letters, digits, "_" and "-"; never an e-mail address or a telephone number',
  ),
  given_names: name.describe(
    'Sent to Xendit when it first hears of this customer, and kept nowhere else. Xendit takes letters and digits alone: ' +
      'accents are taken off, blanks and the like left out, and of a name in another script "Customer" is sent',
  ),
  surname: name.optional(),
  email: z.email().min(4).max(50).optional(),
  mobile_number: z
    .string()
    .regex(/^\+[1-9]\d{5,14}$/, 'must be E.164, like +6281234567890')
    .optional(),
});

export const onboardingBody = z.strictObject({
  mode: z.enum(['PAYMENT_LINK'], { error: 'must be PAYMENT_LINK' }).optional(),
  success_return_url: returnUrl.optional(),
  cancel_return_url: returnUrl.optional(),
  allowed_payment_channels: z
    .array(z.string().regex(/^[A-Z0-9_]{2,40}$/, 'must be a channel code like CARDS'))
    .min(1)
    .max(50)
    .describe(
      "What Xendit's page offers to save: channels of the plan's country that can be charged without the customer and take its price; " +
        'left out: payment_channels of the catalog, and without those all that Xendit can save',
    )
    .optional(),
  locale: locale.optional(),
  expires_in: linkLife.optional(),
});

export const createBody = z
  .strictObject({
    reference_id: plainText(255).describe(
      'Your own id of the subscription, never an e-mail address or a telephone number; the same request again is answered alike',
    ),
    plan: z.string().min(1).max(63),
    customer: customer.optional(),
    customer_id: z
      .string()
      .regex(/^cust-[\w-]{36}$/, "must be Xendit's id: cust- and 36 characters")
      .optional(),
    anchor_date: dateText.optional(),
    time_zone: timeZone.optional(),
    onboarding: onboardingBody.optional(),
    metadata: z
      .record(plainText(40), storable.max(80))
      .refine((map) => Object.keys(map).length <= 20, 'must have at most 20 keys')
      .optional(),
  })
  .refine(hasOneCustomer, { path: ['customer'], error: 'send either customer or customer_id', when: () => true });

function hasOneCustomer(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return true;
  return 'customer' in body !== 'customer_id' in body;
}

/** As they are shown, and as lists are narrowed to them. */
export const subscriptionStatus = z
  .enum(['pending', 'trialing', 'active', 'past_due', 'paused', 'canceled', 'ended'])
  .describe(
    'What is owed, unless somebody decided otherwise. active: no charge is in dunning, and the newest period that is decided ' +
      'was not given up: the running period is paid, or forgiven, or its charge is on its way and was not declined. ' +
      'past_due: a charge is in dunning, or the newest period that is decided was given up.',
  );
export const chargeStatus = z.enum([
  'due',
  'attempting',
  'paid',
  'uncollectible',
  'held',
  'void',
  'refunded',
  'partially_refunded',
]);

const instant = z.string().describe('An instant, ISO 8601');
const date = z.string().describe('A date, ISO 8601');
const money = z.number().describe('Major units');

export const subscriptionSchema = z
  .object({
    id: z.string(),
    reference_id: z.string(),
    status: z.string(),
    plan: z.string(),
    catalog_version: z.number(),
    price: z.object({ amount: money, currency: z.string() }),
    customer: z.object({
      id: z.string(),
      reference_id: z.string().nullable(),
      xendit_customer_id: z.string().nullable(),
    }),
    time_zone: z.string(),
    anchor_date: date.nullable(),
    token: z
      .object({
        channel_code: z.string(),
        label: z.string().nullable(),
        network: z.string().nullable(),
        expiry_month: z.string().nullable(),
        expiry_year: z.string().nullable(),
        status: z.string(),
        saved_at: instant,
      })
      .nullable(),
    mandate: z
      .object({ card_on_file_type: z.string(), recurring_frequency: z.number(), recurring_expiry: date })
      .nullable(),
    current_cycle: z.object({ number: z.number(), starts_on: date, ends_on: date }).nullable(),
    next_charge_at: instant.nullable(),
    cancel_at: instant.nullable(),
    reason: z.string().nullable(),
    onboarding: z
      .object({
        session_id: z.string(),
        status: z.string(),
        mode: z.string(),
        payment_link_url: z.string().nullable(),
        expires_at: instant.nullable(),
        /** Why it ended without a method, where Xendit's status does not say it. */
        why: z.string().optional(),
      })
      .nullable(),
    metadata: z.record(z.string(), z.string()).nullable(),
    created_at: instant,
    activated_at: instant.nullable(),
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Subscription' });

export const createdSchema = subscriptionSchema
  .extend({
    warnings: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .describe(
        'What of the request had no effect. Of a customer whom Xendit knows already, names, ' +
          'e-mail and telephone are not sent again',
      )
      .optional(),
  })
  .meta({ id: 'CreatedSubscription' });

export const upcomingSchema = z.object({
  cycle: z.number(),
  period: z.object({ start: date, end: date }),
  due_at: instant,
  amount: money,
  currency: z.string(),
});

export const chargeSchema = z
  .object({
    id: z.string(),
    subscription_id: z.string(),
    subscription_reference: z.string(),
    customer_reference: z.string().nullable(),
    plan: z.string(),
    catalog_version: z.number(),
    status: z.string(),
    amount: money,
    currency: z.string(),
    collected: money,
    overpaid: money,
    refunded: money,
    cycle: z.number(),
    period: z.object({ start: date, end: date }),
    due_at: instant,
    time_zone: z.string().describe('The zone of its subscription'),
    missed: z.boolean(),
    next_attempt_at: instant.nullable(),
    waits_until: instant.nullable(),
    hold_reason: z.string().nullable(),
    failure_code: z.string().nullable(),
    note: z.string().nullable(),
    settled_at: instant.nullable(),
    created_at: instant,
  })
  .meta({ id: 'Charge' });

const attemptSchema = z.object({
  number: z.number(),
  reference_id: z.string(),
  sent_at: instant,
  outcome: z.string().nullable(),
  outcome_at: instant.nullable(),
  failure_code: z.string().nullable(),
  class: z.string().nullable(),
  network_code: z.string().nullable(),
  advice_code: z.string().nullable(),
  action_url: z.string().nullable(),
  payment_request_id: z.string().nullable(),
  payment_id: z.string().nullable(),
  next_check_at: instant.nullable(),
  decision: z
    .object({
      kind: z.string(),
      at: instant.nullable(),
      why: z.string(),
      rule: z.string(),
      class: z.string().nullable(),
      counted: z.record(z.string(), z.number()),
      catalog_version: z.number(),
    })
    .nullable(),
});

export const wholeChargeSchema = chargeSchema
  .extend({ attempts: z.array(attemptSchema) })
  .meta({ id: 'ChargeWithAttempts' });

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });
