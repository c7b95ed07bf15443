import { z } from 'zod';
import { zoneMeant } from '../../../domain/calendar/cycle.ts';
import { isLanguage } from '../../../domain/catalog/languages.ts';
import { parseLinkLife } from '../../../domain/catalog/link-life.ts';
import { returnAddressFault, returnAddressLengthFault } from '../../../domain/catalog/web-address.ts';
import { parseTrial } from '../../../domain/subscriptions/trial.ts';

/** Text that Postgres and JSON can hold: no NUL, no half of a character, and nothing that was lost on its way here. */
export const storable = z
  .string()
  .refine((text) => !text.includes('\0'), 'must not contain NUL')
  .refine(
    (text) => !text.includes('\ufffd'),
    'must not contain U+FFFD, which stands for a character that was lost: write UTF-8',
  )
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');

/** A name that people may read: no control characters, which would forge lines elsewhere. */
export const plainText = (max: number) =>
  storable
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters')
    .refine(
      (text) => !/\p{Bidi_Control}/u.test(text),
      'must not contain characters that turn the direction of writing',
    );

/** What stands at the ends of a text and is not seen. */
const UNSEEN_ENDS = /^[\s\p{C}\p{Default_Ignorable_Code_Point}]+|[\s\p{C}\p{Default_Ignorable_Code_Point}]+$/gu;

/** A text as a reader sees it, without what is not seen at its ends. */
export const seenOf = (text: string): string => text.replace(UNSEEN_ENDS, '');

const SHORTEST_REASON = 10;

/** Why a person did something, in one line: enough for whoever reads it a year later. */
export const reasonText = plainText(500)
  .refine((text) => seenOf(text).length >= SHORTEST_REASON, `must have at least ${SHORTEST_REASON} characters`)
  .meta({
    minLength: SHORTEST_REASON,
    description: 'Why, in one line, for the ledger',
    examples: ['The customer moved abroad'],
  });

/** What a list is narrowed to; longer than any name that we hold it finds nothing anyway. */
export const filterText = plainText(255).optional();

/** Yes or no, in a query. */
export const yesOrNo = z.enum(['true', 'false'], 'must be true or false');

/** An amount in plain digits, in major units of whichever currency. */
export const amountText = z
  .string()
  .regex(/^\d{1,13}(\.\d{1,2})?$/, 'must be an amount in plain digits, such as 150000 or 10.50');

/** Xendit's id of a sub-account; empty: the merchant's own. */
export const accountText = storable.max(255);

/** Where a customer is sent back to. Not z.url: it mends blanks and line ends in silence. */
export const returnUrl = z
  .string()
  .meta({ format: 'uri', minLength: 11, maxLength: 255 })
  .superRefine((text, ctx) => {
    const fault = returnAddressLengthFault(text) ?? returnAddressFault(text);
    if (fault !== null) ctx.addIssue({ code: 'custom', message: fault });
  });

/** Where a page of the product's own stands: its scheme, host and port, and nothing behind them. */
const origin = z
  .string()
  .max(255)
  .meta({ format: 'uri' })
  .superRefine((address, ctx) => {
    const fault = returnAddressFault(address) ?? (URL.parse(address)?.origin === address ? null : NO_ORIGIN);
    if (fault !== null) ctx.addIssue({ code: 'custom', message: fault });
  });
const NO_ORIGIN = 'must be scheme, host and port alone, such as https://shop.example.com';

/** Of COMPONENTS alone, which shows a session on pages of the product's own. */
export const origins = z
  .array(origin)
  .min(1)
  .max(20)
  .meta({
    description: 'In COMPONENTS, and only there: where your page stands',
    examples: [['https://shop.example.com']],
  });

type Placed = { readonly mode?: string | undefined; readonly origins?: readonly string[] | undefined };

/** Whether a body says where its session is shown, and says so only where that is asked for. */
export function checkOrigins({ mode, origins: named }: Placed, ctx: z.RefinementCtx): void {
  const isComponents = mode === 'COMPONENTS';
  if (isComponents === (named !== undefined)) return;
  const message = isComponents ? 'is missing: COMPONENTS needs it' : 'is for COMPONENTS alone';
  ctx.addIssue({ code: 'custom', path: ['origins'], message });
}

/** "none", or an interval such as "14 days". */
export const trialText = z
  .string()
  .max(100)
  .superRefine((text, ctx) => {
    const trial = parseTrial(text);
    if (typeof trial === 'object' && 'fault' in trial)
      ctx.addIssue({ code: 'custom', message: `must be none, or an interval: ${trial.fault}` });
  });

/** How long a link is good, such as "2 hours". */
export const linkLife = z
  .string()
  .max(100)
  .meta({
    description: 'How long the link is good, at least 10 minutes; left out: as the catalog says',
    examples: ['2 hours'],
  })
  .superRefine((text, ctx) => {
    const life = parseLinkLife(text);
    if (typeof life !== 'number') ctx.addIssue({ code: 'custom', message: life.fault });
  });

export const timeZone = z
  .string()
  .max(100)
  .refine(isTimeZone, 'must be an IANA time zone like Asia/Jakarta')
  .refine(
    (zone) => zoneMeant(zone) === null,
    'lies west of UTC, whatever its sign says: write a city, like Asia/Jakarta',
  );

/** A language, as Xendit's page speaks it. */
export const locale = z
  .string()
  .max(2)
  .refine((code) => isLanguage(code), 'must be a language of ISO 639-1 in two small letters, like en or id');

function isTimeZone(text: string): boolean {
  try {
    return (
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId.includes('/') || text === 'UTC'
    );
  } catch {
    return false;
  }
}

/** Calendars of charges go no further; Temporal would, to years that Postgres does not know. */
const LAST_DAY = '2200-01-01';
/** Postgres has no year 0. */
const FIRST_DAY = '0001-01-01';

export const dateText = z.iso
  .date('must be a date like 2026-01-31')
  .refine((text) => text >= FIRST_DAY, `must not lie before ${FIRST_DAY}`)
  .refine((text) => text < LAST_DAY, `must lie before ${LAST_DAY}`);

/** Longer than any date or instant with all its digits and its zone. */
const LONGEST_MOMENT = 100;

/** A date or an instant, to be read by the flow that knows the zone. */
export const momentText = z.string().max(LONGEST_MOMENT);

export const instantText = momentText
  .refine(isInstant, `must be an instant like 2026-02-01T00:00:00Z, before ${LAST_DAY}`)
  .meta({ format: 'date-time' });

function isInstant(text: string): boolean {
  try {
    return (
      Temporal.Instant.from(text).epochMilliseconds < Temporal.Instant.from(`${LAST_DAY}T00:00Z`).epochMilliseconds
    );
  } catch {
    return false;
  }
}
