import type { Money } from '../../../domain/money/money.ts';
import type { Token } from '../gateway.ts';

/** A payment that is asked for, as far as who plays it looks at it. */
export type AskedPayment = {
  readonly referenceId: string;
  readonly tokenId: string;
  readonly amount: Money;
  readonly at: Temporal.Instant;
};

/** What becomes of a payment. */
export type PlayedPayment = {
  /** What Xendit has of it in the end; `nothing`: it never took the request. */
  readonly ends:
    | { readonly as: 'paid' }
    | { readonly as: 'declined'; readonly code: string }
    | { readonly as: 'nothing' };
  /** What the call is answered, where that is not the end: nobody answers, it is under way, or it was declined at first. */
  readonly answers?: 'silence' | 'pending' | { readonly declined: string };
  /** When Xendit knows the end, counted from the call. */
  readonly afterMinutes?: number;
  /** What Xendit's own books say was collected, where that is not what was asked for. */
  readonly booked?: Money;
};

/** A method that a customer saves behind a link. */
export type PlayedMethod = Pick<Token, 'channelCode' | 'network' | 'label' | 'expiryMonth' | 'expiryYear'>;

/** Who plays Xendit and its customers. The same questions are answered the same. */
export type Script = {
  payment(asked: AskedPayment): PlayedPayment;
  /** What is saved behind a link of this subscription, the n-th; null: nobody comes. */
  method(subscriptionReference: string, link: number): PlayedMethod | null;
};
