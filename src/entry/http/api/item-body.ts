import { z } from 'zod';
import { told } from './fields.ts';
import { plainText } from './texts.ts';

const MOST_QUANTITY = 1_000_000;
/** What a JSON number still carries exactly in every currency. */
const MOST_AMOUNT = 999_999_999_999;

/** How many of something. */
export const quantityOf = (description: string) => told(z.int().min(1).max(MOST_QUANTITY), description, 1);

/** A line that is asked for on the next charge. */
export const itemBody = z.strictObject({
  text: told(plainText(200), 'What it says to people', 'Extra seat in March'),
  amount: told(
    z.number().max(MOST_AMOUNT),
    "The price of one, in major units of the subscription's currency; more than 0",
    10_000,
  ),
  quantity: quantityOf('How many; left out: one').optional(),
});
