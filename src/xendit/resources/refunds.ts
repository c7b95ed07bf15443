import { z } from 'zod';
import { amount, code, currency, id, maybe, metadata, reference } from '../fields.ts';
import { at, type Body, type CallOptions, parametersOf, type Speaker } from '../speaker.ts';
import { type Amount, failed, withStatus } from './money-in.ts';

export const refundReasons = ['FRAUDULENT', 'DUPLICATE', 'REQUESTED_BY_CUSTOMER', 'CANCELLATION', 'OTHERS'] as const;
export type RefundReason = (typeof refundReasons)[number];

const fields = {
  id,
  reference_id: maybe(reference),
  payment_request_id: maybe(id),
  payment_id: maybe(id),
  currency,
  amount,
  channel_code: maybe(code),
  reason: maybe(z.enum(refundReasons)),
  /** What Xendit takes for it. */
  refund_fee_amount: maybe(amount),
  metadata,
};

/** A refund is PENDING when it is asked for; a webhook says what came of it. */
export const Refund = withStatus(
  (status) => status,
  z.discriminatedUnion(
    'status',
    [
      z.object({ ...fields, status: z.literal(['PENDING', 'SUCCEEDED']) }),
      z.object({ ...fields, ...failed, status: z.literal(['FAILED', 'CANCELED']) }),
    ],
    'is no status of a refund',
  ),
);
export type Refund = z.output<typeof Refund>;

export type NewRefund = {
  readonly payment_request_id: string;
  readonly reference_id?: string | undefined;
  /** Left out: all that was paid. */
  readonly amount?: Amount | undefined;
  readonly currency?: string | undefined;
  readonly reason: RefundReason;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

export type RefundQuery = {
  readonly payment_request_id?: string | undefined;
  readonly limit?: number | undefined;
  /** The page behind the one that ended with this id. */
  readonly after_id?: string | undefined;
};

const Page = z
  .object({ data: z.array(z.unknown()), has_more: maybe(z.boolean()) })
  .transform(({ data, has_more }): RefundPage => {
    const rows = data.flatMap((row) => Refund.safeParse(row).data ?? []);
    return { rows, unreadable: data.length - rows.length, has_more };
  });

export type RefundPage = {
  readonly rows: readonly Refund[];
  /** Entries that were not understood, and are left out. */
  readonly unreadable: number;
  readonly has_more: boolean | null;
};

const PATH = '/refunds';

export function refunds(speak: Speaker) {
  return {
    /** One POST, never repeated: two of them may both give money back. */
    create: (body: Body<NewRefund>, options?: CallOptions) => speak.post(PATH, body, Refund, options),
    /** Documented for the API before v3: `transactions.list({ types: 'REFUND' })` is the documented list of today. */
    list: (query: RefundQuery = {}, options?: CallOptions) =>
      speak.get(`${PATH}?${parametersOf(query).toString()}`, Page, options),
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), Refund, options),
  };
}
