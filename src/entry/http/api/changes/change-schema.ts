import { z } from 'zod';
import { changeStates, changeSubjects, changeTimes } from '../../../../domain/subscriptions/terms-change.ts';
import {
  count,
  currency,
  instant,
  maybeId,
  maybeInstant,
  maybeOneOf,
  maybeText,
  money,
  oneOf,
  text,
  told,
} from '../fields.ts';
import { quantityOf } from '../item-body.ts';
import { parts } from '../line-schema.ts';
import { upcomingSchema } from '../subscription-schema.ts';
import { dateText, plainText, reasonText, timeZone } from '../texts.ts';
import { termsSchema } from './terms-schema.ts';

const WHEN = 'must be now, period_end or a date like 2026-03-15';
const HOUR = /^([01]\d|2[0-3]):[0-5]\d$/;
/** A token says all that was previewed. */
const LONGEST_TOKEN = 20_000;

const wanted = {
  plan: told(plainText(100), 'The plan that it is to be of, by its name in the catalog', 'pro-yearly').optional(),
  quantity: quantityOf('How many of the plan').optional(),
  coupon: told(
    z.string().min(1).max(40),
    'The coupon that it takes when the change applies; no subscription takes one twice',
    'HEMAT20',
  ).optional(),
  time_zone: told(timeZone, 'The IANA time zone in which its days are to begin', 'Asia/Makassar').optional(),
  charge_at: told(
    z.string().regex(HOUR, 'must be a time of day like 09:00'),
    'The local time at which its cycles are to fall due',
    '18:00',
  ).optional(),
  anchor_date: told(
    dateText,
    'The day on which the next period is to begin, from which all others are counted',
    '2026-03-15',
  ).optional(),
  when: told(
    plainText(20).refine((text) => text === 'now' || text === 'period_end' || dateText.safeParse(text).success, WHEN),
    'From when on: at once, which it is where this is left out, with the next period, or from a day on',
    'period_end',
  ).optional(),
  anchor: told(
    z.enum(['keep', 'reset'], { error: 'must be keep or reset' }),
    'reset: the next period begins today, and what is left of the running one is given back',
    'keep',
  ).optional(),
};

export const previewBody = z.strictObject(wanted);

export const changeBody = z
  .strictObject({
    ...wanted,
    preview_token: told(
      z.string().min(1).max(LONGEST_TOKEN),
      'What a preview answered, instead of all other fields: the change comes to what was previewed, or is refused',
      'ZHVlMTprMTo',
    ).optional(),
    reason: reasonText.optional(),
  })
  .superRefine(({ preview_token: token, reason: _why, ...asked }, ctx) => {
    if (token === undefined) return;
    for (const field of Object.keys(asked))
      ctx.addIssue({ code: 'custom', path: [field], message: 'stands in the preview: send preview_token without it' });
  });

export const changePreviewSchema = z
  .object({
    preview_token: text('What makes this very change, sent to .../change', 'ZHVlMTprMTo'),
    good_until: instant('Until when the token is good'),
    ...parts,
    credit_after: money('The credit of the subscription after the change', 0),
    amount: money('What the change costs'),
    currency: currency(),
    due: oneOf(['now', 'next_cycle', 'nothing'], 'When that is asked for; nothing: the change costs nothing'),
    pay_first: maybeOneOf(
      ['pay_link', 'unscheduled'],
      'How it is paid before it applies, on a page where its customer pays or over the saved method; null: it applies without',
    ),
    before: z.array(upcomingSchema).describe('The next charges without the change'),
    after: z.array(upcomingSchema).describe('The next charges with it'),
    warnings: z
      .array(z.string())
      .meta({ description: 'What it puts an end to, and what must happen before it can apply', examples: [[]] }),
  })
  .meta({ id: 'ChangePreview', description: 'What a change would come to; nothing was changed' });

export const changeSchema = z
  .object({
    number: count('Changes of a subscription count from 1', 1),
    what: oneOf(changeSubjects, 'What it is about; of several things the first of these'),
    when: oneOf(changeTimes, 'From when on it was to hold'),
    state: oneOf(changeStates, 'What has become of it'),
    before: termsSchema,
    after: termsSchema,
    charge_id: maybeId('The charge that pays for it'),
    actor: text('Who asked for it', 'product'),
    reason: maybeText('Why, if they said', 'The customer asked for more seats'),
    why: text('Why it came to nothing', 'change 2 replaced it').optional(),
    asked_at: instant('When it was asked for'),
    closed_at: maybeInstant('When it was applied, withdrawn, or lapsed'),
  })
  .meta({ id: 'Change', description: 'What somebody asked to be changed of a subscription, and what became of it' });
