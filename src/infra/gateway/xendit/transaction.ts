import { z } from 'zod';
import { amount, code, currency, id, instant, maybe, reference } from './fields.ts';

/** A transaction of the account (docs/xendit.md 5), as the look-up and the list of the books both read it. */
export const Transaction = z.object({
  product_id: maybe(id),
  type: maybe(code),
  status: code,
  reference_id: reference,
  currency,
  amount,
  product_data: maybe(z.object({ payment_request_id: maybe(id) })),
});
export type Transaction = z.output<typeof Transaction>;

/** One that is told from all others, and dated. */
export const ListedTransaction = Transaction.extend({ id, created: instant });
export type ListedTransaction = z.output<typeof ListedTransaction>;

/** A fee, a payout or the like is a transaction too. */
export function isPayment({ type }: Transaction): boolean {
  return (type ?? 'PAYMENT') === 'PAYMENT';
}

/** py-: a payment of the v3 API. A transaction of another product has an id of another form. */
export function paymentIdOf({ product_id }: Transaction): string | null {
  return product_id?.startsWith('py-') === true ? product_id : null;
}
