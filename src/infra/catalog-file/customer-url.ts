import { z } from 'zod';
import { customerAddressFault } from '../../domain/catalog/customer-address.ts';

/** Where a customer stands in the business's own system. */
export const customerUrl = z
  .string()
  .max(1_000)
  .superRefine((text, ctx) => {
    const fault = customerAddressFault(text);
    if (fault !== null) ctx.addIssue({ code: 'custom', message: fault });
  })
  .describe(
    'The page of a customer in your own system, such as https://example.com/customers/{reference}: pages link to it',
  );
