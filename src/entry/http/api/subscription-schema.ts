import { z } from 'zod';
import { savedFors } from '../../../domain/methods/mandate.ts';
import { tokenStatuses } from '../../../domain/methods/token-moves.ts';
import { changeStates, changeTimes } from '../../../domain/subscriptions/terms-change.ts';
import { termsSchema } from './changes/terms-schema.ts';
import { accessFields } from './customers.ts';
import {
  count,
  currency,
  date,
  id,
  instant,
  maybeDate,
  maybeId,
  maybeInstant,
  maybeText,
  money,
  oneOf,
  text,
  told,
} from './fields.ts';
import { parts } from './line-schema.ts';
import { onboarding } from './onboarding-schema.ts';
import { subscriptionStatus } from './schemas.ts';

const price = z
  .object({ amount: money('What each cycle costs'), currency: currency() })
  .describe('What it was sold for; a price that changes in the catalog leaves it as it is');

const customer = z
  .object({
    id: id("dueday's id of the customer"),
    reference_id: maybeText('Your own id of the customer; null where only Xendit knows one', 'cust-1001'),
    xendit_customer_id: maybeText("Xendit's id of the customer", 'cust-3f1d2c5e-7a64-4d7c-9b5e-0c9a6f1e2d3b'),
  })
  .describe('Who pays');

const token = z
  .object({
    channel_code: text("Xendit's code of the channel", 'CARDS'),
    label: maybeText('What people know the method by', 'VISA ending in 1000'),
    network: maybeText("The card's network; null for other methods", 'VISA'),
    expiry_month: maybeText('The month in which the card ends', '12'),
    expiry_year: maybeText('The year in which the card ends', '2030'),
    status: oneOf(
      ['active', 'failed', 'expired', 'canceled', 'dead'],
      'active can be charged; failed, expired and canceled are what Xendit told; dead was refused for good',
    ),
    saved_at: instant('When the customer saved it'),
  })
  .nullable()
  .describe('The payment method that is charged; null until the customer has saved one');

/** What is shown of a method wherever it is. */
export const methodFields = {
  id: id("dueday's id of the method"),
  rank: count('The first one is charged; the others are tried after it, in this order', 1),
  channel_code: text("Xendit's code of the channel", 'CARDS'),
  label: maybeText('What people know the method by', 'VISA ending in 1000'),
  status: oneOf(tokenStatuses, 'active can be charged; the others have ended'),
};

const mandate = z
  .object({
    card_on_file_type: oneOf(savedFors, 'What the customer agreed to, in the words of card networks'),
    recurring_frequency: count('Days that lie at least between two charges', 28),
    recurring_expiry: date('The last day on which the method may be charged', '2036-02-02'),
  })
  .nullable()
  .describe('What the customer agreed to when the method was saved');

const cycle = z
  .object({
    number: count('Cycles count from 0', 0),
    starts_on: date('Its first day'),
    ends_on: date('Its last day, included', '2026-03-02'),
  })
  .nullable()
  .describe('The cycle that runs; null before the first one and after the last');

const coupon = z
  .object({
    code: text('Its code in the catalog', 'HEMAT20'),
    ends_after: count('After so many paid cycles it takes nothing off any more; left out: it never ends', 3).optional(),
  })
  .nullable()
  .describe('The coupon that the subscription took; null without one');

const plannedChange = z
  .object({
    number: count('Its number among the changes of the subscription', 1),
    state: oneOf(changeStates, 'What has become of it'),
    when: oneOf(changeTimes, 'From when on it is to hold'),
    at: maybeInstant('When it applies; null: once it is paid for'),
    terms: termsSchema,
    charge_id: id('The charge that pays for it').optional(),
  })
  .nullable()
  .describe('A change that is planned, or waits for its payment; null: none is');

