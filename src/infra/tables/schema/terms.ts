import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { IntervalUnit } from '../../../domain/calendar/interval.ts';
import type { TakenCoupon } from '../../../domain/catalog/coupon.ts';
import type { Currency } from '../../../domain/money/money.ts';
import {
  type ItemState,
  itemStates,
  type RepricingState,
  repricingStates,
} from '../../../domain/subscriptions/repricing/repricing.ts';
import { type TermsOrigin, termsOrigins } from '../../../domain/subscriptions/terms.ts';
import {
  type ChangeState,
  type ChangeSubject,
  type ChangeTime,
  changeStates,
  changeSubjects,
  changeTimes,
  type TermsText,
} from '../../../domain/subscriptions/terms-change.ts';
import { instant, minor, plainDate } from '../../database/columns.ts';
import { inBucket, isOneOf } from './heads.ts';
import { subscriptions } from './subscriptions.ts';

/**
 * What was agreed with a customer, from one cycle on. Rows are only inserted; one whose cycles were not opened may be withdrawn. A
 * subscription that nobody ever changed has none: its own row says all.
 */
export const terms = pgTable(
  'terms',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    number: integer('number').notNull(),
    origin: text('origin').$type<TermsOrigin>().notNull(),
    /** The first cycle that the row holds for. */
    fromCycle: integer('from_cycle').notNull(),
    anchor: plainDate('anchor').notNull(),
    /** The cycle that begins on the anchor, this one or an earlier one: 31 January counts its months on although a price changes in February. */
    anchorCycle: integer('anchor_cycle').notNull(),
    intervalCount: integer('interval_count').notNull(),
    intervalUnit: text('interval_unit').$type<IntervalUnit>().notNull(),
    timeZone: text('time_zone').notNull(),
    chargeAt: text('charge_at').notNull(),
    plan: text('plan').notNull(),
    catalogVersion: integer('catalog_version').notNull(),
    unitAmount: minor('unit_amount').notNull(),
    quantity: integer('quantity').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    lastCycle: integer('last_cycle'),
    /** With what was promised when it was agreed; null: none, or of a version that wrote none down. */
    coupon: jsonb('coupon').$type<TakenCoupon>(),
    actor: text('actor').notNull(),
    agreedAt: instant('agreed_at').notNull(),
    withdrawnAt: instant('withdrawn_at'),
  },
  (t) => [
    primaryKey({ name: 'terms_pk', columns: [t.bucket, t.subscriptionId, t.number] }),
    foreignKey({
      name: 'terms_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    check('terms_origin', isOneOf(t.origin, termsOrigins)),
    check('terms_number', sql`${t.number} > 0`),
    check('terms_cycles', sql`${t.anchorCycle} >= 0 and ${t.fromCycle} >= ${t.anchorCycle}`),
    check(
      'terms_amount',
      sql`${t.quantity} > 0 and ${t.unitAmount} > 0 and ${t.amount} = ${t.quantity} * ${t.unitAmount}`,
    ),
  ],
);

/** What somebody asked to be changed of a subscription, and what became of it. */
export const changes = pgTable(
  'changes',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    number: integer('number').notNull(),
    what: text('what').$type<ChangeSubject>().notNull(),
    effective: text('effective').$type<ChangeTime>().notNull(),
    state: text('state').$type<ChangeState>().notNull(),
    /** The request as it came: a change of a later day is worked out again on that day. */
    asked: jsonb('asked').$type<Readonly<Record<string, string | number>>>().notNull(),
    before: jsonb('before').$type<TermsText>(),
    after: jsonb('after').$type<TermsText>(),
    /** When it applies by itself; null: it waits for a payment, or its time is over. */
    appliesAt: instant('applies_at'),
    /** The terms that it wrote down. */
    termsNumber: integer('terms_number'),
    /** The charge that pays for it. */
    chargeId: uuid('charge_id'),
    actor: text('actor').notNull(),
    reason: text('reason'),
    askedAt: instant('asked_at').notNull(),
    /** When it was applied, withdrawn, or lapsed. */
    closedAt: instant('closed_at'),
    /** Why it came to nothing. */
    why: text('why'),
  },
  (t) => [
    primaryKey({ name: 'changes_pk', columns: [t.bucket, t.subscriptionId, t.number] }),
    foreignKey({
      name: 'changes_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    uniqueIndex('changes_one_planned').on(t.bucket, t.subscriptionId).where(sql`state = 'planned'`),
    index('changes_planned').on(t.appliesAt).where(sql`applies_at is not null`),
    check('changes_what', isOneOf(t.what, changeSubjects)),
    check('changes_effective', isOneOf(t.effective, changeTimes)),
    check('changes_state', isOneOf(t.state, changeStates)),
    check('changes_number', sql`${t.number} > 0`),
    check('changes_only_planned_applies', sql`${t.state} = 'planned' or ${t.appliesAt} is null`),
    check(
      'changes_closed_has_time',
      sql`(${t.state} in ('applied', 'lapsed', 'withdrawn')) = (${t.closedAt} is not null)`,
    ),
  ],
);

/** Each time that running subscriptions of a plan are moved to the price of a catalog version; of a plan one runs at a time. */
export const repricings = pgTable(
  'repricings',
  {
    number: integer('number').primaryKey(),
    plan: text('plan').notNull(),
    toVersion: integer('to_version').notNull(),
    /** Whom it was narrowed to, `key=value` each; all of them hold. */
    filter: jsonb('filter').$type<readonly string[]>().notNull(),
    /** How many it was to move at most; null: all. */
    most: integer('most'),
    state: text('state').$type<RepricingState>().notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
    draftedAt: instant('drafted_at').notNull(),
    /** When none of its subscriptions waited any more. */
    endedAt: instant('ended_at'),
    /** When somebody let it go on; null: it was never resumed. */
    resumedAt: instant('resumed_at'),
  },
  (t) => [
    uniqueIndex('repricings_one_running').on(t.plan).where(sql`state = 'running'`),
    check('repricings_number', sql`${t.number} > 0`),
    check('repricings_state', isOneOf(t.state, repricingStates)),
    check('repricings_done_has_end', sql`(${t.state} = 'done') = (${t.endedAt} is not null)`),
  ],
);

/** A subscription of a repricing, and what became of it. */
export const repricingItems = pgTable(
  'repricing_items',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    repricing: integer('repricing').notNull(),
    state: text('state').$type<ItemState>().notNull(),
    /** In words; null: it waits for its turn. */
    why: text('why'),
    decidedAt: instant('decided_at'),
  },
  (t) => [
    primaryKey({ name: 'repricing_items_pk', columns: [t.bucket, t.subscriptionId, t.repricing] }),
    foreignKey({
      name: 'repricing_items_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    index('repricing_items_by_state').on(t.repricing, t.state),
    check('repricing_items_state', isOneOf(t.state, itemStates)),
    check('repricing_items_decided', sql`(${t.state} = 'waiting') = (${t.decidedAt} is null and ${t.why} is null)`),
  ],
);
