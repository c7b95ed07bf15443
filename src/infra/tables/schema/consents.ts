import { check, foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { type ConsentState, type ConsentTo, consentStates, consentsTo } from '../../../domain/methods/consent.ts';
import { instant } from '../../database/columns.ts';
import { inBucket, isOneOf } from './heads.ts';
import { subscriptions } from './subscriptions.ts';

/** What a customer was asked, and answered, beside what they agreed to when they saved a method; rows are only added. */
export const consents = pgTable(
  'consents',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    /** Consents of a subscription count from 1; of one thing the last answer counts. */
    number: integer('number').notNull(),
    what: text('what').$type<ConsentTo>().notNull(),
    answer: text('answer').$type<ConsentState>().notNull(),
    /** Of a price, the catalog version whose price they were asked about; null: what was asked has no version. */
    subject: text('subject'),
    /** Where the product has kept what the customer did; never what it was. */
    evidence: text('evidence').notNull(),
    actor: text('actor').notNull(),
    answeredAt: instant('answered_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'consents_pk', columns: [t.bucket, t.subscriptionId, t.number] }),
    foreignKey({
      name: 'consents_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    check('consents_what', isOneOf(t.what, consentsTo)),
    check('consents_answer', isOneOf(t.answer, consentStates)),
  ],
);

/** What a customer was told, once for each cause; rows are only added. */
export const notices = pgTable(
  'notices',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    kind: text('kind').$type<'price_change'>().notNull(),
    /** The catalog version whose price they were told. */
    subject: text('subject').notNull(),
    /** When it was sent, by whoever sent it. */
    sentAt: instant('sent_at').notNull(),
    channel: text('channel').notNull(),
    /** Where it is kept what was sent; null: nowhere that was named. */
    evidence: text('evidence'),
    actor: text('actor').notNull(),
    recordedAt: instant('recorded_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'notices_pk', columns: [t.bucket, t.subscriptionId, t.kind, t.subject] }),
    foreignKey({
      name: 'notices_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    check('notices_kind', isOneOf(t.kind, ['price_change'])),
  ],
);

/** Of whom it was told that their customer is still to be told of something, once for each cause; rows are only added. */
export const owedNotices = pgTable(
  'owed_notices',
  {
    ...inBucket(),
    subscriptionId: uuid('subscription_id').notNull(),
    kind: text('kind').$type<'price_change'>().notNull(),
    /** The catalog version whose price they are to be told. */
    subject: text('subject').notNull(),
    owedAt: instant('owed_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'owed_notices_pk', columns: [t.bucket, t.subscriptionId, t.kind, t.subject] }),
    foreignKey({
      name: 'owed_notices_of_subscription',
      columns: [t.bucket, t.subscriptionId],
      foreignColumns: [subscriptions.bucket, subscriptions.id],
    }),
    check('owed_notices_kind', isOneOf(t.kind, ['price_change'])),
  ],
);
