import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { type LineKind, lineKinds } from '../../../domain/money/lines.ts';
import { instant, minor, plainDate } from '../../database/columns.ts';
import { charges } from './charges.ts';
import { isOneOf, ofCustomer } from './heads.ts';
import { subscriptions } from './subscriptions.ts';

/** Lines that wait for the next charge of their subscription, and those that a charge has taken. */
export const items = pgTable(
  'items',
  {
    ...ofCustomer(),
    subscriptionId: uuid('subscription_id').notNull(),
    number: integer('number').notNull(),
    kind: text('kind').$type<LineKind>().notNull(),
    text: text('text').notNull(),
    quantity: integer('quantity').notNull(),
    unitAmount: minor('unit_amount').notNull(),
    /** Less than 0 where the line gives back. */
    amount: minor('amount').notNull(),
    periodStart: plainDate('period_start'),
    periodEnd: plainDate('period_end'),
    /** Whether a discount of its charge is of it too: not of a sum that had its discount before. */
    discounted: boolean('discounted').notNull(),
    /** Where the line comes from, if nobody asked for it. */
    why: text('why'),
    createdAt: instant('created_at').notNull(),
    /** The charge that has it as a line; null: it waits, or was withdrawn. */
    chargeId: uuid('charge_id'),
    withdrawnAt: instant('withdrawn_at'),
  },
  (t) => [
    primaryKey({ name: 'items_pk', columns: [t.bucket, t.id] }),
    unique('items_numbered').on(t.bucket, t.subscriptionId, t.number),
    foreignKey({
      name: 'items_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    foreignKey({
      name: 'items_of_charge',
      columns: [t.bucket, t.chargeId],
      foreignColumns: [charges.bucket, charges.id],
    }),
    index('items_waiting').on(t.bucket, t.subscriptionId).where(sql`charge_id is null and withdrawn_at is null`),
    check('items_kind', isOneOf(t.kind, lineKinds)),
    check('items_amount', sql`${t.quantity} > 0 and ${t.amount} = ${t.quantity} * ${t.unitAmount}`),
    check('items_period', sql`(${t.periodStart} is null) = (${t.periodEnd} is null)`),
    check('items_taken_or_withdrawn', sql`${t.chargeId} is null or ${t.withdrawnAt} is null`),
  ],
);
