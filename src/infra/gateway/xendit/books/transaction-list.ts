import { z } from 'zod';
import type { BookedPayment } from '../../../../domain/books/reconciliation.ts';
import { get } from '../../../../xendit/answer.ts';
import { id } from '../../../../xendit/fields.ts';
import type { Transport } from '../../../../xendit/transport.ts';
import type { Answer, BooksPage, BooksQuery } from '../../gateway.ts';
import { readAmount } from '../amounts.ts';
import { answerOf } from '../answers.ts';
import { isPayment, ListedTransaction, paymentIdOf } from './transactions.ts';

/** The largest page that is known to be taken; the documents name a default of 10 and no maximum. */
const PAGE = 50;

// A row that cannot be read must not hide the others: only its id is needed to go on behind it.
const Page = z.object({ data: z.array(z.object({ id }).loose()), has_more: z.boolean() });

/**
 * One page of the account's payments (GET /transactions). The order of the list is documented as "by created" and no
 * more, so nothing here depends on it; the next page is what follows the last id.
 */
export async function readBooks(
  client: Transport,
  query: BooksQuery,
  after: string | null,
): Promise<Answer<BooksPage>> {
  const listed = await readTransactions(client, 'PAYMENT', query, after);
  if (listed.kind !== 'ok') return listed;
  const { rows, unreadable, next } = listed.value;
  return { kind: 'ok', value: { payments: rows.filter(isPayment).map(paymentOf), unreadable, next } };
}

type Listed = {
  readonly rows: readonly ListedTransaction[];
  /** Entries that were not understood, and are left out. */
  readonly unreadable: number;
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
};

/** One page of the account's transactions of one type. */
export async function readTransactions(
  client: Transport,
  type: 'PAYMENT' | 'REFUND',
  query: BooksQuery,
  after: string | null,
): Promise<Answer<Listed>> {
  const seen = await get(client, `/transactions?${parametersOf(type, query, after).toString()}`, Page);
  if (seen.kind !== 'seen') return answerOf(seen);
  const { data, has_more } = seen.value;
  const last = data.at(-1)?.id ?? null;
  if (has_more && (last === null || last === after)) {
    return { kind: 'silent', detail: 'transactions: there is more, but no id to go on from' };
  }
  const rows = data.flatMap((row) => ListedTransaction.safeParse(row).data ?? []);
  return { kind: 'ok', value: { rows, unreadable: data.length - rows.length, next: has_more ? last : null } };
}

function parametersOf(type: string, query: BooksQuery, after: string | null): URLSearchParams {
  const parameters = new URLSearchParams({ types: type, limit: String(PAGE) });
  if ('referenceId' in query) parameters.set('reference_id', query.referenceId);
  else {
    // Both ends are included, and ours ends before `until`.
    parameters.set('created[gte]', query.from.toString({ smallestUnit: 'millisecond' }));
    parameters.set('created[lte]', query.until.subtract({ milliseconds: 1 }).toString({ smallestUnit: 'millisecond' }));
  }
  if (after !== null) parameters.set('after_id', after);
  return parameters;
}

const STATUSES: Readonly<Record<string, BookedPayment['status']>> = {
  PENDING: 'pending',
  SUCCESS: 'succeeded',
  FAILED: 'failed',
  VOIDED: 'returned',
  REVERSED: 'returned',
};

/** `amount` is what the customer paid; `net_amount` is after fees and value added tax, and is no business of ours. */
function paymentOf(row: ListedTransaction): BookedPayment {
  return {
    transactionId: row.id,
    referenceId: row.reference_id,
    createdAt: row.created,
    status: Object.hasOwn(STATUSES, row.status) ? (STATUSES[row.status] ?? 'other') : 'other',
    amount: readAmount(row.amount, row.currency),
    written: `${row.currency} ${row.amount}`,
    paymentId: paymentIdOf(row),
    paymentRequestId: row.product_data?.payment_request_id ?? null,
  };
}
