import { z } from 'zod';
import { currencies } from '../../domain/money/money.ts';

/** The reader gives us amounts as they were written, so that 10.10 keeps its digits. */
export const asWritten = z.union([z.number(), z.string()], { error: 'must be a number, such as 150000 or 10.50' });

export const amounts = (description: string) =>
  z
    .partialRecord(z.enum(currencies), asWritten)
    .describe(`${description}; in major units by currency, such as { IDR: 5000000, PHP: 12500.50 }`)
    .optional();

/** How money is given back. */
export const refunds = z
  .strictObject({ four_eyes: amounts('Refunds of a charge that come to more need a second person to approve them') })
  .describe('How money is given back');
