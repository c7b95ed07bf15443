import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.ts';
import { inBucket } from './heads.ts';
import { tokens } from './methods.ts';
import { subscriptions } from './subscriptions.ts';

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
