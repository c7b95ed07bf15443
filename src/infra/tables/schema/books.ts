import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { FindingKind } from '../../../domain/books/finding.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { instant, minor } from '../../database/columns.ts';
import { inBucket, oneOfAccount } from './heads.ts';

/** What our books and Xendit's disagree about, and what a person has to act on: each once, with the refund proposed. */
export const findings = pgTable(
  'findings',
  {
    ...inBucket(),
    kind: text('kind').$type<FindingKind>().notNull(),
    /** The attempt's reference, or the id of a payment that is one too many. */
    reference: text('reference').notNull(),
    subscriptionId: uuid('subscription_id').notNull(),
    chargeId: uuid('charge_id'),
    /** The refund that is proposed; none: there is nothing to give back, or nobody knows yet. */
    amount: minor('amount'),
    currency: text('currency').$type<Currency>(),
    paymentId: text('payment_id'),
    paymentRequestId: text('payment_request_id'),
    why: text('why').notNull(),
    foundAt: instant('found_at').notNull(),
    closedAt: instant('closed_at'),
    closedWhy: text('closed_why'),
    /** When Xendit was last asked whether it still holds: the one that was asked about longest ago is next. */
    askedAt: instant('asked_at'),
  },
  (t) => [
    // No foreign keys: a finding may be about rows that a restored database has lost.
    primaryKey({ name: 'findings_once', columns: [t.bucket, t.kind, t.reference] }),
    index('findings_open').on(t.foundAt, t.bucket).where(sql`closed_at is null`),
    check(
      'findings_kind',
      sql`${t.kind} in ('overpayment', 'second_payment', 'late_success', 'unrecorded_payment', 'amount_mismatch', 'not_at_xendit',
        'unlinked_session', 'returned', 'unknown_refund', 'dispute')`,
    ),
    check('findings_refund', sql`(${t.amount} is null) = (${t.currency} is null) and ${t.amount} > 0`),
    check('findings_closed_has_why', sql`(${t.closedAt} is null) = (${t.closedWhy} is null)`),
  ],
);

/** One row an account: until when Xendit's books were compared with ours, and who is at it. */
export const sweep = pgTable(
  'sweep',
  {
    ...oneOfAccount(),
    sweptUntil: instant('swept_until'),
    /** By the billing clock; none: at once. */
    nextAt: instant('next_at'),
    /** Whoever holds it while the lease lasts, in real time. */
    holder: uuid('holder'),
    leaseUntil: instant('lease_until'),
    /** Why the last one did not come to its end. */
    fault: text('fault'),
  },
  (t) => [primaryKey({ name: 'sweep_pk', columns: [t.account, t.id] }), check('sweep_is_one_row', sql`${t.id} = 1`)],
);
