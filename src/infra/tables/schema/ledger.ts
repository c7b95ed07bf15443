import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, minor, plainDate } from '../../database/columns.ts';
import { inBucket, ofAccount } from './heads.ts';

/**
 * Append-only, chained by hash per subscription; UPDATE, DELETE and TRUNCATE are refused by a trigger (invariant 10).
 * No foreign key: an entry is only ever inserted from the row of its subscription, locked in the same statement, and the
 * check would cost a look-up an entry.
 */
export const ledger = pgTable(
  'ledger',
  {
    ...inBucket(),
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
    /** By how much the subscription's credit moved, minor units. */
    credit: minor('credit'),
    /** What an entry says beyond its columns: JSON in one spelling, since it is hashed. */
    detail: text('detail'),
    prevHash: text('prev_hash').notNull(),
    hash: text('hash').notNull(),
    ...ofAccount(),
    /** When Postgres wrote the entry, in real time whatever the billing clock says; null of entries that are older than this column. Not hashed. */
    writtenAt: instant('written_at').default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'ledger_pk', columns: [t.bucket, t.subscriptionId, t.seq] }),
    // Entries lie in the ledger in the order of their writing. So a BRIN index, which keeps one span of time for many pages, is
    // enough to find them, and an insert writes nothing into it.
    index('ledger_by_writing').using('brin', t.writtenAt).with({ autosummarize: true }).concurrently(),
    // Payments are looked for by people alone, now and then. A BRIN index of Bloom filters finds the pages that may have one, and as the one
    // above it costs an insert nothing. So many payments lie in its 128 pages; a filter for more would not fit a page of the index.
    index('ledger_by_payment')
      .using(
        'brin',
        t.paymentRequestId.op('text_bloom_ops(n_distinct_per_range = 600)'),
        t.paymentId.op('text_bloom_ops(n_distinct_per_range = 600)'),
      )
      .with({ autosummarize: true })
      .concurrently(),
    index('ledger_by_time').on(t.at, t.bucket, t.subscriptionId, t.seq),
    check(
      'ledger_money_has_kind',
      sql`${t.money} = 0 or ${t.kind} in ('charge.paid', 'payment.overpaid', 'payment.received', 'refund.settled', 'chargeback.taken', 'chargeback.returned')`,
    ),
    check('ledger_seq', sql`${t.seq} > 0`),
  ],
);
