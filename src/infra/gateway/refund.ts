import type { Money } from '../../domain/money/money.ts';
import type { RefundReason } from '../../domain/refunds/refund.ts';

/** The whole of one refund as Xendit will hear it; stored before it is sent, and sent only from what was stored. */
export type RefundRequest = {
  readonly referenceId: string;
  readonly paymentRequestId: string;
  readonly amount: Money;
  readonly reason: RefundReason;
  readonly metadata: Readonly<Record<string, string>>;
};

/** A refund as Xendit has it. */
export type Refund = {
  readonly refundId: string;
  readonly referenceId: string | null;
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly status: 'pending' | 'succeeded' | 'failed';
  /** Null for a currency or a fraction that we do not have; `written` has it as Xendit wrote it. */
  readonly amount: Money | null;
  readonly written: string;
  readonly reason: RefundReason;
  readonly failureCode: string | null;
  /** What Xendit takes for it; null where it tells none. */
  readonly fee: Money | null;
};

/** A refund as Xendit's own books show it. */
export type BookedRefund = {
  readonly transactionId: string;
  /** Xendit's id of the refund; null where the books do not say. */
  readonly refundId: string | null;
  readonly referenceId: string;
  /** The money left; else it failed, or is on its way. */
  readonly isGone: boolean;
};

export type RefundsPage = {
  readonly refunds: readonly BookedRefund[];
  readonly unreadable: number;
  readonly next: string | null;
};
