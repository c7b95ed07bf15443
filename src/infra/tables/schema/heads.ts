import { type Column, type SQL, sql } from 'drizzle-orm';
import { smallint, text, uuid } from 'drizzle-orm/pg-core';

/** The head of a table of what belongs to a customer: the bucket is first in every key (docs/design.md section 12, rule 1). */
export const inBucket = () => ({ bucket: smallint('bucket').notNull() });

/** The head of such a table whose rows have an id. */
export const withId = () => ({ ...inBucket(), id: uuid('id').notNull() });

/** The head of such a table whose rows name their customer. */
export const ofCustomer = () => ({ ...withId(), customerId: uuid('customer_id').notNull() });

/** Xendit's sub-account that the row's money goes to; empty: the merchant's own account. */
export const ofAccount = () => ({ account: text('account').notNull().default('') });

/** The head of a table with one row for each account: one account's stop or sweep is no other's. */
export const oneOfAccount = () => ({ ...ofAccount(), id: smallint('id').notNull().default(1) });

/** The condition of a CHECK: the column holds one of these words, which are names of our own and no values of anybody. */
export function isOneOf(column: Column, words: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`;
}
