import { z } from 'zod';
import { count, currency, id, instant, maybeCount, maybeText, money, oneOf, text, told } from '../fields.ts';
import { reasonText } from '../texts.ts';

const DIGEST = '3-9f86d081884c-7d659a2feaa0-c55ad015a3bf';
const whys = (description: string) =>
  told(z.record(z.string(), z.number()), description, { 'price_change: new_only': 12 });

const charges = (description: string) =>
  z
    .array(
      z.object({
        cycle: count('Its cycle', 4),
        due_at: instant('When it falls due'),
        amount: money('What is asked for'),
      }),
    )
    .describe(description);

const exampleSchema = z.object({
  subscription: id("dueday's id of the subscription"),
  reference: text('Your reference of it', 'sub-1001'),
  like: count('Subscriptions that the edit treats as this one', 90),
  effect: oneOf(['touched', 'kept', 'refused'], 'What the edit does to it'),
  why: maybeText('Why it is kept or refused', 'price_change: new_only'),
  before: charges('Its next three charges as things stand'),
  after: charges('The same with the edit in force; of one that is refused none'),
});

const planSchema = z.object({
  plan: text('Its name in the catalog', 'pro-monthly'),
  change: oneOf(['added', 'removed', 'changed'], 'What becomes of it'),
  fields: z
    .array(
      z.object({
        field: text('The field', 'price'),
        before: maybeText('What it says now; null: nothing', 'IDR 150,000'),
        after: maybeText('What it would say', 'IDR 175,000'),
      }),
    )
    .describe('What is changed of it'),
  subscriptions: count('Live subscriptions that it touches', 90),
  kept: count('Those that stay as they were agreed although the plan is sold otherwise', 12),
  kept_why: whys('How many of them for which reason'),
  refused: count('Those that it cannot be made for: while there is one it cannot be applied', 0),
  refused_why: whys('How many of them for which reason'),
  notices_owed: count(
    'Those that would pay more where the plan asks for a notice: their customers are to be told before',
    90,
  ),
  consents_owed: count('Those among them whose customers have to agree as well', 0),
  monthly_before: money('What they are asked for in a month, before tax, discounts and credit'),
  monthly_after: money('The same with the edit in force'),
  currency: currency(),
  examples: z.array(exampleSchema).describe('A few of each kind'),
});

export const diffSchema = z
  .object({
    digest: text('What puts exactly this in force', DIGEST),
    from_version: count('The version in force', 3),
    to_version: maybeCount('The version that the text was stored as; null: it is new', 4),
    nothing_to_do: told(z.boolean(), 'Whether the text is what is in force', false),
    plans: z.array(planSchema).describe('The plans that it changes'),
    others: told(z.array(z.string()), 'What it changes beside plans', ['defaults: missed_after']),
    totals: z
      .array(
        z.object({
          currency: currency(),
          subscriptions: count('Live subscriptions', 102),
          touched: count('Those that the edit touches', 90),
          monthly_before: money('What all are asked for in a month, before tax, discounts and credit'),
          monthly_after: money('The same with the edit in force'),
        }),
      )
      .describe('The whole book, by currency'),
    faults: told(z.array(z.string()), 'Why it cannot be applied; empty: it can', []),
  })
  .meta({ id: 'CatalogDiff', description: 'What an edit of the catalog would do to the live book' });

export const applyBody = z.strictObject({
  catalog: told(z.string().max(1024 * 1024), 'The text of the catalog, YAML', 'defaults:\n  country: ID\n'),
  digest: told(z.string().min(1).max(200), 'What the diff of this text was answered with', DIGEST),
  reason: reasonText.optional(),
});

export const appliedSchema = z
  .object({
    applied: told(z.boolean(), 'Whether it was put in force now; false: it is in force already', true),
    version: count('The version in force', 4),
  })
  .meta({ id: 'CatalogApplied', description: 'What became of an edit' });
