import { z } from 'zod';
import { declineClasses } from '../../domain/declines/decline-class.ts';
import { currencies } from '../../domain/money/money.ts';
import { amounts, asWritten, refunds } from './amount-fields.ts';
import {
  access,
  changeWay,
  couponCode,
  cycles,
  day,
  days,
  firstChargeWay,
  fraction,
  hours,
  id,
  interval,
  linkLife,
  percent,
  returnUrls,
  timeZone,
} from './catalog-fields.ts';
import { coupon } from './coupon-schema.ts';
import { customerUrl } from './customer-url.ts';

const cards = z
  .strictObject({
    transaction_sequence: z
      .boolean()
      .describe('Whether card charges say that they follow the payment which the customer authenticated (true)')
      .optional(),
    return_urls: z.boolean().describe('Whether card charges carry the return URLs (true)').optional(),
    channel_code: z.boolean().describe('Whether card charges name their channel beside the token (false)').optional(),
    skip_three_ds: z.boolean().describe('Said with each card charge; left out: not said').optional(),
    statement_descriptor: z
      .string()
      .regex(/^(?=.*[a-zA-Z0-9])[a-zA-Z0-9 ]{5,22}$/, 'must be 5 to 22 letters, digits and blanks, as Xendit demands')
      .meta({ description: 'What the customer reads on the card statement', examples: ['ACME BILLING'] })
      .optional(),
    mid_label: z
      .string()
      .regex(/^[\w .-]{1,64}$/, 'must be 1 to 64 letters, digits, blanks, ".", "_" and "-"')
      .describe('Which of your merchant ids Xendit uses (accounts with several)')
      .optional(),
  })
  .describe('What sessions and card charges say of cards beside the mandate');

const countries = z.enum(['ID', 'PH', 'VN', 'TH', 'SG', 'MY']);

const channels = z
  .array(z.string().regex(/^[A-Z0-9_]{2,40}$/, 'must be a channel of Xendit in capitals, such as CARDS'))
  .max(50);

const place = {
  country: countries.describe('Country of the sessions and payment requests').optional(),
  charge_at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day as HH:MM, from 00:00 to 23:59')
    .meta({ description: 'Local time at which cycles fall due and retries are made', examples: ['09:00'] })
    .optional(),
  return_urls: returnUrls.optional(),
  cards: cards.optional(),
  taxes: z
    .array(id)
    .max(1)
    .describe('The tax of each charge, by its name under taxes: one at most, [] for none')
    .optional(),
};

const tax = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(40)
      .refine((text) => !/\p{Cc}/u.test(text), 'must be one line of text that can be read')
      .meta({ description: 'What the lines of a charge call it', examples: ['PPN'] }),
    included: z.boolean().describe('Whether it is inside of prices (true), or added to them (false)'),
    rates: z
      .array(
        z.strictObject({
          from: day('The first day of the rate: the day on which a charge falls due decides'),
          rate: percent('How much of it is tax'),
          of: fraction('The share of the base that is taxed; left out: all of it').optional(),
        }),
      )
      .min(1)
      .max(100)
      .describe('Its rates, the oldest first; before the first of them there is no tax'),
  })
  .describe('A tax, for the books: what each charge says of it');

const networkLimit = z.strictObject({
  network: z
    .string()
    .regex(/^(\*|[A-Z][A-Z0-9_]*)$/, 'must be a network in capitals, such as VISA, or "*" for all others')
    .describe('Card network as Xendit names it, or "*" for everything else'),
  reattempts: z.int().min(0).max(1000).describe('Attempts after a decline that the window may hold'),
  window: hours('The rolling window in which declines are counted'),
});

const limits = z
  .strictObject({
    per_charge: amounts('A charge beyond it is held for a person'),
    per_customer_per_day: amounts('What one customer may be charged a day; beyond it a charge is held for a person'),
    per_day: amounts('What may be charged a day in all; beyond it charging stops until a person arms it'),
  })
  .describe('The brake on a runaway; days are days of the time zone given here');

const defaults = z
  .strictObject({
    ...place,
    time_zone: timeZone,
    payment_channels: z
      .partialRecord(countries, channels)
      .describe('What customers may save, by country, such as { ID: [CARDS, OVO] }; left out: all that Xendit can save')
      .optional(),
    link_valid_for: linkLife('How long a link for saving a method is good (30 minutes, as Xendit has it)').optional(),
    dunning: id.describe('The dunning policy of plans that name none').optional(),
    missed_after: hours('A cycle found later than this past its due instant was missed (1 day)').optional(),
    mandate_years: z
      .int()
      .min(1)
      .max(50)
      .describe('How far ahead the mandate of an open-ended plan reaches (10)')
      .optional(),
    declines: z
      .record(
        z.string().regex(/^[A-Z0-9_]{1,64}$/, 'must be a failure code in capitals, such as INSUFFICIENT_BALANCE'),
        z.enum(declineClasses),
      )
      .describe('Failure codes that are classed otherwise than by default')
      .optional(),
    limits: limits.optional(),
    refunds: refunds.optional(),
    customer_url: customerUrl.optional(),
    quiet_days: z
      .partialRecord(countries, z.array(z.iso.date('must be a date, such as 2027-03-20')).max(1_000))
      .describe('Days on which no retry is made, by country, such as { ID: [2027-03-20] }')
      .optional(),
    payday_slots: z
      .partialRecord(countries, z.array(z.int().min(1).max(31)).max(31))
      .describe(
        'Days of the month on which money comes in, by country, such as { ID: [1, 25] }: a retry for want of funds waits for one ' +
          'inside its window; of a month without that day it is the last one',
      )
      .optional(),
    network_limits: z
      .array(networkLimit)
      .describe('Limits of card networks; replaces the built-in limits of the networks that it names')
      .optional(),
  })
  .describe('What holds for plans that do not say otherwise');

