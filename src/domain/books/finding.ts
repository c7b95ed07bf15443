import { type ChargeStatus, isOpen } from '../charges/charge.ts';
import { isFinal, type OutcomeKind } from '../charges/outcome.ts';
import type { Decision } from '../declines/decision.ts';
import type { Money } from '../money/money.ts';
import type { SubscriptionStatus } from '../subscriptions/subscription.ts';

/**
 * What our books and Xendit's disagree about, or what a person should give back.
 * `overpayment`: a second attempt collected as well. `second_payment`: one attempt was collected twice under one
 * reference. `late_success`: an attempt that had failed collected after all. `unrecorded_payment`: money under a
 * reference of ours that no attempt has. `amount_mismatch`: another amount or currency than the attempt's.
 * `not_at_xendit`: collected by our books, and not by Xendit's. `unlinked_session`: a session ended, and whatever its
 * customer saved there is not charged. `returned`: money that an attempt collected went back to the customer at Xendit, and is no refund
 * that the books can have. `unknown_refund`: nobody knows whether Xendit heard of a refund. `dispute`: a customer's bank takes more than the
 * books have left of the payment, or disputes one that they do not have.
 */
export type FindingKind =
  | 'overpayment'
  | 'second_payment'
  | 'late_success'
  | 'unrecorded_payment'
  | 'amount_mismatch'
  | 'not_at_xendit'
  | 'unlinked_session'
  | 'returned'
  | 'unknown_refund'
  | 'dispute';

/** Those that Xendit can be asked about again, and that close by themselves once the books agree. */
export const askedAgain: readonly FindingKind[] = ['unrecorded_payment', 'amount_mismatch', 'not_at_xendit'];

export type Finding = {
  readonly kind: FindingKind;
  /** With the kind it is unique: the attempt's reference, or the id of the payment that is one too many. */
  readonly reference: string;
  readonly subscriptionId: string;
  readonly chargeId: string | null;
  /** The refund that is proposed; null when there is none. */
  readonly refund: Money | null;
  readonly paymentId: string | null;
  readonly paymentRequestId: string | null;
  readonly why: string;
  /** Why nothing is left to decide; null when it is open. */
  readonly closedWhy: string | null;
};

type Settled = {
  readonly referenceId: string;
  /** What was known of the attempt before its success. */
  readonly known: OutcomeKind | null;
  readonly charge: { readonly id: string; readonly status: ChargeStatus; readonly amount: Money };
  readonly subscription: { readonly id: string; readonly status: SubscriptionStatus };
  readonly paymentId: string | null;
  readonly paymentRequestId: string | null;
};

/** What a success leaves for a person to decide, when it paid too much or came after the attempt had failed. */
export function findingOf(settled: Settled, decision: Decision): Finding | null {
  const { charge, subscription, known, paymentId, paymentRequestId } = settled;
  const ids = { reference: settled.referenceId, subscriptionId: subscription.id, chargeId: charge.id };
  const about = { ...ids, paymentId, paymentRequestId };
  if (decision.kind === 'overpaid') {
    const why = isOpen(charge.status)
      ? `${decision.why.text} Give it back.`
      : `The charge was already ${charge.status} when this attempt collected too: give it back.`;
    return { kind: 'overpayment', ...about, refund: charge.amount, why, closedWhy: null };
  }
  if (decision.kind !== 'paid' || !isFinal(known)) return null;
  const left = subscription.status === 'canceled';
  const why = left
    ? `The attempt had failed (${known}) and collected after all, but the subscription is canceled: give it back, or keep it for what was delivered.`
    : `The attempt had failed (${known}) and collected after all.`;
  const closedWhy = left ? null : 'It paid the charge, and its retries stopped: nothing is left to decide.';
  return { kind: 'late_success', ...about, refund: left ? charge.amount : null, why, closedWhy };
}
