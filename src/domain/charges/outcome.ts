import type { MandateEcho } from '../methods/mandate.ts';
import type { Action } from './action.ts';

/**
 * What Xendit said about one attempt, in our words. `pending` and `unknown` are not final.
 * `refused`: our request was at fault, or was not executed; no payment exists and the customer is not to blame.
 */
export type Outcome =
  | {
      readonly kind: 'succeeded';
      readonly paymentRequestId: string | null;
      readonly paymentId: string | null;
      /** What the answer repeats of a card's mandate. */
      readonly echo?: MandateEcho;
    }
  | {
      readonly kind: 'declined';
      readonly code: string;
      readonly paymentRequestId: string | null;
      readonly paymentId: string | null;
      /** Network response code and Mastercard merchant advice code, when Xendit gives them. */
      readonly networkCode: string | null;
      readonly adviceCode: string | null;
      /** Where the customer could have authenticated (REQUIRES_ACTION). */
      readonly actionUrl: string | null;
      /** All that Xendit asks of the customer, where it asks anything. */
      readonly actions?: readonly Action[];
      /** Its payment could not be read, so what a card network said of it is not known. */
      readonly unread?: true;
      readonly echo?: MandateEcho;
    }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly detail: string;
      /**
       * `charge`: this request alone; `channel`: none of its channel can be charged; `account`: nothing can be;
       * `throttled`: later. `not_sent`: we held it back.
       * `never_taken`: Xendit knows a later one of the same charge, and none of this.
       */
      readonly scope: 'charge' | 'channel' | 'account' | 'throttled' | 'not_sent' | 'never_taken';
      /** Seconds after which Xendit lets a throttled request be sent again; null when it did not say. */
      readonly retryAfterSeconds: number | null;
    }
  | {
      readonly kind: 'pending';
      readonly paymentRequestId: string | null;
      readonly paymentId: string | null;
      /** Reserved on the card, and not captured: no money, and none comes of it by itself. */
      readonly isAuthorized?: true;
      readonly actions?: readonly Action[];
      readonly echo?: MandateEcho;
    }
  | { readonly kind: 'unknown'; readonly detail: string; readonly paymentRequestId: string | null };

export const outcomeKinds = [
  'succeeded',
  'declined',
  'refused',
  'pending',
  'unknown',
] as const satisfies readonly Outcome['kind'][];
export type OutcomeKind = (typeof outcomeKinds)[number];

/** Xendit was asked, and nobody knows how it ended. */
export function isInDoubt(kind: OutcomeKind | null): boolean {
  return kind === 'unknown' || kind === 'pending';
}

/**
 * No payment exists for this sending: Xendit refused the request, or declined it without making a payment request (400
 * INVALID_TOKEN). An earlier sending of the same request may still have charged.
 */
export function madeNoPayment(outcome: Outcome): boolean {
  return outcome.kind === 'refused' || (outcome.kind === 'declined' && outcome.paymentRequestId === null);
}

/** Final outcomes never change, except that a success outranks everything (invariant 6). */
export function isFinal(kind: OutcomeKind | null): boolean {
  return kind === 'succeeded' || kind === 'declined' || kind === 'refused';
}
