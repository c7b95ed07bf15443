import type { DisputeState } from '../../domain/disputes/dispute.ts';
import type { Money } from '../../domain/money/money.ts';

/** A dispute as Xendit tells it, in an answer or in a webhook. */
export type Dispute = {
  readonly disputeId: string;
  readonly state: DisputeState;
  /** Why it stands so: `EXCEEDED_DEADLINE`, `CHALLENGED` and the like. */
  readonly reason: string | null;
  /** What the customer says of the payment: "fraud" and the like. */
  readonly category: string | null;
  readonly channel: string | null;
  /** Null for a currency or a fraction that we do not have; `written` has it as Xendit wrote it. */
  readonly amount: Money | null;
  readonly written: string;
  /** What it came to in the end. */
  readonly terminal: Money | null;
  readonly answerBy: Temporal.Instant | null;
  readonly openedAt: Temporal.Instant | null;
  /** When Xendit wrote this down. */
  readonly toldAt: Temporal.Instant | null;
  /** The payment that is disputed, and the reference under which it was asked for. */
  readonly paymentId: string | null;
  readonly referenceId: string | null;
};

/** Which disputes are read: all of the account that were raised since an instant, or those of one payment. */
export type DisputesQuery = { readonly since: Temporal.Instant } | { readonly paymentId: string };

export type DisputesPage = {
  readonly disputes: readonly Dispute[];
  readonly unreadable: number;
  readonly next: string | null;
};
