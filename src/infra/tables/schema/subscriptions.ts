import { sql } from 'drizzle-orm';
import {
  boolean,
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
import { type SavedFor, savedFors } from '../../../domain/methods/mandate.ts';
import { type LastTry, type OnboardingStatus, onboardingStatuses } from '../../../domain/methods/onboarding-moves.ts';
import type { Currency } from '../../../domain/money/money.ts';
import type { Pause } from '../../../domain/subscriptions/pause.ts';
import type { Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import { type SubscriptionStatus, subscriptionStatuses } from '../../../domain/subscriptions/subscription.ts';
import { instant, minor, plainDate } from '../../database/columns.ts';
import { inBucket, isOneOf, ofAccount, ofCustomer } from './heads.ts';
import { customers, tokens } from './methods.ts';

export const subscriptions = pgTable(
  'subscriptions',
  {
    ...ofCustomer(),
    ...ofAccount(),
    referenceId: text('reference_id').notNull(),
    status: text('status').$type<SubscriptionStatus>().notNull(),
    plan: text('plan').notNull(),
    catalogVersion: integer('catalog_version').notNull(),
    /** What a cycle costs before items, discount, added tax and credit: `quantity` times the price of one. */
    amount: minor('amount').notNull(),
    quantity: integer('quantity').notNull().default(1),
    currency: text('currency').$type<Currency>().notNull(),
    country: text('country').notNull(),
    intervalCount: integer('interval_count').notNull(),
    intervalUnit: text('interval_unit').$type<IntervalUnit>().notNull(),
    timeZone: text('time_zone').notNull(),
    chargeAt: text('charge_at').notNull(),
    endsAfter: integer('ends_after'),
    /** The trial that was asked for at creation, "14 days" or "none"; null: as its plan says. */
    trial: text('trial'),
    /** The coupon that it took, with what was promised then; null: none. */
    coupon: jsonb('coupon').$type<TakenCoupon>(),
    /** As asked for at creation; the anchor itself is fixed at activation. */
    wantedAnchor: plainDate('wanted_anchor'),
    anchor: plainDate('anchor'),
    /** The cycle that begins on the anchor: 0, until the anchor is moved. */
    anchorCycle: integer('anchor_cycle').notNull().default(0),
    /** The first cycle that other terms were agreed for; null: the terms in this row hold for all that is to come. */
    nextTermsFrom: integer('next_terms_from'),
    /** The highest number of its terms; 0: none were ever changed, and this row has all of them. */
    terms: integer('terms').notNull().default(0),
    /** The price that it comes to although its plan leaves it at its own; null: none, or it is charged by now. */
    repricing: jsonb('repricing').$type<Repricing>(),
    /** The highest number of a change that was asked for. */
    changes: integer('changes').notNull().default(0),
    nextCycle: integer('next_cycle').notNull().default(0),
    /** When the next cycle falls due; null while there is none to come. */
    nextCycleAt: instant('next_cycle_at'),
    cancelsAtPeriodEnd: boolean('cancels_at_period_end').notNull().default(false),
    /** The pause that it is in, or that is planned for the end of its period; null too where its plan paused it. */
    pause: jsonb('pause').$type<Pause>(),
    /** When its pause ends by itself; null: not at all. */
    resumesAt: instant('resumes_at'),
    /** Since the decline that made it past due; null: it owes nothing that was declined. */
    pastDueSince: instant('past_due_since'),
    /** Until when somebody granted access whatever it owes. */
    graceUntil: instant('grace_until'),
    /** The method that it is charged to: the first by rank. */
    tokenId: uuid('token_id'),
    /** Methods behind it that could be charged: while it is 0, nobody looks for another one. */
    spareMethods: integer('spare_methods').notNull().default(0),
    /** The dispute for which it is charged no more until a person decides, by Xendit's id; null: it is charged. */
    stoppedBy: text('stopped_by'),
    /** The highest number that a SAVE session was given: written down before Xendit hears of it, so that none is used twice. */
    sessionNumber: integer('session_number').notNull().default(1),
    /** Minor units that are used before money is asked for; moved by an entry of the ledger alone, which says by how much. */
    credit: minor('credit').notNull().default(sql`0`),
    /** The highest number of an extra charge. */
    extras: integer('extras').notNull().default(0),
    /** The highest number of an item. */
    items: integer('items').notNull().default(0),
    /** Items that wait for the next charge: while it is 0, opening one reads none. */
    waitingItems: integer('waiting_items').notNull().default(0),
    /** Charges of this subscription that were declined and are neither paid nor given up. */
    inDunning: integer('in_dunning').notNull().default(0),
    successReturnUrl: text('success_return_url').notNull(),
    cancelReturnUrl: text('cancel_return_url').notNull(),
    allowedChannels: jsonb('allowed_channels').$type<readonly string[]>(),
    locale: text('locale'),
    metadata: jsonb('metadata').$type<Readonly<Record<string, string>>>(),
    reason: text('reason'),
    createdAt: instant('created_at').notNull(),
    activatedAt: instant('activated_at'),
    endedAt: instant('ended_at'),
    /** Length and head of its chain in the ledger; every change of the subscription or its charges moves them. */
    ledgerSeq: integer('ledger_seq').notNull(),
    ledgerHead: text('ledger_head').notNull(),
  },
  (t) => [
    primaryKey({ name: 'subscriptions_pk', columns: [t.bucket, t.id] }),
    foreignKey({
      name: 'subscriptions_of_customer',
      columns: [t.bucket, t.customerId],
      foreignColumns: [customers.bucket, customers.id],
    }),
    foreignKey({
      name: 'subscriptions_token',
      columns: [t.bucket, t.tokenId],
      foreignColumns: [tokens.bucket, tokens.id],
    }),
    index('subscriptions_due').on(t.nextCycleAt, t.bucket).where(sql`next_cycle_at is not null`).concurrently(),
    index('subscriptions_resuming').on(t.resumesAt).where(sql`resumes_at is not null`).concurrently(),
    index('subscriptions_stopped').on(t.stoppedBy).where(sql`stopped_by is not null`).concurrently(),
    index('subscriptions_by_age').on(t.createdAt, t.id),
    index('subscriptions_by_customer').on(t.bucket, t.customerId),
    check('subscriptions_status', isOneOf(t.status, subscriptionStatuses)),
    check('subscriptions_amount', sql`${t.amount} > 0`),
    check('subscriptions_quantity', sql`${t.quantity} between 1 and 1000000 and ${t.amount} % ${t.quantity} = 0`),
    check('subscriptions_credit', sql`${t.credit} >= 0`),
    check('subscriptions_waiting_items', sql`${t.waitingItems} between 0 and ${t.items} and ${t.extras} >= 0`),
    check(
      'subscriptions_terms',
      sql`${t.terms} >= 0 and ${t.changes} >= 0 and ${t.anchorCycle} >= 0 and ${t.nextTermsFrom} >= ${t.nextCycle}`,
    ),
    check('subscriptions_in_dunning', sql`${t.inDunning} >= 0`),
    check(
      'subscriptions_active_has_anchor',
      sql`${t.status} in ('pending', 'canceled') or (${t.anchor} is not null and (${t.tokenId} is not null or ${t.status} = 'ended'))`,
    ),
    check(
      'subscriptions_spare_methods',
      sql`${t.spareMethods} >= 0 and (${t.spareMethods} = 0 or ${t.tokenId} is not null)`,
    ),
    check(
      'subscriptions_over_has_no_cycle',
      sql`${t.status} not in ('canceled', 'ended', 'pending') or ${t.nextCycleAt} is null`,
    ),
    check('subscriptions_over_has_end', sql`(${t.status} in ('canceled', 'ended')) = (${t.endedAt} is not null)`),
    check('subscriptions_resumes_from_a_pause', sql`${t.resumesAt} is null or ${t.pause} is not null`),
    check('subscriptions_bucket', sql`${t.bucket} between 0 and 255`),
  ],
);

export const onboardings = pgTable(
  'onboardings',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    number: integer('number').notNull(),
    sessionId: text('session_id').notNull(),
    referenceId: text('reference_id').notNull(),
    mode: text('mode').notNull(),
    /** The attempt whose charge is paid in it; null of a session that only saves a method. */
    attemptId: uuid('attempt_id'),
    status: text('status').$type<OnboardingStatus>().notNull(),
    paymentLinkUrl: text('payment_link_url'),
    xenditCustomerId: text('xendit_customer_id'),
    expiresAt: instant('expires_at'),
    /** What a method that is saved in it is saved for. */
    savedFor: text('saved_for').$type<SavedFor>().notNull().default('RECURRING'),
    recurringFrequency: integer('recurring_frequency').notNull(),
    recurringExpiry: plainDate('recurring_expiry').notNull(),
    /** When Xendit is asked about it, in case its webhook was lost; null once it is closed. */
    nextCheckAt: instant('next_check_at'),
    checks: integer('checks').notNull().default(0),
    /** Looks in a row that told nothing. */
    doubts: integer('doubts').notNull().default(0),
    /** When a webhook last had Xendit asked about it. */
    askedAt: instant('asked_at'),
    /** What its customer's last try to save a method in it ended with; null: none has failed. */
    lastTry: jsonb('last_try').$type<LastTry>(),
    /** Why it ended without a method, where Xendit's status does not say it. */
    why: text('why'),
    createdAt: instant('created_at').notNull(),
    closedAt: instant('closed_at'),
  },
  (t) => [
    primaryKey({ name: 'onboardings_pk', columns: [t.bucket, t.subscriptionId, t.number] }),
    foreignKey({
      name: 'onboardings_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    index('onboardings_open').on(t.nextCheckAt).where(sql`status = 'active'`),
    index('onboardings_by_session').on(t.sessionId),
    uniqueIndex('onboardings_paying').on(t.bucket, t.attemptId).where(sql`attempt_id is not null`).concurrently(),
    check('onboardings_saved_for', isOneOf(t.savedFor, savedFors)),
    check('onboardings_status', isOneOf(t.status, onboardingStatuses)),
    check('onboardings_open_is_checked', sql`(${t.status} = 'active') = (${t.nextCheckAt} is not null)`),
  ],
);

/** The methods that a subscription may be charged to, in the order of their ranks behind the one that its row names. */
export const subscriptionMethods = pgTable(
  'subscription_methods',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    tokenId: uuid('token_id').notNull(),
    rank: integer('rank').notNull(),
    /** Since when it is none of them any more: removed by hand, or replaced after it had ended. */
    removedAt: instant('removed_at'),
  },
  (t) => [
    primaryKey({ name: 'subscription_methods_pk', columns: [t.bucket, t.subscriptionId, t.tokenId] }),
    foreignKey({
      name: 'subscription_methods_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    foreignKey({
      name: 'subscription_methods_token',
      columns: [t.bucket, t.tokenId],
      foreignColumns: [tokens.bucket, tokens.id],
    }),
    index('subscription_methods_by_token').on(t.bucket, t.tokenId),
    check('subscription_methods_rank', sql`${t.rank} > 0`),
  ],
);
