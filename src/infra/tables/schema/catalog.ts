import { sql } from 'drizzle-orm';
import { check, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.ts';

export const catalogVersions = pgTable('catalog_versions', {
  version: integer('version').primaryKey(),
  digest: text('digest').notNull().unique('catalog_versions_one_per_digest'),
  source: text('source').notNull(),
  appliedAt: instant('applied_at').notNull(),
});

/**
 * Each time that a version came in force, by whom and why; written by the statement that puts it in force. Append-only like
 * `armings`, and the numbers have no gap.
 */
export const catalogApplies = pgTable(
  'catalog_applies',
  {
    number: integer('number').primaryKey(),
    /** The version in force before; null: there was none. */
    fromVersion: integer('from_version'),
    toVersion: integer('to_version').notNull(),
    /** Of the edit that was shown, and of the book that it was judged on; null: a file that applied itself. */
    digest: text('digest'),
    /** What the edit was shown to do; null: nobody was shown anything. */
    shown: jsonb('shown').$type<unknown>(),
    actor: text('actor').notNull(),
    reason: text('reason'),
    appliedAt: instant('applied_at').notNull(),
  },
  (t) => [
    check('catalog_applies_number', sql`${t.number} > 0`),
    check('catalog_applies_changes', sql`${t.fromVersion} is distinct from ${t.toVersion}`),
    check('catalog_applies_shown_as_a_whole', sql`(${t.digest} is null) = (${t.shown} is null)`),
  ],
);

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
