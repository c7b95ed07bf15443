import { z } from 'zod';
import { firstChargeWays } from '../../../domain/catalog/plan.ts';
import { chargeStatuses } from '../../../domain/charges/charge.ts';
import { savedFors } from '../../../domain/methods/mandate.ts';
import { sessionModes } from '../../../domain/methods/session-modes.ts';
import { subscriptionStatuses } from '../../../domain/subscriptions/subscription.ts';
import { told, wholeNumber } from './fields.ts';
import { itemBody, quantityOf } from './item-body.ts';
import {
  checkOrigins,
  dateText,
  linkLife,
  locale,
  origins,
  plainText,
  returnUrl,
  seenOf,
  storable,
  timeZone,
  trialText,
} from './texts.ts';

const AN_ID = '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17';
const ofAttempt = storable.regex(/^due_[0-9a-f-]{36}_x?\d{1,6}_p?\d{1,6}(_[A-Za-z0-9]{10})?$/);
/** Charges are named by their id or by the reference under which Xendit knows one of their attempts. */
export const chargeParams = z.object({
  id: z.union([z.uuid(), ofAttempt], "must be the id that the API gave, or an attempt's reference at Xendit").meta({
    description: 'The id of the charge, or the reference that Xendit shows of one of its attempts (due_..._0_1)',
    examples: [AN_ID],
  }),
});
const ofReference = storable.max(259).regex(/^ref:[^\p{Cc}]+$/u, 'must be your own reference after "ref:"');
/** Subscriptions are named by their id or by the product's own reference. */
export const subscriptionParams = z.object({
  id: z
    .union([z.uuid(), ofReference], 'must be the id that the API gave, or your reference as ref:sub-1001')
    .meta({ description: 'The id, or your own reference written ref:sub-1001', examples: ['ref:sub-1001', AN_ID] }),
});
export const paging = {
  cursor: told(
    z.string().max(500),
    'Where the last page ended: its next_cursor',
    'eyJhdCI6IjIwMjYtMDItMDMifQ',
  ).optional(),
  limit: told(wholeNumber(1, 500), 'At most so many', 100).default(100),
};

/** Of one request. */
const MOST_ITEMS = 100;

const name = plainText(50).refine((text) => seenOf(text) !== '', 'must not be blank');

const customer = z.strictObject({
  reference_id: told(
    plainText(255),
    'Your own id of the customer, which Xendit gets too: letters, digits, "_" and "-"; never an e-mail address or a telephone number',
    'cust-1001',
  ),
  given_names: told(
    name,
    'Sent to Xendit when it first hears of this customer, and kept nowhere else. Xendit takes letters and digits alone: ' +
      'accents are taken off, blanks and the like left out, and of a name in another script "Customer" is sent',
    'Siti',
  ),
  surname: told(name, 'Sent to Xendit like the given names', 'Rahma').optional(),
  email: told(z.email().min(4).max(50), 'Sent to Xendit, and kept nowhere else', 'siti@example.com').optional(),
  mobile_number: told(
    z.string().regex(/^\+[1-9]\d{5,14}$/, 'must be E.164, like +6281234567890'),
    'Sent to Xendit, and kept nowhere else; E.164',
    '+6281234567890',
  ).optional(),
});

const onboardingFields = z.strictObject({
  mode: told(
    z.enum(sessionModes),
    "How the customer is asked: by a link to a page of Xendit; on a page of your own with Xendit's components, whose key is in this answer " +
      'alone; or with its older library for cards, which newer accounts do not have',
    'PAYMENT_LINK',
  ).optional(),
  origins: origins.optional(),
  success_return_url: told(
    returnUrl,
    'Where the customer goes once a method is saved; left out: return_urls of the catalog',
    'https://shop.example.com/thanks',
  ).optional(),
  cancel_return_url: told(
    returnUrl,
    'Where the customer goes who leaves; left out: return_urls of the catalog',
    'https://shop.example.com/account',
  ).optional(),
  allowed_payment_channels: told(
    z
      .array(z.string().regex(/^[A-Z0-9_]{2,40}$/, 'must be a channel code like CARDS'))
      .min(1)
      .max(50),
    "What Xendit's page offers to save: channels of the plan's country that can be charged without the customer and take its price; " +
      'left out: payment_channels of the catalog, and without those all that Xendit can save',
    ['CARDS', 'OVO'],
  ).optional(),
  locale: told(locale, "The language of Xendit's page, ISO 639-1", 'id').optional(),
  expires_in: linkLife.optional(),
  save_for: told(
    z.enum(savedFors),
    'What the method is saved for: the cycles of the plan, or what its customer agrees to outside of it too; it is charged as nothing else',
    'RECURRING',
  ).optional(),
});

