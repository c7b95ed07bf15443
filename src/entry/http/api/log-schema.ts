import { z } from 'zod';
import type { logColumns } from '../../../domain/books/ledger.ts';
import { declineClasses } from '../../../domain/declines/decline-class.ts';
import { currencies } from '../../../domain/money/money.ts';
import { listOrFile } from '../lists/file.ts';
import {
  count,
  id,
  instant,
  maybeCount,
  maybeDate,
  maybeId,
  maybeOneOf,
  maybeText,
  money,
  pageOf,
  text,
  told,
} from './fields.ts';

const columns = {
  entry_id: id('The id of the entry'),
  at: instant('When it was written'),
  kind: text('What it is about', 'charge.paid').meta({ pattern: '^[a-z]+\\.[a-z_]+$' }),
  subscription_reference: text('Your own id of the subscription', 'sub-1001'),
  subscription_id: id("dueday's id of the subscription"),
  plan: text('The plan, by its name in the catalog', 'pro-monthly'),
  customer_reference: maybeText("Your own id of the customer, or Xendit's where you gave none", 'cust-1001'),
  charge_id: maybeId("dueday's id of the charge; null where it is about none"),
  cycle: maybeCount('The cycle of the charge; cycles count from 0', 0),
  period_start: maybeDate('The first day that is paid for'),
  period_end: maybeDate('The last day that is paid for, included'),
  attempt: maybeCount('Which attempt of the charge; they count from 1', 1),
  reference_id: maybeText("The attempt's name at Xendit", 'due_019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17_0_1'),
  channel: maybeText("Xendit's code of the channel", 'CARDS'),
  amount: told(
    z.number().nullable(),
    'What the charge or attempt is for, in major units; do not sum it, as it repeats',
    150_000,
  ),
  currency: maybeOneOf(currencies, 'The currency of the amounts beside it, ISO 4217'),
  money: money('What moved with this entry and no other: the column to sum'),
  outcome: maybeText('What Xendit said of the attempt', 'succeeded'),
  failure_code: maybeText('Why not, in the words of Xendit', 'INSUFFICIENT_BALANCE'),
  class: maybeOneOf(declineClasses, 'What kind of decline it was'),
  decision: maybeText('What was decided', 'retry'),
  why: maybeText('The reason, in a sentence', 'Step 1 of 4 of the ladder: 1 day after the decline.'),
  payment_request_id: maybeText("Xendit's id of the request", 'pr-1102feb0-bb79-47ae-9d1e-e69394d3949c'),
  payment_id: maybeText("Xendit's id of the payment", 'py-1402feb0-bb79-47ae-9d1e-e69394d3949c'),
  catalog_version: maybeCount('The version of the catalog that it went by', 1),
  actor: text('Who did it: dueday itself, Xendit, a key of the API, or a person with a command', 'api:product:shop'),
  hash: text('Over this entry and the one before it of the subscription: an edit shows', '9f86d081884c7d65').meta({
    pattern: '^[0-9a-f]+$',
  }),
  credit: told(
    z.number().nullable(),
    "By how much the subscription's credit moved, in major units; it may be negative",
    -50_000,
  ),
  detail: maybeText('What the entry says beyond its columns: JSON', '{"from":"basic","to":"pro"}'),
  account: text("Xendit's id of the sub-account whose money it is about; empty: the merchant's own", ''),
} satisfies Readonly<Record<(typeof logColumns)[number], z.ZodType<string | number | null>>>;

const line = z
  .object<Readonly<Record<string, z.ZodType<string | number | null>>>>(columns)
  .meta({ id: 'ChargeLogEntry', description: 'An entry of the ledger as finance reads it' });

const total = z
  .object({
    currency: maybeOneOf(currencies, 'In this currency; null: entries that are about no money'),
    count: count('So many entries', 12),
    money: money('What moved with them'),
    credit: money('By how much credit moved with them', 0),
  })
  .meta({ id: 'ChargeLogTotal', description: 'What the entries of a filter come to in one currency' });

/** What GET /v1/charge-log answers. */
export const logSchema = listOrFile(
  pageOf(line).extend({
    totals: z
      .array(total)
      .describe('What all entries of the filter come to, by currency; left out where a cursor is sent')
      .optional(),
  }),
);
