import { sql } from 'drizzle-orm';
import { check, foreignKey, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { Currency } from '../../../../domain/money/money.ts';
import { instant, minor, plainDate } from '../../../database/columns.ts';
import { ofAccount, ofCustomer } from '../heads.ts';
import { subscriptions } from '../subscriptions.ts';

/** Money that no attempt of ours asked for: a person wrote down that it came in elsewhere. Rows are only added. */
export const payments = pgTable(
  'payments',
  {
    ...ofCustomer(),
    ...ofAccount(),
    subscriptionId: uuid('subscription_id').notNull(),
    amount: minor('amount').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    /** What of it became credit; less than nothing where credit paid along. */
    credited: minor('credited').notNull(),
    /** The day on which the money came in. */
    receivedOn: plainDate('received_on').notNull(),
    /** Where it is kept that it came in: each piece counts once. */
    evidence: text('evidence').notNull(),
    reason: text('reason').notNull(),
    actor: text('actor').notNull(),
    recordedAt: instant('recorded_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'payments_pk', columns: [t.bucket, t.id] }),
    unique('payments_one_evidence').on(t.bucket, t.subscriptionId, t.evidence),
    foreignKey({
      name: 'payments_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    check('payments_amount', sql`${t.amount} > 0 and ${t.credited} <= ${t.amount}`),
  ],
);
