import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant, plainDate } from './columns.ts';

/*
 * One schema for one Postgres and for a sharded one (design.md section 12): `bucket` is first in every key of what
 * belongs to a customer, and never in front of an index over open work. Ids are made by the application.
 */

const minor = (name: string) => bigint(name, { mode: 'bigint' });

export const catalogVersions = pgTable('catalog_versions', {
  version: integer('version').primaryKey(),
  digest: text('digest').notNull().unique('catalog_versions_one_per_digest'),
  source: text('source').notNull(),
  appliedAt: instant('applied_at').notNull(),
});

export const customers = pgTable(
  'customers',
  {
    bucket: smallint('bucket').notNull(),
    id: uuid('id').notNull(),
    referenceId: text('reference_id'),
    xenditId: text('xendit_id'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ name: 'customers_pk', columns: [t.bucket, t.id] })],
);

/** What must be unique across customers; the bucket is that of the name's hash (section 12, rule 7). */
export const names = pgTable(
  'names',
  {
    bucket: smallint('bucket').notNull(),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    ownerId: uuid('owner_id').notNull(),
    /** For subscriptions: SHA-256 of the request that made it, so that the same request is answered alike. */
    requestHash: text('request_hash'),
  },
  (t) => [
    primaryKey({ name: 'names_are_unique', columns: [t.bucket, t.kind, t.name] }),
    check('names_kind', sql`${t.kind} in ('subscription', 'customer', 'xendit_customer')`),
  ],
);

