import { z } from 'zod';
import { amounts } from './amount-fields.ts';
import { couponCycles, couponPercent, day, id } from './catalog-fields.ts';

const MOST_USES = 100_000_000;

/** What a coupon of the catalog may say. */
export const coupon = z.strictObject({
  percent: couponPercent('How much of a charge it takes off; or give amount').optional(),
  amount: amounts('What it takes off a charge, at most the charge; or give percent'),
  cycles: couponCycles,
  max_uses: z
    .int()
    .min(1)
    .max(MOST_USES)
    .describe('So many subscriptions may take it; left out: any number')
    .optional(),
  per_customer: z.int().min(1).max(1000).describe('So many subscriptions of one customer may take it').optional(),
  plans: z.array(id).min(1).max(500).describe('The plans that it may be taken for; left out: all').optional(),
  customers: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(10_000)
    .describe('Your references of the customers who may take it; left out: all')
    .optional(),
  until: day('The last day on which it may be taken, in the zone of the subscription').optional(),
});
