import type { BookedPayment } from '../../../../domain/books/reconciliation.ts';
import type { Transaction, TransactionQuery } from '../../../../xendit/resources/transactions.ts';
import type { Xendit } from '../../../../xendit/xendit.ts';
import type { Answer, BooksPage, BooksQuery } from '../../gateway.ts';
import { readAmount } from '../amounts.ts';
import { answerOf } from '../answers.ts';
import { isPayment, paymentIdOf } from './transactions.ts';

/** The largest page that is known to be taken; the documents name a default of 10 and no maximum. */
const PAGE = 50;

/**
 * One page of the account's payments (GET /transactions). The order of the list is documented as "by created" and no
 * more, so nothing here depends on it; the next page is what follows the last id.
 */
export async function readBooks(xendit: Xendit, query: BooksQuery, after: string | null): Promise<Answer<BooksPage>> {
  const listed = await readTransactions(xendit, 'PAYMENT', query, after);
  if (listed.kind !== 'ok') return listed;
  const { rows, unreadable, next } = listed.value;
  return { kind: 'ok', value: { payments: rows.filter(isPayment).map(paymentOf), unreadable, next } };
}

type Listed = {
  readonly rows: readonly Transaction[];
  /** Entries that were not understood, and are left out. */
  readonly unreadable: number;
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
};

/** One page of the account's transactions of one type. */
export async function readTransactions(
  xendit: Xendit,
  type: 'PAYMENT' | 'REFUND',
  query: BooksQuery,
  after: string | null,
): Promise<Answer<Listed>> {
  const listed = await xendit.transactions.list(queryOf(type, query, after));
  if (listed.kind !== 'ok') return answerOf(listed);
  const { rows, unreadable, has_more, last_id } = listed.value;
  if (has_more === null) return { kind: 'silent', detail: 'transactions: half a list' };
  if (has_more && (last_id === null || last_id === after)) {
    return { kind: 'silent', detail: 'transactions: there is more, but no id to go on from' };
  }
  return { kind: 'ok', value: { rows, unreadable, next: has_more ? last_id : null } };
}

function queryOf(types: string, query: BooksQuery, after: string | null): TransactionQuery {
  const page = { types, limit: PAGE, ...(after !== null && { after_id: after }) };
  if ('referenceId' in query) return { ...page, reference_id: query.referenceId };
  return {
    ...page,
    createdFrom: query.from.toString({ smallestUnit: 'millisecond' }),
    // Both ends are included, and ours ends before `until`.
    createdTo: query.until.subtract({ milliseconds: 1 }).toString({ smallestUnit: 'millisecond' }),
  };
}

const STATUSES: Readonly<Record<string, BookedPayment['status']>> = {
  PENDING: 'pending',
  SUCCESS: 'succeeded',
  FAILED: 'failed',
  VOIDED: 'returned',
  REVERSED: 'returned',
};

/** `amount` is what the customer paid; `net_amount` is after fees and value added tax, and is no business of ours. */
function paymentOf(row: Transaction): BookedPayment {
  return {
    transactionId: row.id,
    referenceId: row.reference_id,
    createdAt: Temporal.Instant.from(row.created),
    status: Object.hasOwn(STATUSES, row.status) ? (STATUSES[row.status] ?? 'other') : 'other',
    amount: readAmount(row.amount, row.currency),
    written: `${row.currency} ${row.amount}`,
    paymentId: paymentIdOf(row),
    paymentRequestId: row.product_data?.payment_request_id ?? null,
  };
}