export const tokens = pgTable(
  'tokens',
  {
    bucket: smallint('bucket').notNull(),
    id: uuid('id').notNull(),
    customerId: uuid('customer_id').notNull(),
    tokenId: text('token_id').notNull(),
    channelCode: text('channel_code').notNull(),
    country: text('country'),
    currency: text('currency'),
    label: text('label'),
    network: text('network'),
    fingerprint: text('fingerprint'),
    expiryMonth: text('expiry_month'),
    expiryYear: text('expiry_year'),
    status: text('status').notNull(),
    endedReason: text('ended_reason'),
    recurringFrequency: integer('recurring_frequency').notNull(),
    recurringExpiry: plainDate('recurring_expiry').notNull(),
    savedAt: instant('saved_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    primaryKey({ name: 'tokens_pk', columns: [t.bucket, t.id] }),
    unique('tokens_saved_once').on(t.bucket, t.tokenId),
    foreignKey({ name: 'tokens_of_customer', columns: [t.bucket, t.customerId], foreignColumns: [customers.bucket, customers.id] }),
    index('tokens_by_token_id').on(t.tokenId),
    check('tokens_status', sql`${t.status} in ('active', 'failed', 'expired', 'canceled', 'dead')`),
    check('tokens_ended_has_reason', sql`(${t.status} = 'active') = (${t.endedAt} is null)`),
    check('tokens_frequency', sql`${t.recurringFrequency} >= 1`),
  ],
);

export const subscriptions = pgTable(
  'subscriptions',
  {
    bucket: smallint('bucket').notNull(),
    id: uuid('id').notNull(),
    customerId: uuid('customer_id').notNull(),
    referenceId: text('reference_id').notNull(),
    status: text('status').notNull(),
    plan: text('plan').notNull(),
    catalogVersion: integer('catalog_version').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').notNull(),
    country: text('country').notNull(),
    intervalCount: integer('interval_count').notNull(),
    intervalUnit: text('interval_unit').notNull(),
    timeZone: text('time_zone').notNull(),
    chargeAt: text('charge_at').notNull(),
    endsAfter: integer('ends_after'),
    /** As asked for at creation; the anchor itself is fixed at activation. */
    wantedAnchor: plainDate('wanted_anchor'),
    anchor: plainDate('anchor'),
    nextCycle: integer('next_cycle').notNull().default(0),
    /** When the next cycle falls due; null while there is none to come. */
    nextCycleAt: instant('next_cycle_at'),
    cancelsAtPeriodEnd: boolean('cancels_at_period_end').notNull().default(false),
    tokenId: uuid('token_id'),
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
    foreignKey({ name: 'subscriptions_of_customer', columns: [t.bucket, t.customerId], foreignColumns: [customers.bucket, customers.id] }),
    foreignKey({ name: 'subscriptions_token', columns: [t.bucket, t.tokenId], foreignColumns: [tokens.bucket, tokens.id] }),
    index('subscriptions_next_cycle').on(t.nextCycleAt).where(sql`next_cycle_at is not null`),
    index('subscriptions_by_age').on(t.createdAt, t.id),
    index('subscriptions_by_customer').on(t.bucket, t.customerId),
    check('subscriptions_status', sql`${t.status} in ('pending', 'trialing', 'active', 'past_due', 'paused', 'canceled', 'ended')`),
    check('subscriptions_amount', sql`${t.amount} > 0`),
    check('subscriptions_in_dunning', sql`${t.inDunning} >= 0`),
    check('subscriptions_active_has_anchor', sql`${t.status} in ('pending', 'canceled') or (${t.anchor} is not null and ${t.tokenId} is not null)`),
    check('subscriptions_over_has_no_cycle', sql`${t.status} not in ('canceled', 'ended', 'pending') or ${t.nextCycleAt} is null`),
    check('subscriptions_over_has_end', sql`(${t.status} in ('canceled', 'ended')) = (${t.endedAt} is not null)`),
    check('subscriptions_bucket', sql`${t.bucket} between 0 and 255`),
  ],
);

export const onboardings = pgTable(
  'onboardings',
  {
    bucket: smallint('bucket').notNull(),
    subscriptionId: uuid('subscription_id').notNull(),
    number: integer('number').notNull(),
    sessionId: text('session_id').notNull(),
    referenceId: text('reference_id').notNull(),
    mode: text('mode').notNull(),
    status: text('status').notNull(),
    paymentLinkUrl: text('payment_link_url'),
    xenditCustomerId: text('xendit_customer_id'),
    expiresAt: instant('expires_at'),
    recurringFrequency: integer('recurring_frequency').notNull(),
    recurringExpiry: plainDate('recurring_expiry').notNull(),
    /** When Xendit is asked about it, in case its webhook was lost; null once it is closed. */
    nextCheckAt: instant('next_check_at'),
    checks: integer('checks').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    closedAt: instant('closed_at'),
  },
  (t) => [
    primaryKey({ name: 'onboardings_pk', columns: [t.bucket, t.subscriptionId, t.number] }),
    foreignKey({ name: 'onboardings_of_subscription', columns: [t.bucket, t.subscriptionId], foreignColumns: [subscriptions.bucket, subscriptions.id] }),
    index('onboardings_open').on(t.nextCheckAt).where(sql`status = 'active'`),
    index('onboardings_by_session').on(t.sessionId),
    check('onboardings_status', sql`${t.status} in ('active', 'completed', 'expired', 'canceled')`),
    check('onboardings_open_is_checked', sql`(${t.status} = 'active') = (${t.nextCheckAt} is not null)`),
  ],
);

export const charges = pgTable(
  'charges',
  {
    bucket: smallint('bucket').notNull(),
    id: uuid('id').notNull(),
    subscriptionId: uuid('subscription_id').notNull(),
    customerId: uuid('customer_id').notNull(),
    cycle: integer('cycle').notNull(),
    periodStart: plainDate('period_start').notNull(),
    periodEnd: plainDate('period_end').notNull(),
    dueAt: instant('due_at').notNull(),
    plan: text('plan').notNull(),
    catalogVersion: integer('catalog_version').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').notNull(),
    collected: minor('collected').notNull().default(sql`0`),
    overpaid: minor('overpaid').notNull().default(sql`0`),
    refunded: minor('refunded').notNull().default(sql`0`),
    status: text('status').notNull(),
    missed: boolean('missed').notNull().default(false),
    attempts: integer('attempts').notNull().default(0),
    ladderStep: integer('ladder_step').notNull().default(0),
    technicalRetries: integer('technical_retries').notNull().default(0),
    inDunning: boolean('in_dunning').notNull().default(false),
    firstAttemptAt: instant('first_attempt_at'),
    nextAttemptAt: instant('next_attempt_at'),
    /** Waiting for the customer: given up at this instant unless the payment method is replaced. */
    waitsUntil: instant('waits_until'),
    holdReason: text('hold_reason'),
    /** Why it stands as it stands: postponed, waiting, void. */
    note: text('note'),
    lastFailureCode: text('last_failure_code'),
    settledAt: instant('settled_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'charges_pk', columns: [t.bucket, t.id] }),
    unique('charges_one_per_cycle').on(t.bucket, t.subscriptionId, t.cycle),
    foreignKey({ name: 'charges_of_subscription', columns: [t.bucket, t.subscriptionId], foreignColumns: [subscriptions.bucket, subscriptions.id] }),
    index('charges_open').on(t.nextAttemptAt).where(sql`status = 'due'`),
    index('charges_waiting').on(t.waitsUntil).where(sql`status = 'due' and waits_until is not null`),
    index('charges_by_due').on(t.dueAt, t.id),
    index('charges_missed').on(t.bucket, t.customerId).where(sql`missed`),
    check('charges_status', sql`${t.status} in ('due', 'attempting', 'paid', 'uncollectible', 'held', 'void', 'refunded', 'partially_refunded')`),
    check('charges_amount', sql`${t.amount} > 0`),
    check('charges_money', sql`${t.collected} >= 0 and ${t.overpaid} >= 0 and ${t.refunded} >= 0 and ${t.collected} <= ${t.amount}`),
    check('charges_paid_is_collected', sql`${t.status} <> 'paid' or ${t.collected} = ${t.amount}`),
    check('charges_unpaid_is_not_collected', sql`${t.status} not in ('due', 'attempting', 'uncollectible', 'void') or ${t.collected} = 0`),
    check('charges_only_due_is_scheduled', sql`${t.status} = 'due' or (${t.nextAttemptAt} is null and ${t.waitsUntil} is null)`),
    check('charges_held_has_reason', sql`(${t.status} = 'held') = (${t.holdReason} is not null)`),
    check('charges_attempting_has_attempt', sql`${t.status} <> 'attempting' or ${t.attempts} > 0`),
  ],
);

export const attempts = pgTable(
  'attempts',
  {
    bucket: smallint('bucket').notNull(),
    id: uuid('id').notNull(),
    chargeId: uuid('charge_id').notNull(),
    customerId: uuid('customer_id').notNull(),
    tokenId: uuid('token_id').notNull(),
    number: integer('number').notNull(),
    referenceId: text('reference_id').notNull(),
    /** The exact body that Xendit gets; never changes (invariant 2, kept by a trigger). */
    request: text('request').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').notNull(),
    sentAt: instant('sent_at').notNull(),
    /** Real time, whatever the billing clock says: until then its owner may still be at work. */
    leaseUntil: instant('lease_until').notNull(),
    outcome: text('outcome'),
    outcomeAt: instant('outcome_at'),
    failureCode: text('failure_code'),
    class: text('class'),
    networkCode: text('network_code'),
    adviceCode: text('advice_code'),
    actionUrl: text('action_url'),
    paymentRequestId: text('payment_request_id'),
    paymentId: text('payment_id'),
    /** The last decision with its why. */
    decision: jsonb('decision').$type<StoredDecision>(),
    nextCheckAt: instant('next_check_at'),
    asks: integer('asks').notNull().default(0),
  },
  (t) => [
    primaryKey({ name: 'attempts_pk', columns: [t.bucket, t.id] }),
    unique('attempts_numbered').on(t.bucket, t.chargeId, t.number),
    unique('attempts_one_reference').on(t.bucket, t.referenceId),
    uniqueIndex('attempts_one_open_per_charge').on(t.bucket, t.chargeId).where(sql`outcome is null or outcome in ('pending', 'unknown')`),
    foreignKey({ name: 'attempts_of_charge', columns: [t.bucket, t.chargeId], foreignColumns: [charges.bucket, charges.id] }),
    index('attempts_silent').on(t.leaseUntil).where(sql`outcome is null`),
    index('attempts_asked').on(t.nextCheckAt).where(sql`outcome in ('pending', 'unknown')`),
    index('attempts_of_token').on(t.bucket, t.tokenId, t.sentAt),
    check('attempts_outcome', sql`${t.outcome} in ('succeeded', 'declined', 'refused', 'pending', 'unknown')`),
    check('attempts_outcome_has_time', sql`(${t.outcome} is null) = (${t.outcomeAt} is null)`),
  ],
);

export type StoredDecision = {
  readonly kind: string;
  readonly at: string | null;
  readonly why: string;
  readonly rule: string;
  readonly class: string | null;
  readonly counted: Readonly<Record<string, number>>;
  readonly catalog_version: number;
};

/**
 * Append-only, chained by hash per subscription; UPDATE, DELETE and TRUNCATE are refused by a trigger (invariant 10).
 * No foreign key: an entry is only ever inserted from the row of its subscription, locked in the same statement, and the
 * check would cost a look-up an entry.
 */
export const ledger = pgTable(
  'ledger',
  {
    bucket: smallint('bucket').notNull(),
    subscriptionId: uuid('subscription_id').notNull(),
    seq: integer('seq').notNull(),
    entryId: uuid('entry_id').notNull(),
    at: instant('at').notNull(),
    kind: text('kind').notNull(),
    subscriptionReference: text('subscription_reference').notNull(),
    plan: text('plan').notNull(),
    customerReference: text('customer_reference'),
    chargeId: uuid('charge_id'),
    cycle: integer('cycle'),
    periodStart: plainDate('period_start'),
    periodEnd: plainDate('period_end'),
    attempt: integer('attempt'),
    referenceId: text('reference_id'),
    channel: text('channel'),
    amount: minor('amount'),
    currency: text('currency'),
    money: minor('money').notNull(),
    outcome: text('outcome'),
    failureCode: text('failure_code'),
    class: text('class'),
    decision: text('decision'),
    why: text('why'),
    paymentRequestId: text('payment_request_id'),
    paymentId: text('payment_id'),
    catalogVersion: integer('catalog_version'),
    actor: text('actor').notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [
    primaryKey({ name: 'ledger_pk', columns: [t.bucket, t.subscriptionId, t.seq] }),
    index('ledger_by_time').on(t.at, t.bucket, t.subscriptionId, t.seq),
    check('ledger_money_has_kind', sql`${t.money} = 0 or ${t.kind} in ('charge.paid', 'payment.overpaid', 'refund.settled')`),
    check('ledger_seq', sql`${t.seq} > 0`),
  ],
);

/** Webhooks as they came: stored once, answered, processed afterwards. */
export const inbox = pgTable(
  'inbox',
  {
    bucket: smallint('bucket').notNull(),
    id: uuid('id').notNull(),
    /** SHA-256 of event and data; Xendit's `created` changes with every delivery and is left out. */
    digest: text('digest').notNull(),
    webhookId: text('webhook_id'),
    event: text('event'),
    body: json('body').notNull(),
    receivedAt: instant('received_at').notNull(),
    deliveries: integer('deliveries').notNull().default(1),
    status: text('status').notNull(),
    nextTryAt: instant('next_try_at'),
    tries: integer('tries').notNull().default(0),
    note: text('note'),
    processedAt: instant('processed_at'),
  },
  (t) => [
    primaryKey({ name: 'inbox_pk', columns: [t.bucket, t.id] }),
    unique('inbox_stored_once').on(t.bucket, t.digest),
    index('inbox_open').on(t.nextTryAt).where(sql`status = 'received'`),
    check('inbox_status', sql`${t.status} in ('received', 'processed', 'ignored', 'mismatched')`),
    check('inbox_open_has_time', sql`(${t.status} = 'received') = (${t.nextTryAt} is not null)`),
  ],
);

/** The allowance that all replicas share, a row an endpoint; real time (api-facts section 1: a sliding window). */
export const pace = pgTable('pace', {
  endpoint: text('endpoint').primaryKey(),
  at: instant('at').array().notNull().default(sql`'{}'`),
  permits: integer('permits').array().notNull().default(sql`'{}'`),
  pausedUntil: instant('paused_until'),
});

/** One row: whether anything is charged at all, and why not. */
export const charging = pgTable(
  'charging',
  {
    id: smallint('id').primaryKey().default(1),
    stoppedAt: instant('stopped_at'),
    reason: text('reason'),
  },
  (t) => [
    check('charging_is_one_row', sql`${t.id} = 1`),
    check('charging_stop_has_reason', sql`(${t.stoppedAt} is null) = (${t.reason} is null)`),
  ],
);

/** One row, only with DUEDAY_CLOCK=virtual. */
export const testClock = pgTable(
  'test_clock',
  {
    id: smallint('id').primaryKey().default(1),
    now: instant('now').notNull(),
    /** Where it is being moved to; null when it stands. */
    target: instant('target'),
  },
  (t) => [check('test_clock_is_one_row', sql`${t.id} = 1`), check('test_clock_goes_forward', sql`${t.target} is null or ${t.target} >= ${t.now}`)],
);

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    role: text('role').notNull(),
    /** SHA-256 of the key; the key itself is shown once and never stored. */
    digest: text('digest').notNull().unique('api_keys_one_per_digest'),
    hint: text('hint').notNull(),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [check('api_keys_role', sql`${t.role} in ('admin', 'product', 'finance')`)],
);
