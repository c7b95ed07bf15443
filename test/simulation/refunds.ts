import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import type { Timeline } from './timeline.ts';
import type { Payment, Xendit } from './xendit.ts';

/** Money that Xendit gives back, as it stands on Xendit's own list. */
export type XenditRefund = {
  readonly id: string;
  /** Null: somebody made it in Xendit's dashboard. */
  readonly referenceId: string | null;
  readonly payment: Payment;
  readonly amount: number;
  readonly reason: string;
  readonly askedAt: number;
  /** From when on lists show it. */
  readonly visibleAt: number;
  status: 'PENDING' | 'SUCCEEDED' | 'FAILED';
  failureCode: string | null;
  /** It was called a success before it failed. */
  cameBack: boolean;
  /** A webhook about it was taken. */
  isTold: boolean;
};

/** Where Xendit gives money back, one refund of a payment after the other. */
export type RefundDesk = {
  readonly refunds: readonly XenditRefund[];
  /** What of a payment is still there, in major units. */
  left(payment: Payment): number;
  /** The refund; or the code with which it is refused. */
  open(asked: RefundAsked): XenditRefund | string;
  /** Somebody makes one in the dashboard: of any payment, or of none where there is none to be made. */
  byHand(): XenditRefund | null;
  /** How a refund ended is told by webhook. */
  onNews(tell: (refund: XenditRefund) => void): void;
};

export type RefundAsked = {
  readonly payment_request_id: string;
  readonly reference_id: string | null;
  readonly amount: number;
  readonly reason: string;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly xendit: Xendit;
  /** How long lists lack what was just made, in milliseconds. */
  lag(): number;
};

const HOUR = 3_600_000;
/** Of the refunds that were taken. */
const FAIL = 0.2;
/** Of those that succeeded. */
const COME_BACK = 0.2;
const FAILURES = ['ACCOUNT_ACCESS_BLOCKED', 'ACCOUNT_NOT_FOUND', 'INSUFFICIENT_BALANCE', 'REFUND_FAILED'];

export function refundDesk({ time, random, xendit, lag }: Given): RefundDesk {
  const refunds: XenditRefund[] = [];
  let tell: (refund: XenditRefund) => void = () => undefined;

  const of = (payment: Payment) => refunds.filter((one) => one.payment === payment);
  const isUnderWay = (payment: Payment) => of(payment).some(({ status }) => status === 'PENDING');

  function left(payment: Payment): number {
    const gone = of(payment).filter(({ status }) => status !== 'FAILED');
    return gone.reduce((sum, { amount }) => sum - amount, payment.amount);
  }

  function take(
    payment: Payment,
    { reference_id: referenceId, amount, reason }: Omit<RefundAsked, 'payment_request_id'>,
  ) {
    const refund: XenditRefund = {
      id: xendit.newId('rfd'),
      referenceId,
      payment,
      amount,
      reason,
      askedAt: time.now(),
      visibleAt: time.now() + lag(),
      status: 'PENDING',
      failureCode: null,
      cameBack: false,
      isTold: false,
    };
    refunds.push(refund);
    time.at(time.now() + spread(random, 5_000, 20 * HOUR), () => end(refund));
    return refund;
  }

  function end(refund: XenditRefund): void {
    if (random() < FAIL) {
      fail(refund);
      return;
    }
    refund.status = 'SUCCEEDED';
    tell(refund);
    if (random() >= COME_BACK) return;
    time.at(time.now() + spread(random, 60_000, 20 * HOUR), () => {
      refund.cameBack = true;
      fail(refund);
    });
  }

  function fail(refund: XenditRefund): void {
    refund.status = 'FAILED';
    refund.failureCode = oneOf(random, FAILURES);
    tell(refund);
  }

  return {
    refunds,
    left,
    open(asked) {
      const payment = xendit.payments.find(({ requestId }) => requestId === asked.payment_request_id);
      if (payment?.status !== 'SUCCEEDED') return 'INELIGIBLE_TRANSACTION_STATUS';
      if (isUnderWay(payment)) return 'REFUND_IN_PROGRESS';
      if (asked.amount > left(payment)) return 'REFUND_AMOUNT_EXCEEDED';
      return take(payment, asked);
    },
    byHand() {
      const there = xendit.payments.filter((one) => one.status === 'SUCCEEDED' && !isUnderWay(one) && left(one) > 0);
      if (there.length === 0) return null;
      const payment = oneOf(random, there);
      const amount = drawn(random, [
        [1, left(payment)],
        [1, between(random, 1, Math.floor(left(payment)))],
      ]);
      return take(payment, { reference_id: null, amount, reason: 'OTHERS' });
    },
    onNews(listener) {
      tell = listener;
    },
  };
}
