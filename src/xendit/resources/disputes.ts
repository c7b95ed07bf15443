import { z } from 'zod';
import { amount, code, currency, id, maybe, reference, time } from '../fields.ts';
import { at, type CallOptions, parametersOf, type Speaker } from '../speaker.ts';
import { withStatus } from './money-in.ts';

const fields = {
  id,
  reference_id: maybe(reference),
  payment_id: maybe(id),
  channel_code: maybe(code),
  currency,
  /** Written as text; what the bank took at the end is `terminal`. */
  amount: z.object({ initial: amount, terminal: maybe(amount) }),
  status_reason: maybe(code),
  /** What the customer says of the payment: "fraud" and the like. */
  category: maybe(z.object({ name: reference })),
  due_date: maybe(time),
  created_at: maybe(time),
  updated_at: maybe(time),
};

/** A customer went to their bank: while it is `ACTION_REQUIRED`, `due_date` says until when it has to be answered. */
export const Dispute = withStatus(
  (status) => status,
  z.discriminatedUnion(
    'status',
    [
      z.object({ ...fields, status: z.literal('ACTION_REQUIRED') }),
      z.object({ ...fields, status: z.literal('UNDER_REVIEW') }),
      z.object({ ...fields, status: z.literal('WON') }),
      z.object({ ...fields, status: z.literal('LOST') }),
    ],
    'is no status of a dispute',
  ),
);
export type Dispute = z.output<typeof Dispute>;

export type DisputeQuery = {
  readonly status?: string | undefined;
  readonly payment_id?: string | undefined;
  readonly due_date_before?: string | undefined;
  readonly created_after?: string | undefined;
  /** 100 at most. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

export type DisputePage = {
  readonly rows: readonly Dispute[];
  /** Entries that were not understood, and are left out. */
  readonly unreadable: number;
  readonly next_cursor: string | null;
};

const Page = z
  .object({ data: z.array(z.unknown()), pagination: maybe(z.object({ next_cursor: maybe(reference) })) })
  .transform(({ data, pagination }): DisputePage => {
    const rows = data.flatMap((row) => Dispute.safeParse(row).data ?? []);
    return { rows, unreadable: data.length - rows.length, next_cursor: pagination?.next_cursor ?? null };
  });

const PATH = '/v1/disputes';

export function disputes(speak: Speaker) {
  return {
    /** Read in one place of Xendit's documents: an account may answer 404. */
    list: (query: DisputeQuery = {}, options?: CallOptions) =>
      speak.get(`${PATH}?${parametersOf(query).toString()}`, Page, options),
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), Dispute, options),
  };
}
