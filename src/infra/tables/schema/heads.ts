import { smallint, text, uuid } from 'drizzle-orm/pg-core';

/** What belongs to a customer: its bucket is first in every key (docs/design.md section 12, rule 1). */
export const inBucket = () => ({ bucket: smallint('bucket').notNull() });

/** The same, with an id of its own. */
export const withId = () => ({ ...inBucket(), id: uuid('id').notNull() });

/** The same, of a customer who is said in the row. */
export const ofCustomer = () => ({ ...withId(), customerId: uuid('customer_id').notNull() });

/** Xendit's sub-account that the money of a row goes to; empty: the merchant's own. One account's 429, stop or sweep is no other's. */
export const ofAccount = () => ({ account: text('account').notNull().default('') });

/** A table of one row for each account. */
export const oneOfAccount = () => ({ ...ofAccount(), id: smallint('id').notNull().default(1) });
