import { z } from 'zod';
import { declineClasses } from '../../../../domain/declines/decline-class.ts';
import { count, currency, date, id, instant, maybeOneOf, money, oneOf, text, told } from '../fields.ts';

const rateSchema = z.object({
  channel_code: text('The channel of the method; empty: of a method whose channel is not known', 'CARDS'),
  class: maybeOneOf(
    declineClasses,
    'What the first attempt was declined as; null: the channel as a whole, whose rate weighs its charges',
  ),
  attempts: count('First attempts that it rests on; of a class those of them whose charge is decided', 1204),
  succeeded: count('Those of them that succeeded; of a class those that were collected by a later attempt', 1113),
  rate: told(z.number(), 'How much of what is asked for comes in in the end, from 0 to 1', 0.953),
  basis: oneOf(
    ['recorded', 'all_channels', 'default'],
    'recorded: its own attempts; all_channels: those of all, since it has too few; default: all have too few, so each charge counts as paid, and what was declined as lost',
  ),
});

const assumptionsSchema = z.object({
  from: date('The first day', '2026-11-30'),
  to: date('The last day', '2027-11-30'),
  time_zone: text('Whose calendar says which day it is', 'Asia/Jakarta'),
  catalog_version: count('The version in force', 3),
  catalog_digest: text(
    'Of the text that was forecast by',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ),
  what_if: told(z.boolean(), 'Whether that is another text than the one in force', false),
  success_rates_from: date('The first day of the charge log that the rates rest on', '2026-08-31'),
  success_rates_to: date('The last one', '2026-11-30'),
  success_rates: z.array(rateSchema).describe('How often what is asked for comes in, as the charge log has it'),
  notes: told(z.array(z.string()), 'What else is assumed, a sentence each', [
    'charges that are open already are in no row',
  ]),
});

export const forecastSchema = z
  .object({
    run: z
      .object({
        at: instant('The moment that the book was read as of'),
        subscriptions: count('Subscriptions that were looked at', 812),
        charges: count('Charges that are to come', 9_744),
        seconds: told(z.number(), 'How long it took', 0.4),
      })
      .describe('How it was made'),
    assumptions: assumptionsSchema.describe('What it rests on'),
    rows: z
      .array(
        z.object({
          day: date('The day, or the first day of the month', '2026-12-01'),
          currency: currency(),
          expected: money('What falls due, after discounts, tax and credit'),
          weighted: money('How much of it comes in, if charges succeed as often as they did', 142_950),
          charges: count('Charges that fall due', 1),
        }),
      )
      .describe('In order; a day or a month without a charge has none'),
    not_forecast: z
      .array(
        z.object({
          subscription: id("dueday's id of the subscription"),
          why: text('Why', 'it is paused until somebody resumes it'),
        }),
      )
      .describe('Those that nobody can say it of; none of their charges is in a row'),
  })
  .meta({ id: 'Forecast' });
