import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { type SavedFor, savedFors } from '../../../domain/methods/mandate.ts';
import { type TokenStatus, tokenStatuses } from '../../../domain/methods/token-moves.ts';
import { instant, plainDate } from '../../database/columns.ts';
import { inBucket, isOneOf, ofCustomer, withId } from './heads.ts';

/*
 * One schema for one Postgres and for a sharded one (docs/design.md section 12): `bucket` is first in every key of what
 * belongs to a customer, and never in front of an index over open work. Ids are made by the application.
 */

export const customers = pgTable(
  'customers',
  {
    ...withId(),
    referenceId: text('reference_id'),
    xenditId: text('xendit_id'),
    /** What was charged on which day, minor units by currency; counted only where the catalog limits a customer's day. */
    spentOn: plainDate('spent_on'),
    spent: jsonb('spent').$type<Readonly<Record<string, number>>>(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ name: 'customers_pk', columns: [t.bucket, t.id] })],
);

/** `trial`: a trial of a plan, of a customer or a card, which is had once. */
export type NameKind = 'subscription' | 'customer' | 'xendit_customer' | 'trial';

/** What must be unique across customers; the bucket is that of the name's hash (docs/design.md section 12, rule 7). */
export const names = pgTable(
  'names',
  {
    ...inBucket(),
    kind: text('kind').$type<NameKind>().notNull(),
    name: text('name').notNull(),
    ownerId: uuid('owner_id').notNull(),
    /** For subscriptions: SHA-256 of the request that made it, so that the same request is answered alike. */
    requestHash: text('request_hash'),
  },
  (t) => [
    primaryKey({ name: 'names_are_unique', columns: [t.bucket, t.kind, t.name] }),
    check('names_kind', sql`${t.kind} in ('subscription', 'customer', 'xendit_customer', 'trial')`),
  ],
);

export const tokens = pgTable(
  'tokens',
  {
    ...ofCustomer(),
    /** Xendit's token: whoever has it and our key can charge with it. Sealed where there are keys (infra/vault). */
    tokenId: text('token_id').notNull(),
    /** What a token is found by, since a sealed one cannot be compared. */
    tokenIndex: text('token_index'),
    /** The key that it is sealed with; empty: it is stored as it is. */
    sealedWith: text('sealed_with').notNull().default(''),
    channelCode: text('channel_code').notNull(),
    country: text('country'),
    currency: text('currency'),
    label: text('label'),
    network: text('network'),
    fingerprint: text('fingerprint'),
    expiryMonth: text('expiry_month'),
    expiryYear: text('expiry_year'),
    status: text('status').$type<TokenStatus>().notNull(),
    endedReason: text('ended_reason'),
    /** What its customer agreed to when it was saved; it is charged as nothing else. */
    savedFor: text('saved_for').$type<SavedFor>().notNull().default('RECURRING'),
    recurringFrequency: integer('recurring_frequency').notNull(),
    recurringExpiry: plainDate('recurring_expiry').notNull(),
    savedAt: instant('saved_at').notNull(),
    /** The session that it was saved in, and whose mandate it has: one method may be saved in several. */
    sessionId: text('session_id'),
    endedAt: instant('ended_at'),
    /** When it is looked at next whether it is to be told that it expires; at once, until somebody has looked; null: never again. */
    noticeAt: instant('notice_at').default(sql`'epoch'`),
    /** So many days before its end it was told last; null: it was not. */
    noticeTold: smallint('notice_told'),
  },
  (t) => [
    primaryKey({ name: 'tokens_pk', columns: [t.bucket, t.id] }),
    unique('tokens_saved_once').on(t.bucket, t.sessionId),
    foreignKey({
      name: 'tokens_of_customer',
      columns: [t.bucket, t.customerId],
      foreignColumns: [customers.bucket, customers.id],
    }),
    index('tokens_by_index').on(t.tokenIndex),
    index('tokens_by_end').on(t.endedAt).where(sql`ended_at is not null`),
    index('tokens_to_tell_of').on(t.noticeAt).where(sql`status = 'active' and notice_at is not null`).concurrently(),
    index('tokens_by_key').on(t.sealedWith, t.bucket, t.id),
    check('tokens_saved_for', isOneOf(t.savedFor, savedFors)),
    check('tokens_status', isOneOf(t.status, tokenStatuses)),
    check('tokens_ended_has_reason', sql`(${t.status} = 'active') = (${t.endedAt} is null)`),
    check('tokens_notice_told', sql`${t.noticeTold} in (1, 7, 30)`),
    check('tokens_frequency', sql`${t.recurringFrequency} >= 1`),
  ],
);