/** The older library saves cards, and has no choice to offer. */
function checkMode(body: z.infer<typeof onboardingFields>, ctx: z.RefinementCtx): void {
  checkOrigins(body, ctx);
  if (body.mode !== 'CARDS_SESSION_JS' || body.allowed_payment_channels === undefined) return;
  ctx.addIssue({
    code: 'custom',
    path: ['allowed_payment_channels'],
    message: 'goes without CARDS_SESSION_JS, which saves cards',
  });
}

export const onboardingBody = onboardingFields.superRefine(checkMode);

/** What a new subscription is charged to: what its customer saves now, or has saved before. */
const firstOnboarding = onboardingFields
  .extend({
    first_charge: told(
      z.enum(firstChargeWays),
      'When cycle 0 is charged: to the method once it is saved, or by the customer in the session in which they save it; left out: as the plan says',
      'in_session',
    ).optional(),
    use_method: told(
      z.uuid('must be the id that the API gave of a method'),
      'A method that the same customer has saved for another subscription: this one is charged to it as well, begins at once, and needs no link. ' +
        'What ends the method ends it for both; one that replaces it is of its own subscription alone',
      AN_ID,
    ).optional(),
  })
  .superRefine(checkMode)
  .superRefine(({ use_method, mode, expires_in }, context) => {
    if (use_method === undefined) return;
    for (const [field, value] of Object.entries({ mode, expires_in })) {
      if (value === undefined) continue;
      context.addIssue({ code: 'custom', path: [field], message: 'goes without use_method, which opens no link' });
    }
  });

export const createBody = z
  .strictObject({
    reference_id: told(
      plainText(255),
      'Your own id of the subscription, never an e-mail address or a telephone number; the same request again is answered alike',
      'sub-1001',
    ),
    plan: told(z.string().min(1).max(63), 'The plan, by its name in the catalog', 'pro-monthly'),
    customer: customer.describe('Who pays; or send customer_id').optional(),
    customer_id: told(
      z.string().regex(/^cust-[\w-]{36}$/, "must be Xendit's id: cust- and 36 characters"),
      "Xendit's id of a customer whom you made there; or send customer",
      'cust-3f1d2c5e-7a64-4d7c-9b5e-0c9a6f1e2d3b',
    ).optional(),
    anchor_date: told(
      dateText,
      'The day that cycles are counted from; left out: the day on which the method is saved, or the trial ends',
      '2026-02-03',
    ).optional(),
    time_zone: told(
      timeZone,
      'The IANA time zone in which its days begin; left out: as the catalog says',
      'Asia/Jakarta',
    ).optional(),
    trial: told(
      trialText,
      'What is free at the start, such as "14 days", or none; left out: as the plan says. A plan with trial_once gives a customer, and a card, one trial',
      '14 days',
    ).optional(),
    coupon: told(z.string().min(1).max(40), 'A coupon of the catalog, by its code', 'HEMAT20').optional(),
    quantity: quantityOf('How many of the plan, each at its price; left out: one').optional(),
    items: z.array(itemBody).max(MOST_ITEMS).describe('Lines of the first charge, beside the plan').optional(),
    onboarding: firstOnboarding.describe('How the customer is asked for a method, or which one is used').optional(),
    metadata: told(
      z
        .record(plainText(40), storable.max(80))
        .refine((map) => Object.keys(map).length <= 20, 'must have at most 20 keys'),
      'What you want to find in answers again: at most 20 names, of 40 characters, with 80 characters each',
      { campaign: 'march' },
    ).optional(),
  })
  .refine(hasOneCustomer, { path: ['customer'], error: 'send either customer or customer_id', when: () => true });

function hasOneCustomer(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return true;
  return 'customer' in body !== 'customer_id' in body;
}

/** As they are shown, and as lists are narrowed to them. */
export const subscriptionStatus = z
  .enum(subscriptionStatuses)
  .describe(
    'What is owed, unless somebody decided otherwise. active: no charge is in dunning, and the newest period that is decided ' +
      'was not given up: the running period is paid, or forgiven, or its charge is on its way and was not declined. ' +
      'past_due: a charge is in dunning, or the newest period that is decided was given up.',
  );
export const chargeStatus = z.enum(chargeStatuses);
