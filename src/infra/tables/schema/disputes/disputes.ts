import { sql } from 'drizzle-orm';
import { check, foreignKey, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { type DisputeState, disputeStates } from '../../../../domain/disputes/dispute.ts';
import type { Currency } from '../../../../domain/money/money.ts';
import { instant, minor } from '../../../database/columns.ts';
import { charges } from '../charges.ts';
import { inBucket, isOneOf, ofAccount } from '../heads.ts';

/** Payments that their customers dispute with their bank; what Xendit tells of each, and what a person decided. */
export const disputes = pgTable(
  'disputes',
  {
    ...inBucket(),
    /** Xendit's id of it. */
    disputeId: text('dispute_id').notNull(),
    customerId: uuid('customer_id').notNull(),
    ...ofAccount(),
    subscriptionId: uuid('subscription_id').notNull(),
    chargeId: uuid('charge_id').notNull(),
    /** The attempt that collected the payment. */
    attemptId: uuid('attempt_id').notNull(),
    paymentId: text('payment_id'),
    channel: text('channel'),
    /** What is disputed of the payment. */
    amount: minor('amount').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    /** What its charge is without by it at the moment: what the bank took, as far as the books had it. */
    held: minor('held').notNull().default(sql`0`),
    state: text('state').$type<DisputeState>().notNull(),
    /** Why it stands so, and what the customer says of the payment; in Xendit's words. */
    reason: text('reason'),
    category: text('category'),
    /** By when it has to be answered at Xendit; null where nobody says. */
    answerBy: instant('answer_by'),
    openedAt: instant('opened_at').notNull(),
    /** When Xendit wrote down what is known of it. */
    toldAt: instant('told_at'),
    /** When it was over, as far as dueday heard. */
    closedAt: instant('closed_at'),
    /** When a person decided that its customer may be charged again, and who. */
    decidedAt: instant('decided_at'),
    decidedBy: text('decided_by'),
    /** When it is looked at next; null: it is over. */
    nextAt: instant('next_at'),
    /** When a person was told that its answer is due soon. */
    warnedAt: instant('warned_at'),
  },
  (t) => [
    primaryKey({ name: 'disputes_pk', columns: [t.bucket, t.disputeId] }),
    // Looked for by people and webhooks who know nothing of buckets.
    uniqueIndex('disputes_once').on(t.disputeId, t.bucket),
    foreignKey({
      name: 'disputes_of_charge',
      columns: [t.bucket, t.chargeId],
      foreignColumns: [charges.bucket, charges.id],
    }),
    index('disputes_of_charges').on(t.bucket, t.chargeId),
    index('disputes_next').on(t.nextAt).where(sql`next_at is not null`),
    check('disputes_state', isOneOf(t.state, disputeStates)),
    check('disputes_amount', sql`${t.amount} > 0 and ${t.held} >= 0`),
    check(
      'disputes_closed',
      sql`(${t.closedAt} is not null) = (${t.state} in ('won', 'lost')) and (${t.closedAt} is null or ${t.nextAt} is null)`,
    ),
    check('disputes_decided', sql`(${t.decidedAt} is null) = (${t.decidedBy} is null)`),
  ],
);
