import type { Entry } from '../../../domain/books/ledger.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { ledgerColumns } from '../books/ledger.ts';
import { chain, emptyHead } from '../change/chain.ts';
import { sealedToken } from '../methods/sealed-tokens.ts';
import { newSubscriptionColumns, type SubscriptionRow } from '../schema/change-columns.ts';
import { type NewToken, newTokenColumns, rankedColumns } from '../schema/method-columns.ts';
import { type NewTermsRow, newTermsColumns } from '../schema/terms-columns.ts';
import { customerColumns, insertPart, nameColumns, nameRow } from '../subscriptions/new-subscription.ts';
import type { Customer } from '../subscriptions/subscriptions.ts';
import { importMark } from './book-names.ts';
import { type CreatedRow, rowsCreated } from './import-rows.ts';

/** A subscription of another biller with all that it is stored with. */
export type NewImported = {
  readonly row: CreatedRow;
  readonly subscription: Omit<SubscriptionRow, 'ledgerSeq' | 'ledgerHead'>;
  readonly customer: Customer;
  readonly newCustomer: boolean;
  readonly token: NewToken;
  readonly terms: NewTermsRow;
  readonly entries: readonly Entry[];
};

/**
 * Stores imported subscriptions with all that belongs to them, and says so at their lines, in ONE statement: all of these or none. A name
 * that somebody has fails it as a whole, and so does a second process that creates the same ones.
 */
export async function insertImported(
  db: Database,
  buckets: readonly number[],
  made: readonly NewImported[],
): Promise<void> {
  const chained = made.map(({ subscription, entries }) => chain(subscription, 0, emptyHead, entries));
  const newCustomers = made.filter(({ newCustomer }) => newCustomer).map(({ customer }) => customer);
  const parts = [
    insertPart('names', nameColumns, made.flatMap(namesOf)),
    insertPart('customers', customerColumns, newCustomers),
    insertPart(
      'tokens',
      newTokenColumns,
      made.map(({ token }) => sealedToken(db.vault, token)),
    ),
    insertPart(
      'subscriptions',
      newSubscriptionColumns,
      made.map(({ subscription }, index) => {
        const { seq = 0, head = emptyHead } = chained[index] ?? {};
        return { ...subscription, ledgerSeq: seq, ledgerHead: head };
      }),
    ),
    insertPart('subscription_methods', rankedColumns, made.map(rankOf)),
    insertPart(
      'terms',
      newTermsColumns,
      made.map(({ terms }) => terms),
    ),
    rowsCreated(
      buckets,
      made.map(({ row }) => row),
    ),
    insertPart(
      'ledger',
      ledgerColumns,
      chained.flatMap(({ rows }) => rows),
    ),
  ];
  await db.run(sql`with ${sql.join(parts, ', ')} select 1`);
}

function namesOf({ subscription, customer, newCustomer, row }: NewImported) {
  const { referenceId, xenditId } = customer;
  return [
    nameRow('subscription', subscription.referenceId, subscription.id, importMark(row.importId, row.line)),
    ...(newCustomer && referenceId !== null ? [nameRow('customer', referenceId, customer.id, null)] : []),
    ...(newCustomer && xenditId !== null ? [nameRow('xendit_customer', xenditId, customer.id, null)] : []),
  ];
}

function rankOf({ subscription, token }: NewImported) {
  return { bucket: subscription.bucket, subscriptionId: subscription.id, tokenId: token.id, rank: 1, removedAt: null };
}