export const subscriptionSchema = z
  .object({
    id: id("dueday's id of the subscription"),
    reference_id: text('Your own id of the subscription', 'sub-1001'),
    status: oneOf(subscriptionStatus.options, subscriptionStatus.description ?? ''),
    plan: text('The plan, by its name in the catalog', 'pro-monthly'),
    catalog_version: count('The version of the catalog that it goes by', 1),
    price,
    quantity: count('How many of the plan it has', 1),
    unit_amount: money('What one of them costs a cycle'),
    credit: money('What it has to its credit, which is used before money is asked for', 0),
    customer,
    time_zone: text('The IANA time zone in which its days begin', 'Asia/Jakarta'),
    anchor_date: maybeDate('The day that cycles are counted from; null until it is known'),
    token,
    methods: z
      .array(z.object(methodFields))
      .describe('All methods that it may be charged to, the one that is charged first'),
    mandate,
    current_cycle: cycle,
    next_charge_at: maybeInstant('When it is charged next, a retry included; null when nothing is to come'),
    cancel_at: maybeInstant('When it ends, once it was canceled at the end of what is paid for'),
    pause_at: maybeInstant('When it is paused, once a pause was planned for the end of what is paid for'),
    resumes_on: maybeDate('The day on which its pause ends by itself; null: when somebody resumes it'),
    planned_change: plannedChange,
    access: z.object(accessFields).describe('Whether its customer is let in, at the time of this answer'),
    past_due_since: maybeInstant('Since the decline that made it past due; no retry moves it'),
    grace_until: maybeInstant('Until when somebody let its customer in, whatever is owed'),
    reason: maybeText('Why it is paused, canceled or ended', 'The customer moved abroad'),
    onboarding,
    coupon,
    metadata: z
      .record(z.string(), z.string())
      .nullable()
      .meta({ description: 'What you sent with it, as you sent it', examples: [{ campaign: 'march' }] }),
    created_at: instant('When it was created'),
    activated_at: maybeInstant('When the first method was saved'),
    ended_at: maybeInstant('When it was canceled, or its last cycle was over'),
  })
  .meta({ id: 'Subscription', description: 'Who pays what, how often, and with what' });

const replaced = z
  .object({
    what: oneOf(['cancel', 'pause', 'change'], 'What had been planned'),
    at: maybeInstant('When it would have happened'),
    reason: maybeText('Why it had been planned', 'The customer moved abroad'),
  })
  .describe('What had been planned, and is given up for this; left out where nothing was');

export const changedSchema = subscriptionSchema
  .extend({ replaced: replaced.optional() })
  .meta({ id: 'ChangedSubscription', description: 'A subscription, and what had been planned for it before' });

export const cancelPreviewSchema = z
  .object({
    at: oneOf(['now', 'period_end'], 'When it would be canceled, as it was asked for'),
    cancel_at: instant('When that is'),
    currency: currency(),
    unused: z
      .object({
        amount: money('The share of the last payment for these days', 75_000),
        days: count('Days that are paid for and would not be used, the day of the cancellation among them', 15),
        of_days: count('All days of the period that was paid', 30),
      })
      .describe('What could be given back for the days that are not used'),
    last: z
      .object({
        amount: money('What is left of the last payment, refunds taken off'),
        charge_id: maybeId('The charge that was paid last; null where none was'),
      })
      .describe('What could be given back as a whole'),
    items: z
      .array(
        z.object({
          item_id: id("dueday's id of the item"),
          text: text('What it says to people', 'Late seat'),
          amount: money('What would not be asked for'),
        }),
      )
      .describe('The lines that wait for a charge: none follows that could have them, so they would be withdrawn'),
    void: z
      .array(z.object({ charge_id: id("dueday's id of the charge"), amount: money('What would no longer be owed') }))
      .describe('The charges that would be void'),
  })
  .meta({ id: 'CancelPreview', description: 'What canceling would come to; nothing was changed' });

const warning = z.object({
  field: text('The field, as you wrote it', 'customer.email'),
  message: text('Why it had no effect, or will not work', 'was not sent to Xendit, which knows this customer already'),
});

export const createdSchema = subscriptionSchema
  .extend({
    warnings: z
      .array(warning)
      .describe(
        'What of the request had no effect, or leads nowhere for customers. Of a customer whom Xendit knows already, names, ' +
          'e-mail and telephone are not sent again',
      )
      .optional(),
  })
  .meta({ id: 'CreatedSubscription', description: 'A subscription, and what of the request had no effect' });

export const upcomingSchema = z
  .object({
    cycle: count('Cycles count from 0', 1),
    period: z
      .object({ start: date('Its first day', '2026-03-03'), end: date('Its last day, included', '2026-04-02') })
      .describe('What is paid for'),
    due_at: told(instant('When it is charged'), 'When it is charged', '2026-03-03T02:00:00Z'),
    amount: money('What is charged, were nothing to happen meanwhile'),
    currency: currency(),
    ...parts,
  })
  .meta({ id: 'UpcomingCharge', description: 'A charge that is to come' });

export const subscriptionTotalSchema = z
  .object({
    currency: currency(),
    status: oneOf(subscriptionStatus.options, 'The status of the subscriptions that are counted'),
    count: count('How many there are', 12),
    amount: money('What they are charged per cycle, whether that is a week or a year', 1_800_000),
  })
  .meta({
    id: 'SubscriptionTotal',
    description: 'What all subscriptions of one currency and status come to, on every page of the list',
  });
