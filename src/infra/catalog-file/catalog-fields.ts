import { z } from 'zod';
import { timeZoneNamed } from '../../domain/calendar/cycle.ts';
import { parseInterval } from '../../domain/calendar/interval.ts';
import { didYouMean } from '../../domain/catalog/did-you-mean.ts';
import { parseLinkLife } from '../../domain/catalog/link-life.ts';
import { changeWays, firstChargeWays } from '../../domain/catalog/plan.ts';
import { returnAddressFault } from '../../domain/catalog/web-address.ts';
import { parseFraction, parsePercent } from '../../domain/money/ratios.ts';
import { type FormFault, parseCycles, parseDay, parseDays, parseGrace, parseHours } from './catalog-forms.ts';

type Hints = { readonly description: string; readonly examples?: readonly string[]; readonly pattern?: string };

/** A text field with a form of its own; its fault becomes the issue's words. */
function form<T extends object | number | string>(parse: (text: string) => T | FormFault, hints: Hints) {
  return z
    .string()
    .meta(hints)
    .transform((text, context): T => {
      const value = parse(text);
      if (typeof value !== 'object' || !('fault' in value)) return value;
      context.issues.push({ code: 'custom', message: value.fault, input: text });
      return z.NEVER;
    });
}

function parseTimeZone(text: string): string | FormFault {
  const zone = timeZoneNamed(text);
  if (zone !== null) return zone;
  const meant = didYouMean(text, Intl.supportedValuesOf('timeZone'));
  return { fault: `must be an IANA time zone, such as Asia/Jakarta${meant}` };
}

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The id of a plan, the name of a policy. */
export const id = z
  .string()
  .regex(ID, 'must be 1 to 63 of a-z, 0-9, ".", "_" and "-", and begin with a letter or a digit');

const INTERVAL_PATTERN = '^[0-9]+ (day|week|month|year)s?$';
const DAYS_PATTERN = '^[0-9]+ (day|week)s?$';
const HOURS_PATTERN = '^[0-9]+ (hour|day|week)s?$';
const LINK_LIFE_PATTERN = '^[0-9]+ (minute|hour|day|week)s?$';

/** Days between two moments of one charge. */
export const days = (description: string) =>
  form(parseDays, { description, pattern: DAYS_PATTERN, examples: ['3 days'] });

/** How long past due still lets in. */
export const access = z
  .strictObject({
    grace: form(parseGrace, {
      description: 'How long a customer who is past due is still let in, or none (3 days)',
      pattern: `^none$|${DAYS_PATTERN}`,
      examples: ['3 days', 'none'],
    }).optional(),
  })
  .describe('What GET /v1/customers/{reference}/access goes by');

/** Where what a change costs is asked for. */
export const changeWay = z
  .enum(changeWays)
  .describe(
    'Where what a change costs is asked for: on the next charge; or first, so that it applies once it is paid, on a page where its customer pays, or over the method that they saved for charges outside of the plan (next_cycle)',
  );

/** When cycle 0 is charged. */
export const firstChargeWay = z
  .enum(firstChargeWays)
  .describe(
    'When cycle 0 is charged: to the method once it is saved, or in the session in which the customer saves it; goes without a trial (after_saving)',
  );

/** A stretch of time by the clock. */
export const hours = (description: string) =>
  form(parseHours, { description, pattern: HOURS_PATTERN, examples: ['1 day'] });

/** How long a link is good. */
export const linkLife = (description: string) =>
  form(parseLinkLife, { description, pattern: LINK_LIFE_PATTERN, examples: ['24 hours'] });

/** A calendar interval. */
export const interval = (description: string) =>
  form(parseInterval, { description, pattern: INTERVAL_PATTERN, examples: ['1 month', '14 days'] });

/** Where a customer is sent back to. Not z.url: it mends blanks and line ends in silence, and the file would show another one. */
const httpsUrl = z
  .string()
  .max(2000)
  .meta({ format: 'uri', pattern: '^https://' })
  .superRefine((text, context) => {
    const fault = returnAddressFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

/** Read as IANA spells it. */
export const timeZone = form(parseTimeZone, {
  description: 'IANA time zone',
  examples: ['Asia/Jakarta', 'Asia/Manila'],
});

/** "12 cycles". */
export const cycles = (description: string) =>
  form(parseCycles, { description, pattern: '^[0-9]+ cycles?$', examples: ['12 cycles'] });

export const day = (description: string) =>
  form(parseDay, { description, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2027-01-01'] });

/** "12%" */
export const percent = (description: string) =>
  form(parsePercent, { description, pattern: '^[0-9]{1,3}(\\.[0-9]{1,4})?%$', examples: ['12%', '7.5%'] });

/** "11/12" */
export const fraction = (description: string) =>
  form(parseFraction, { description, pattern: '^[0-9]{1,6}/[0-9]{1,6}$', examples: ['11/12'] });

/** What customers type in. */
export const couponCode = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9_-]{0,39}$/, 'must be 1 to 40 of A-Z, 0-9, "_" and "-", and begin with a letter or a digit');

/** "20", "12.5": more than nothing, at most all, two decimals. */
export const couponPercent = (description: string) =>
  z
    .number()
    .gt(0, 'must be more than 0')
    .max(100, 'must be at most 100')
    .refine((value) => Number.isInteger(Math.round(value * 1e6) / 1e4), 'must have at most 2 decimals')
    .meta({ description, examples: [20] });

/** How often a coupon takes something off. Without a default: a discount that nobody meant to end costs its seller for ever. */
export const couponCycles = z
  .union([z.int().min(1).max(10_000), z.literal('for_ever')], {
    error:
      'must be a number of cycles, such as 3, or for_ever: a coupon counts the cycles of its plan, however long they are',
  })
  .meta({
    description: 'How many paid cycles it takes something off: a number, or for_ever',
    examples: [3, 'for_ever'],
  });

/** Where its customer goes on after they were at Xendit. */
export const returnUrls = z
  .strictObject({
    success: httpsUrl.describe('Where the customer lands after saving a payment method'),
    cancel: httpsUrl.describe('Where the customer lands after turning back'),
  })
  .describe('HTTPS addresses that Xendit sends the customer back to');
