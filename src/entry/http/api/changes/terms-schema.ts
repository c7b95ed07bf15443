import { z } from 'zod';
import { count, currency, date, money, text } from '../fields.ts';

/** What was agreed with a subscription from a cycle on. */
export const termsSchema = z
  .object({
    plan: text('The plan, by its name in the catalog', 'pro-monthly'),
    catalog_version: count('The version of the catalog that its price is from', 1),
    unit_amount: money('What one costs a cycle'),
    quantity: count('How many', 1),
    amount: money('What a cycle costs, before items, discount, added tax and credit'),
    currency: currency(),
    interval: text('How far apart its cycles lie', '1 month'),
    time_zone: text('The IANA time zone in which its days begin', 'Asia/Jakarta'),
    charge_at: text('The local time at which cycles fall due', '09:00'),
    anchor_date: date('The day that cycles are counted from'),
    coupon: text('The code of its coupon; left out: it has none', 'HEMAT20').optional(),
  })
  .nullable()
  .describe('What was agreed; null of what changes no terms');
