import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Currency } from '../../../../domain/money/money.ts';
import {
  type RefundOrigin,
  type RefundReason,
  type RefundState,
  refundReasons,
  refundStates,
} from '../../../../domain/refunds/refund.ts';
import { instant, minor } from '../../../database/columns.ts';
import { charges } from '../charges.ts';
import { isOneOf, ofAccount, ofCustomer } from '../heads.ts';

/** Money that goes back to a customer; written down before Xendit is asked for it, and kept whatever becomes of it. */
export const refunds = pgTable(
  'refunds',
  {
    ...ofCustomer(),
    ...ofAccount(),
    subscriptionId: uuid('subscription_id').notNull(),
    chargeId: uuid('charge_id').notNull(),
    /** Those of a subscription that dueday asks for count from 1; null of one that was made in Xendit's dashboard, unless its name is one of ours. */
    number: integer('number'),
    origin: text('origin').$type<RefundOrigin>().notNull().default('dueday'),
    /** The name under which Xendit hears of it; of one that was made there, its id. */
    referenceId: text('reference_id').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    /** The payment that is given back. */
    paymentRequestId: text('payment_request_id').notNull(),
    paymentId: text('payment_id'),
    channel: text('channel'),
    reason: text('reason').$type<RefundReason>().notNull(),
    /** Why, in the words of whoever asked. */
    note: text('note').notNull(),
    state: text('state').$type<RefundState>().notNull(),
    /** The body that Xendit gets; never changes. Null of one that was made there. */
    request: text('request'),
    /** Xendit's id of it; null until Xendit told. */
    refundId: text('refund_id'),
    /** What Xendit takes for it, minor units; null where it told none. */
    fee: minor('fee'),
    failureCode: text('failure_code'),
    /** Why it stands as it stands. */
    why: text('why'),
    askedBy: text('asked_by').notNull(),
    askedAt: instant('asked_at').notNull(),
    approvedBy: text('approved_by'),
    approvedAt: instant('approved_at'),
    sentAt: instant('sent_at'),
    /** When it is sent or asked about, or given up by whoever was sending it; null: it waits for a person, or for nothing. */
    nextAt: instant('next_at'),
    /** How often in a row it was put off or asked about without an end. */
    asks: integer('asks').notNull().default(0),
    settledAt: instant('settled_at'),
  },
  (t) => [
    primaryKey({ name: 'refunds_pk', columns: [t.bucket, t.id] }),
    unique('refunds_one_reference').on(t.bucket, t.referenceId),
    unique('refunds_numbered').on(t.bucket, t.subscriptionId, t.number),
    uniqueIndex('refunds_one_open_per_payment')
      .on(t.bucket, t.paymentRequestId)
      .where(sql`state in ('wanted', 'approved', 'sent', 'unknown', 'pending')`),
    // Looked for by people and webhooks who know nothing of buckets.
    uniqueIndex('refunds_once').on(t.refundId, t.bucket).where(sql`refund_id is not null`),
    foreignKey({
      name: 'refunds_of_charge',
      columns: [t.bucket, t.chargeId],
      foreignColumns: [charges.bucket, charges.id],
    }),
    index('refunds_of_charges').on(t.bucket, t.chargeId),
    index('refunds_next').on(t.nextAt).where(sql`next_at is not null`),
    index('refunds_by_time').on(t.askedAt, t.id),
    check('refunds_state', isOneOf(t.state, refundStates)),
    check('refunds_origin', isOneOf(t.origin, ['dueday', 'xendit'])),
    check('refunds_reason', isOneOf(t.reason, refundReasons)),
    check('refunds_amount', sql`${t.amount} > 0`),
    check(
      'refunds_settled',
      sql`(${t.settledAt} is not null) = (${t.state} in ('succeeded', 'failed', 'withdrawn')) and (${t.settledAt} is null or ${t.nextAt} is null)`,
    ),
    check('refunds_known_to_xendit', sql`${t.state} not in ('pending', 'succeeded') or ${t.refundId} is not null`),
    check('refunds_asked_here', sql`${t.origin} <> 'dueday' or (${t.number} is not null and ${t.request} is not null)`),
  ],
);
