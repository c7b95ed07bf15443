import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.ts';

/** Each time that a coupon was taken, for the whole installation: coupons know no buckets. Nothing is deleted. */
export const couponUses = pgTable(
  'coupon_uses',
  {
    code: text('code').notNull(),
    subscriptionId: uuid('subscription_id').notNull(),
    customerId: uuid('customer_id').notNull(),
    /** Which of the customer's uses it is, counted from 1: no two that stand have the same, so nobody takes one too many. */
    number: integer('number').notNull(),
    /** How many the catalog let one customer take then; null: any number. */
    most: integer('most'),
    takenAt: instant('taken_at').notNull(),
    /** Its subscription was canceled before it began. */
    givenBackAt: instant('given_back_at'),
  },
  (t) => [
    primaryKey({ name: 'coupon_uses_pk', columns: [t.code, t.subscriptionId] }),
    uniqueIndex('coupon_uses_numbered').on(t.code, t.customerId, t.number).where(sql`given_back_at is null`),
    check('coupon_uses_within_most', sql`${t.number} >= 1 and (${t.most} is null or ${t.number} <= ${t.most})`),
  ],
);

/** How many uses of each coupon stand. Whoever takes one locks its row, so that its most holds them all. */
export const couponCounts = pgTable(
  'coupon_counts',
  {
    code: text('code').primaryKey(),
    used: integer('used').notNull(),
    /** As the catalog said when it was last taken; null: any number. */
    most: integer('most'),
  },
  (t) => [check('coupon_counts_within_most', sql`${t.used} >= 0 and (${t.most} is null or ${t.used} <= ${t.most})`)],
);
