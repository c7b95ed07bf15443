import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import type { Swarm } from './faults.ts';
import type { Timeline } from './timeline.ts';

/** A customer's payment method as Xendit keeps it. */
export type Method = {
  readonly tokenId: string;
  readonly customerId: string;
  readonly channel: 'CARDS' | 'OVO';
  readonly network: string | null;
  readonly country: string;
  readonly currency: string;
};

/** One payment request with its payment, on Xendit's own list. */
export type Payment = {
  readonly referenceId: string;
  readonly requestId: string;
  readonly paymentId: string;
  readonly tokenId: string;
  readonly channel: string;
  readonly amount: number;
  readonly currency: string;
  readonly askedAt: number;
  status: 'WORKING' | 'PENDING' | 'REQUIRES_ACTION' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'EXPIRED';
  failureCode: string | null;
  networkCode: string | null;
  /** From when on look-ups show it. */
  visibleAt: number;
  /** Somebody of ours was told that it failed for good: only then may another one be asked for. */
  failureTold: boolean;
  succeededLate: boolean;
};

export type Session = {
  readonly id: string;
  readonly referenceId: string;
  readonly customerId: string;
  readonly country: string;
  readonly currency: string;
  readonly expiresAt: number;
  status: 'ACTIVE' | 'COMPLETED' | 'EXPIRED' | 'CANCELED';
  tokenId: string | null;
};

/** Xendit's memory. */
export type Xendit = {
  readonly payments: Payment[];
  readonly sessions: Map<string, Session>;
  readonly methods: Map<string, Method>;
  /** Customers by the reference they were made with. */
  readonly customers: Map<string, string>;
  newId(prefix: string): string;
  /** Begins to work on a payment; `told` is called whenever there is something to send a webhook about. */
  charge(asked: Asked, faults: Swarm): Charged;
  /** How a payment ended is told by webhook. */
  onNews(tell: (payment: Payment) => void): void;
};

export type Asked = {
  readonly reference_id: string;
  readonly payment_token_id: string;
  readonly currency: string;
  readonly request_amount: number;
};

/** `readyAt`: when Xendit has an answer. */
export type Charged = { readonly payment: Payment; readonly readyAt: number };

type Decline = readonly [failureCode: string, networkCode: string | null];

/** The weights are those of a bad month. */
const declines: readonly (readonly [number, Decline])[] = [
  [30, ['INSUFFICIENT_BALANCE', '51']],
  [10, ['DECLINED_BY_ISSUER', '05']],
  [8, ['ISSUER_UNAVAILABLE', '91']],
  [8, ['PROCESSOR_ERROR', null]],
  [4, ['TIMEOUT_ERROR', null]],
  [5, ['AUTHENTICATION_FAILED', '1A']],
  [5, ['EXPIRED_CARD', '54']],
  [2, ['STOLEN_CARD', '43']],
  [2, ['DECLINED_BY_ISSUER', 'R1']],
  [2, ['INVALID_MERCHANT_SETTINGS', null]],
  [2, ['A_CODE_OF_TOMORROW', null]],
  [6, ['REQUIRES_ACTION', null]],
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function simulatedXendit(time: Timeline, random: Chance): Xendit {
  const payments: Payment[] = [];
  let made = 0;
  let tell: (payment: Payment) => void = () => undefined;
  const newId = (prefix: string): string => {
    made += 1;
    return `${prefix}-00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
  };
  return {
    payments,
    sessions: new Map(),
    methods: new Map(),
    customers: new Map(),
    newId,
    onNews: (listener) => {
      tell = listener;
    },
    charge(asked, faults) {
      const channel = this.methods.get(asked.payment_token_id)?.channel ?? 'CARDS';
      const takes = faults.strikes('slow') ? between(random, 20_000, 8 * MINUTE) : between(random, 200, 3_000);
      const readyAt = time.now() + takes;
      const pending = faults.strikes('pending', channel === 'CARDS' ? 0.2 : 1);
      const endsAt = pending ? readyAt + spread(random, 10_000, 20 * HOUR) : readyAt;
      const lag = faults.strikes('readLag') ? between(random, 1_000, 10 * MINUTE) : 0;
      const payment: Payment = {
        referenceId: asked.reference_id,
        requestId: newId('pr'),
        paymentId: newId('py'),
        tokenId: asked.payment_token_id,
        channel,
        amount: asked.request_amount,
        currency: asked.currency,
        askedAt: time.now(),
        status: pending ? 'PENDING' : 'WORKING',
        failureCode: null,
        networkCode: null,
        visibleAt: readyAt + lag,
        failureTold: false,
        succeededLate: false,
      };
      payments.push(payment);
      const decline = faults.strikes('declined') ? drawn(random, declines) : null;
      time.at(endsAt, () => end(payment, decline, faults));
      return { payment, readyAt };
    },
  };

  /** The customer comes and authenticates it, or nobody does before it expires; of both there may be no webhook. */
  function waitForCustomer(payment: Payment): void {
    payment.status = 'REQUIRES_ACTION';
    const comes = random() < 0.5;
    time.at(time.now() + spread(random, 30_000, 40 * HOUR), () => {
      if (payment.status !== 'REQUIRES_ACTION') return;
      payment.status = comes ? 'SUCCEEDED' : 'EXPIRED';
      payment.succeededLate = comes;
      if (comes) tell(payment);
    });
  }

  function end(payment: Payment, decline: Decline | null, faults: Swarm): void {
    if (decline?.[0] === 'REQUIRES_ACTION') {
      waitForCustomer(payment);
      return;
    }
    payment.status = decline === null ? 'SUCCEEDED' : 'FAILED';
    payment.failureCode = decline?.[0] ?? null;
    payment.networkCode = payment.channel === 'CARDS' ? (decline?.[1] ?? null) : null;
    tell(payment);
    if (decline === null || !faults.strikes('lateSuccess')) return;
    time.at(time.now() + spread(random, 30_000, 20 * HOUR), () => {
      payment.status = 'SUCCEEDED';
      payment.succeededLate = true;
      tell(payment);
    });
  }
}

/** The customer goes through the hosted page of a session and saves a method. */
export function saveMethod(xendit: Xendit, session: Session, random: Chance): Method {
  const channel = random() < 0.65 ? 'CARDS' : 'OVO';
  const method: Method = {
    tokenId: xendit.newId('pt'),
    customerId: session.customerId,
    channel,
    network: channel === 'CARDS' ? oneOf(random, ['VISA', 'MASTERCARD', 'JCB']) : null,
    country: session.country,
    currency: session.currency,
  };
  xendit.methods.set(method.tokenId, method);
  session.status = 'COMPLETED';
  session.tokenId = method.tokenId;
  return method;
}