const money = (description: string) =>
  z
    .strictObject({
      amount: asWritten.describe('In major units, more than 0: 150000, 499.50'),
      currency: z.enum(currencies).describe('IDR and VND have no decimals, the others 2'),
    })
    .describe(description);

const plan = z.strictObject({
  name: z
    .string()
    .max(255)
    // Xendit shows it to customers, and Postgres stores no NUL.
    .refine((text) => /\S/.test(text) && !/\p{Cc}/u.test(text), 'must be one line of text that can be read')
    .describe('The name that people read'),
  price: money('What one cycle costs'),
  setup_fee: money('Paid once: with cycle 0, or at once where a trial comes before it').optional(),
  interval: interval('Length of a cycle: n days, weeks, months or years'),
  trial: interval('Time before cycle 0 falls due').optional(),
  trial_once: z
    .boolean()
    .describe('Whether a customer, and a card, has one trial of this plan and no other (false)')
    .optional(),
  ends_after: cycles('The subscription ends after so many cycles; left out: it goes on').optional(),
  unpaid_cycles: z
    .enum(['count', 'not'])
    .describe('Whether a cycle that nobody paid is one of ends_after, or another one follows in its place (count)')
    .optional(),
  dunning: id.describe('Name of a policy under dunning').optional(),
  missed_cycles: z
    .enum(['all', 'latest', 'none', 'ask'])
    .describe('Cycles found too late: charge all, charge the latest and void the others, void all, hold all (latest)')
    .optional(),
  access: access.optional(),
  changes: changeWay.optional(),
  first_charge: firstChargeWay.optional(),
  on_dispute: z
    .enum(['stop', 'go_on'])
    .describe(
      'Whether a subscription of which a payment is disputed waits for a person, or is charged as before (stop)',
    )
    .optional(),
  price_change: z
    .enum(['next_cycle', 'new_only'])
    .describe('Whether running subscriptions get a new price at their next cycle, or never (new_only)')
    .optional(),
  notice: z
    .strictObject({
      before: days('Days between the notice and the first charge at the higher price'),
      consent: z
        .enum(['notice', 'opt_in'])
        .describe('Whether a notice is enough, since silence is agreement, or the customer has to agree (notice)')
        .optional(),
      silence: z
        .enum(['old_price', 'cancel'])
        .describe(
          'With opt_in, what follows where the customer refuses, or has not agreed when the days are over and a cycle falls due: they ' +
            'keep the old price, or the subscription is canceled in place of that cycle (old_price)',
        )
        .optional(),
    })
    .describe(
      'A higher price is charged to running subscriptions only once its notice is recorded and its days are over',
    )
    .optional(),
  ...place,
  time_zone: timeZone.optional(),
  payment_channels: channels.describe('What its customers may save, such as [CARDS]').optional(),
});

const dunningPolicy = z.strictObject({
  retry_after: z
    .array(days('Days since the attempt before'))
    .max(30)
    .describe('One entry a retry, each counted from the attempt before; [] for no retries'),
  window: days('Nothing is tried later than this after the first attempt'),
  then: z.enum(['cancel', 'pause', 'keep']).describe('What becomes of the subscription when all has failed'), // oxlint-disable-line unicorn/no-thenable
});

/** The whole grammar of the catalog (docs/design.md section 9), field by field. What lies between fields: catalog-checks.ts. */
export const catalogSchema = z.strictObject({
  defaults,
  plans: z.record(id, plan).describe('Plans by id'),
  taxes: z.record(id, tax).describe('Taxes by the names that plans have for them').optional(),
  coupons: z.record(couponCode, coupon).describe('Coupons by code').optional(),
  dunning: z.record(id, dunningPolicy).describe('Dunning policies by name; "standard" is built in').optional(),
});

export type CatalogFields = z.output<typeof catalogSchema>;

/** The grammar as JSON Schema (draft 7, which editors understand best), as in docs/catalog.schema.json. */
export function catalogJsonSchema(): object {
  return z.toJSONSchema(catalogSchema, { target: 'draft-7', io: 'input' });
}
