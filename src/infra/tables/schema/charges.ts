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
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { StoredAction } from '../../../domain/charges/action.ts';
import type { StoredDecision } from '../../../domain/charges/attempt-moves.ts';
import { type ByHand, type ChargeStatus, chargeStatuses } from '../../../domain/charges/charge.ts';
import { type OutcomeKind, outcomeKinds } from '../../../domain/charges/outcome.ts';
import type { HoldReason } from '../../../domain/declines/decision.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import { type Saving, savings } from '../../../domain/methods/saving.ts';
import type { StoredLine } from '../../../domain/money/lines.ts';
import type { Currency } from '../../../domain/money/money.ts';
import type { LimitReason } from '../../../domain/money/spending-limits.ts';
import { instant, minor, plainDate } from '../../database/columns.ts';
import { inBucket, isOneOf, ofAccount, ofCustomer } from './heads.ts';
import { subscriptions } from './subscriptions.ts';

type ChargeKind = 'cycle' | 'extra';

export const charges = pgTable(
  'charges',
  {
    ...ofCustomer(),
    subscriptionId: uuid('subscription_id').notNull(),
    /** `cycle`: the charge is for a period of its subscription. `extra`: for something that is asked for once. */
    kind: text('kind').$type<ChargeKind>().notNull().default('cycle'),
    /** The cycle that the charge is for; null of an extra charge. */
    cycle: integer('cycle'),
    /** The number of an extra charge within its subscription; null of a cycle's charge. */
    extra: integer('extra'),
    ...ofAccount(),
    periodStart: plainDate('period_start').notNull(),
    periodEnd: plainDate('period_end').notNull(),
    dueAt: instant('due_at').notNull(),
    plan: text('plan').notNull(),
    catalogVersion: integer('catalog_version').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    /** What the charge is made of; null: of one line, its plan. */
    lines: jsonb('lines').$type<readonly StoredLine[]>(),
    /** What its lines come to before discount, added tax and credit; null exactly where `lines` is: its amount. */
    subtotal: minor('subtotal'),
    discount: minor('discount').notNull().default(sql`0`),
    taxIncluded: minor('tax_included').notNull().default(sql`0`),
    taxAdded: minor('tax_added').notNull().default(sql`0`),
    creditUsed: minor('credit_used').notNull().default(sql`0`),
    collected: minor('collected').notNull().default(sql`0`),
    overpaid: minor('overpaid').notNull().default(sql`0`),
    refunded: minor('refunded').notNull().default(sql`0`),
    chargedBack: minor('charged_back').notNull().default(sql`0`),
    status: text('status').$type<ChargeStatus>().notNull(),
    missed: boolean('missed').notNull().default(false),
    attempts: integer('attempts').notNull().default(0),
    ladderStep: integer('ladder_step').notNull().default(0),
    technicalRetries: integer('technical_retries').notNull().default(0),
    inDunning: boolean('in_dunning').notNull().default(false),
    /** Requests in a row that Xendit was too busy for, or could not be reached with: each waits longer. */
    throttles: integer('throttles').notNull().default(0),
    firstAttemptAt: instant('first_attempt_at'),
    /** A person had it tried after its dunning window: the window counts from here. */
    windowFrom: instant('window_from'),
    nextAttemptAt: instant('next_attempt_at'),
    /** Waiting for the customer: given up at this instant unless the payment method is replaced. */
    waitsUntil: instant('waits_until'),
    /** The channel whose breaker it waits for, until `waits_until`; null: it waits for its customer, or not at all. */
    waitsFor: text('waits_for'),
    holdReason: text('hold_reason').$type<HoldReason | LimitReason>(),
    /** Why it stands as it stands: postponed, waiting, void. */
    note: text('note'),
    /** The coupon whose discount it has; null: none. Those that are not given up are counted against the coupon's cycles. */
    coupon: text('coupon'),
    /** A person released it from a limit: the next attempt is not held by it. */
    passesLimits: boolean('passes_limits').notNull().default(false),
    /** What people did about it beside its ladder; null: nothing. */
    byHand: jsonb('by_hand').$type<ByHand>(),
    lastFailureCode: text('last_failure_code'),
    /** How often in a row it could not even be claimed. */
    claimFaults: integer('claim_faults').notNull().default(0),
    /** When Xendit last said that it does not know the next attempt; asked where rows may have been lost. */
    askedAt: instant('asked_at'),
    settledAt: instant('settled_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'charges_pk', columns: [t.bucket, t.id] }),
    unique('charges_one_per_cycle').on(t.bucket, t.subscriptionId, t.cycle),
    uniqueIndex('charges_one_per_extra')
      .on(t.bucket, t.subscriptionId, t.extra)
      .where(sql`extra is not null`)
      .concurrently(),
    foreignKey({
      name: 'charges_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    // Only due charges have either (charges_only_due_is_scheduled). An index that named the status would have every
    // settlement write all of them anew, since Postgres then may not update the row in its place.
    index('charges_open').on(t.nextAttemptAt).where(sql`next_attempt_at is not null`),
    index('charges_open_of_account')
      .on(t.account, t.nextAttemptAt)
      .where(sql`next_attempt_at is not null and account <> ''`)
      .concurrently(),
    index('charges_waiting').on(t.waitsUntil).where(sql`waits_until is not null`),
    index('charges_waiting_for').on(t.waitsFor, t.waitsUntil).where(sql`waits_for is not null`),
    index('charges_held').on(t.holdReason).where(sql`hold_reason is not null`),
    index('charges_by_due').on(t.dueAt, t.id),
    index('charges_missed').on(t.bucket, t.customerId).where(sql`missed`),
    check('charges_status', isOneOf(t.status, chargeStatuses)),
    check('charges_amount', sql`${t.amount} >= 0`),
    check(
      'charges_kind',
      sql`case ${t.kind} when 'cycle' then ${t.cycle} is not null and ${t.extra} is null
        when 'extra' then ${t.cycle} is null and ${t.extra} is not null else false end`,
    ),
    check(
      'charges_money',
      sql`${t.collected} >= 0 and ${t.overpaid} >= 0 and ${t.refunded} >= 0 and ${t.collected} <= ${t.amount}`,
    ),
    check(
      'charges_adds_up',
      sql`case when ${t.lines} is null
        then ${t.subtotal} is null and ${t.discount} = 0 and ${t.taxIncluded} = 0 and ${t.taxAdded} = 0 and ${t.creditUsed} = 0
        else ${t.subtotal} is not null and ${t.amount} = ${t.subtotal} - ${t.discount} + ${t.taxAdded} - ${t.creditUsed} end`,
    ),
    check(
      'charges_parts',
      sql`${t.subtotal} >= 0 and ${t.discount} >= 0 and ${t.taxIncluded} >= 0 and ${t.taxAdded} >= 0 and ${t.creditUsed} >= 0
        and ${t.taxIncluded} <= coalesce(${t.subtotal}, ${t.amount})`,
    ),
    check(
      'charges_given_back',
      sql`${t.chargedBack} >= 0 and ${t.refunded} + ${t.chargedBack} <= ${t.collected} + ${t.overpaid}`,
    ),
    check('charges_paid_is_collected', sql`${t.status} <> 'paid' or ${t.collected} = ${t.amount}`),
    check(
      'charges_unpaid_is_not_collected',
      sql`${t.status} not in ('due', 'attempting', 'uncollectible', 'void') or ${t.collected} = 0`,
    ),
    check(
      'charges_only_due_is_scheduled',
      sql`${t.status} = 'due' or (${t.nextAttemptAt} is null and ${t.waitsUntil} is null)`,
    ),
    check('charges_held_has_reason', sql`(${t.status} = 'held') = (${t.holdReason} is not null)`),
    check('charges_attempting_has_attempt', sql`${t.status} <> 'attempting' or ${t.attempts} > 0`),
  ],
);

type AskedVia = 'token' | 'session' | 'code';

export const attempts = pgTable(
  'attempts',
  {
    ...ofCustomer(),
    chargeId: uuid('charge_id').notNull(),
    /** How an attempt asks for money: dueday charges a token; through a session or a payment code the customer pays. */
    via: text('via').$type<AskedVia>().notNull().default('token'),
    tokenId: uuid('token_id'),
    number: integer('number').notNull(),
    referenceId: text('reference_id').notNull(),
    /** The body that Xendit gets, but for the payment token, whose place is marked; never changes (invariant 2). */
    request: text('request').notNull(),
    /** SHA-256 of the exact body that Xendit gets; null on rows that still hold it whole. */
    requestHash: text('request_hash'),
    amount: minor('amount').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    sentAt: instant('sent_at').notNull(),
    /** When the same request was sent last once more, under the same reference; null when it never was. */
    repeatedAt: instant('repeated_at'),
    /** Real time, whatever the billing clock says: until then its owner may still be at work. */
    leaseUntil: instant('lease_until').notNull(),
    outcome: text('outcome').$type<OutcomeKind>(),
    outcomeAt: instant('outcome_at'),
    failureCode: text('failure_code'),
    class: text('class').$type<DeclineClass>(),
    networkCode: text('network_code'),
    adviceCode: text('advice_code'),
    actionUrl: text('action_url'),
    /** What Xendit asked of its customer; null: nothing. Whoever has a value may pay by it. */
    actions: jsonb('actions').$type<readonly StoredAction[]>(),
    paymentRequestId: text('payment_request_id'),
    paymentId: text('payment_id'),
    /** The last decision with its why. */
    decision: jsonb('decision').$type<StoredDecision>(),
    nextCheckAt: instant('next_check_at'),
    asks: integer('asks').notNull().default(0),
    /** When Xendit said that its customer can authenticate it no longer; only of one that waited for that. */
    actionClosedAt: instant('action_closed_at'),
    /** When nobody can pay any more what a session or a code asks for; null of a token. */
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ name: 'attempts_pk', columns: [t.bucket, t.id] }),
    unique('attempts_numbered').on(t.bucket, t.chargeId, t.number),
    unique('attempts_one_reference').on(t.bucket, t.referenceId),
    uniqueIndex('attempts_one_open_per_charge')
      .on(t.bucket, t.chargeId)
      .where(sql`outcome is null or outcome in ('pending', 'unknown')`),
    foreignKey({
      name: 'attempts_of_charge',
      columns: [t.bucket, t.chargeId],
      foreignColumns: [charges.bucket, charges.id],
    }),
    index('attempts_silent').on(t.leaseUntil).where(sql`outcome is null`),
    index('attempts_asked').on(t.nextCheckAt).where(sql`outcome in ('pending', 'unknown')`),
    index('attempts_unmarked').on(t.bucket, t.id).where(sql`request_hash is null`),
    index('attempts_of_token').on(t.bucket, t.tokenId, t.sentAt),
    check('attempts_outcome', isOneOf(t.outcome, outcomeKinds)),
    check(
      'attempts_via',
      sql`${t.via} in ('token', 'session', 'code') and (${t.via} = 'token') = (${t.tokenId} is not null)`,
    ),
    check('attempts_outcome_has_time', sql`(${t.outcome} is null) = (${t.outcomeAt} is null)`),
  ],
);

/** Our own addresses at which a customer may pay a charge by hand; each leads to a session at Xendit only once the customer asks for it. */
export const payLinks = pgTable(
  'pay_links',
  {
    ...inBucket(),
    chargeId: uuid('charge_id').notNull(),
    /** Links of a charge count from 1; the newest is the one that is handed out. */
    number: integer('number').notNull(),
    subscriptionId: uuid('subscription_id').notNull(),
    saves: text('saves').$type<Saving>().notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'pay_links_pk', columns: [t.bucket, t.chargeId, t.number] }),
    foreignKey({
      name: 'pay_links_of_charge',
      columns: [t.bucket, t.chargeId],
      foreignColumns: [charges.bucket, charges.id],
    }),
    check('pay_links_saves', isOneOf(t.saves, savings)),
  ],
);
