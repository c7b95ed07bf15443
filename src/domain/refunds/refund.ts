/**
 * What became of a refund. `wanted`: a second person has to approve it. `approved`: dueday may ask Xendit for it. `sent`: Xendit is being
 * asked. `unknown`: nobody knows whether Xendit heard of it. `pending`: Xendit has it, and the customer may not have the money yet.
 */
export const refundStates = [
  'wanted',
  'approved',
  'sent',
  'unknown',
  'pending',
  'succeeded',
  'failed',
  'withdrawn',
] as const;
export type RefundState = (typeof refundStates)[number];

const openRefundStates = ['wanted', 'approved', 'sent', 'unknown', 'pending'] as const;
type OpenRefundState = (typeof openRefundStates)[number];

/** The money of the payment is spoken for: nothing else of that payment is given back meanwhile. */
export function isOpenRefund(state: RefundState): state is OpenRefundState {
  return (openRefundStates as readonly RefundState[]).includes(state);
}

/** The reasons that Xendit takes (docs/xendit.md 4.4). */
export const refundReasons = ['FRAUDULENT', 'DUPLICATE', 'REQUESTED_BY_CUSTOMER', 'CANCELLATION', 'OTHERS'] as const;
export type RefundReason = (typeof refundReasons)[number];

/** Who asked for it: somebody here, or somebody in Xendit's own dashboard, of which dueday heard later. */
export type RefundOrigin = 'dueday' | 'xendit';

/** The name under which Xendit hears of a refund: derived and never random, so that a lost answer is found again. */
export function refundReference(subscriptionId: string, number: number): string {
  return `due_${subscriptionId}_r${number}`;
}
