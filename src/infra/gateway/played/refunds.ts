import { type Money, majorText } from '../../../domain/money/money.ts';
import type { RefundReason } from '../../../domain/refunds/refund.ts';
import type { BooksQuery } from '../gateway.ts';
import type { BookedRefund, Refund } from '../refund.ts';
import { readAmount } from '../xendit/amounts.ts';
import { refundIdOf, transactionOf } from './names.ts';

/** How long a customer's bank takes. */
const TAKES = { hours: 24 } as const;

type Asked = {
  readonly referenceId: string;
  readonly paymentRequestId: string;
  readonly amount: Money;
  readonly reason: RefundReason;
  readonly at: Temporal.Instant;
};

export type PlayedRefunds = {
  ask(body: string): Refund;
  byId(refundId: string): Refund | undefined;
  byReference(referenceId: string): Refund | null;
  books(query: BooksQuery): readonly BookedRefund[];
};

/** All refunds that were asked for; each is pending for a day, and then the money is gone. */
export function playedRefunds(now: () => Temporal.Instant): PlayedRefunds {
  const asked = new Map<string, Asked>();
  const isOver = ({ at }: Asked) => Temporal.Instant.compare(now(), at.add(TAKES)) >= 0;
  const view = (one: Asked): Refund => ({
    refundId: refundIdOf(one.referenceId),
    referenceId: one.referenceId,
    paymentRequestId: one.paymentRequestId,
    paymentId: null,
    status: isOver(one) ? 'succeeded' : 'pending',
    amount: one.amount,
    written: `${one.amount.currency} ${majorText(one.amount)}`,
    reason: one.reason,
    failureCode: null,
    fee: null,
  });
  return {
    ask(body) {
      const one = { ...readBody(body), at: now() };
      asked.set(one.referenceId, one);
      return view(one);
    },
    byId: (refundId) => [...asked.values()].map(view).find((one) => one.refundId === refundId),
    byReference(referenceId) {
      const one = asked.get(referenceId);
      return one === undefined ? null : view(one);
    },
    books: (query) =>
      [...asked.values()]
        .filter((one) => isAsked(one, query))
        .map((one) => ({
          transactionId: transactionOf(one.referenceId),
          refundId: refundIdOf(one.referenceId),
          referenceId: one.referenceId,
          isGone: isOver(one),
        })),
  };
}

function isAsked({ referenceId, at }: Asked, query: BooksQuery): boolean {
  if ('referenceId' in query) return query.referenceId === referenceId;
  return Temporal.Instant.compare(at, query.from) >= 0 && Temporal.Instant.compare(at, query.until) < 0;
}

type Body = {
  readonly reference_id: string;
  readonly payment_request_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: RefundReason;
};

function readBody(body: string): Omit<Asked, 'at'> {
  const said = JSON.parse(body) as Body;
  const amount = readAmount(said.amount, said.currency);
  if (amount === null) throw new Error(`${said.reference_id} is not asked for as dueday asks.`);
  const { reference_id: referenceId, payment_request_id: paymentRequestId, reason } = said;
  return { referenceId, paymentRequestId, amount, reason };
}
