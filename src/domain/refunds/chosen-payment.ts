import { isOpenRefund, type RefundState } from './refund.ts';

/** Money that came in for a charge, as far as giving it back depends on it. */
export type PaymentOfCharge = {
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly channel: string | null;
  readonly amount: bigint;
  /** What its bank has of it, since its customer disputes it. */
  readonly taken: bigint;
  readonly paidAt: Temporal.Instant;
  /** It was collected although the charge was paid already. */
  readonly isTooMuch: boolean;
};

/** What was asked back of a payment before. */
export type EarlierRefund = {
  readonly paymentRequestId: string;
  readonly state: RefundState;
  readonly amount: bigint;
};

type NamedPayment = PaymentOfCharge & { readonly paymentRequestId: string };

/** `unnamed`: Xendit never told by which request the money was asked for, and a refund has to name it. */
export type Choice =
  | { readonly kind: 'chosen'; readonly payment: NamedPayment; readonly amount: bigint }
  | { readonly kind: 'nothing_came' | 'under_way' | 'unnamed' }
  | { readonly kind: 'too_much'; readonly left: bigint };

/**
 * The payment that is given back, and how much of it: what came in too much before what was owed, the newest first. Without an amount all
 * that is left of it. Xendit refunds one payment at a time and one refund of it after the other (docs/xendit.md 4.4), so that an amount
 * beyond what is left of each needs two refunds.
 */
export function chosenPayment(
  payments: readonly PaymentOfCharge[],
  refunds: readonly EarlierRefund[],
  asked: bigint | null,
): Choice {
  if (payments.length === 0) return { kind: 'nothing_came' };
  const named = payments.filter(isNamed);
  // What came in too much goes back first: the good payment does not in its place.
  if (named.length === 0 || payments.some((one) => one.isTooMuch && !isNamed(one))) return { kind: 'unnamed' };
  const free = named.filter((one) => !ofPayment(refunds, one).some(({ state }) => isOpenRefund(state)));
  if (free.length === 0) return { kind: 'under_way' };
  const left = free
    .map((payment) => ({ payment, left: leftOfPayment(payment, refunds) }))
    .filter((one) => one.left > 0n)
    .toSorted((a, b) => Number(b.payment.isTooMuch) - Number(a.payment.isTooMuch) || byAge(b.payment, a.payment));
  const chosen = left.find((one) => asked === null || asked <= one.left);
  if (chosen === undefined) return { kind: 'too_much', left: greatestOf(left) };
  return { kind: 'chosen', payment: chosen.payment, amount: asked ?? chosen.left };
}

/** What is neither given back of it nor with its bank. */
export function leftOfPayment(payment: PaymentOfCharge, refunds: readonly EarlierRefund[]): bigint {
  return payment.amount - payment.taken - givenBackOf(ofPayment(refunds, payment));
}

function greatestOf(all: readonly { readonly left: bigint }[]): bigint {
  return all.map(({ left }) => left).toSorted((a, b) => Number(b - a))[0] ?? 0n;
}

function isNamed(payment: PaymentOfCharge): payment is NamedPayment {
  return payment.paymentRequestId !== null;
}

function ofPayment(refunds: readonly EarlierRefund[], payment: PaymentOfCharge): readonly EarlierRefund[] {
  return refunds.filter((one) => one.paymentRequestId === payment.paymentRequestId);
}

function givenBackOf(refunds: readonly EarlierRefund[]): bigint {
  return refunds.reduce((sum, { state, amount }) => (state === 'succeeded' ? sum + amount : sum), 0n);
}

function byAge(a: PaymentOfCharge, b: PaymentOfCharge): number {
  return Temporal.Instant.compare(a.paidAt, b.paidAt);
}
