import { z } from 'zod';
import { amount, code, currency, id, maybe, reference, time } from '../fields.ts';
import { at, type CallOptions, parametersOf, type Speaker } from '../speaker.ts';

const Fee = z.object({
  xendit_fee: maybe(amount),
  value_added_tax: maybe(amount),
  xendit_withholding_tax: maybe(amount),
  third_party_withholding_tax: maybe(amount),
  status: maybe(code),
});

/** A movement of the account's money: a payment, a refund, a fee, a payout (docs/xendit.md 5). */
export const Transaction = z.object({
  id,
  created: time,
  /** The id of what it is about: py- for a payment of the v3 API, rfd- for a refund. */
  product_id: maybe(id),
  type: maybe(code),
  status: code,
  reference_id: reference,
  channel_code: maybe(code),
  currency,
  /** What the customer paid; `net_amount` is after fees and taxes. */
  amount,
  net_amount: maybe(amount),
  fee: maybe(Fee),
  settlement_status: maybe(code),
  product_data: maybe(z.object({ payment_request_id: maybe(id) })),
});
export type Transaction = z.output<typeof Transaction>;

export type TransactionQuery = {
  readonly types?: string | undefined;
  /** Exact, and with the case of its letters. */
  readonly reference_id?: string | undefined;
  readonly createdFrom?: string | undefined;
  readonly createdTo?: string | undefined;
  readonly limit?: number | undefined;
  /** The page behind the one that ended with this id. */
  readonly after_id?: string | undefined;
};

export type TransactionPage = {
  readonly rows: readonly Transaction[];
  /** Entries that were not understood, and are left out. */
  readonly unreadable: number;
  /** Whether there is more; null where Xendit does not say, so that nobody may take the page for the whole list. */
  readonly has_more: boolean | null;
  /** The id of the last entry, behind which the next page begins. */
  readonly last_id: string | null;
};

// A row that cannot be read must not hide the others.
const Page = z
  .object({ data: z.array(z.unknown()), has_more: maybe(z.boolean()) })
  .transform(({ data, has_more }): TransactionPage => {
    const rows = data.flatMap((row) => Transaction.safeParse(row).data ?? []);
    const last = z.object({ id }).safeParse(data.at(-1)).data;
    return { rows, unreadable: data.length - rows.length, has_more, last_id: last?.id ?? null };
  });

const PATH = '/transactions';

export function transactions(speak: Speaker) {
  return {
    /** One page, in no order that is promised. */
    list: (query: TransactionQuery, options?: CallOptions) =>
      speak.get(`${PATH}?${parametersOf(said(query)).toString()}`, Page, options),
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), Transaction, options),
  };
}

function said({ createdFrom, createdTo, ...plain }: TransactionQuery) {
  return { ...plain, 'created[gte]': createdFrom, 'created[lte]': createdTo };
}
