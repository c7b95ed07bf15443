import { z } from 'zod';
import { lineKinds } from '../../../domain/money/lines.ts';
import { count, date, money, oneOf, text, told } from './fields.ts';

const tax = z
  .object({
    name: text('What the catalog calls it', 'PPN'),
    rate: text('How much of its base it is', '12%'),
    of: text('The share of the base that is taxed, where that is not all of it', '11/12').optional(),
    base: money('The line without its share of the discount, and without an included tax', 135_135),
    part: money('The share of the base that is taxed, where that is not all of it', 123_874).optional(),
    amount: money('The tax', 14_865),
    included: told(z.boolean(), "Whether the tax is inside of the line's amount, or added to it", true),
  })
  .optional()
  .describe('The tax of the line; left out where it has none');

const lineSchema = z
  .object({
    kind: oneOf(lineKinds, 'What it is about; credit: what is given back, or used of the credit there is'),
    text: text('What it says to people', 'Pro'),
    quantity: count('How many', 1),
    unit_amount: money('The price of one'),
    amount: money('Quantity times the price of one; less than 0 where it takes off'),
    tax,
    period: z
      .object({ start: date('Its first day'), end: date('Its last day, included', '2026-03-02') })
      .optional()
      .describe('What is paid for; left out where it is for no days'),
  })
  .meta({ id: 'Line', description: 'A line of a charge' });

/** What a charge is made of: its lines, and the tax that is added to them, come to its amount. */
export const parts = {
  lines: z.array(lineSchema).describe('What it is made of; with tax_added they come to the amount'),
  subtotal: money('What its lines come to before discount, added tax and credit'),
  discount: money('What is taken off', 0),
  tax_included: money('The tax inside of it', 0),
  tax_added: money('The tax on top of it', 0),
  credit_used: money('The credit that was used before money is asked for', 0),
};
