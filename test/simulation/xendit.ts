import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import type { Swarm } from './faults.ts';
import type { Timeline } from './timeline.ts';

export type Channel = 'CARDS' | 'OVO' | 'DANA';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A customer's payment method as Xendit keeps it. */
export type Method = {
  readonly tokenId: string;
  readonly customerId: string;
  readonly channel: Channel;
  readonly network: string | null;
  readonly country: string;
  readonly currency: string;
  status: 'ACTIVE' | 'EXPIRED';
  /** When a webhook about its end was taken. */
  endToldAt: number | null;
};

/** One payment request with its payment, on Xendit's own list. */
export type Payment = {
  readonly referenceId: string;
  readonly requestId: string;
  readonly paymentId: string;
  /** Null: it was paid in a session. */
  readonly tokenId: string | null;
  readonly channel: string;
  readonly amount: number;
  readonly currency: string;
  readonly askedAt: number;
  status: 'WORKING' | 'PENDING' | 'REQUIRES_ACTION' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'EXPIRED';
  failureCode: string | null;
  networkCode: string | null;
  /** From when on look-ups show it. */
  visibleAt: number;
  /** Since when somebody of ours was told that it failed for good: only then may another one be asked for. */
  failureToldAt: number | null;
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
  /** What is to be paid in it; null: a method is saved in it. */
  readonly amount: number | null;
  /** What it was paid with. */
  payment: Payment | null;
};

/** Xendit's memory. */
export type Xendit = {
  readonly payments: Payment[];
  readonly sessions: Map<string, Session>;
  readonly methods: Map<string, Method>;
  /** Customers by the reference they were made with. */
  readonly customers: Map<string, string>;
  newId(prefix: string): string;
  /** Begins to work on a payment; `failure`: what every payment of its channel fails with just now. */
  charge(asked: Asked, faults: Swarm, failure: string | null): Charged;
  /** The customer pays in a session: at once, or after a card of theirs was declined there, which leaves it open. */
  payIn(session: Session, declined: boolean): Payment;
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

/** Nobody of ours has heard of it. */
export const TOMORROW = 'A_CODE_OF_TOMORROW';
/** The weights are those of a bad month. */
const declines: readonly (readonly [number, Decline])[] = [
  [30, ['INSUFFICIENT_BALANCE', '51']],
  [10, ['DECLINED_BY_ISSUER', '05']],
  [8, ['ISSUER_UNAVAILABLE', '91']],
  [8, ['PROCESSOR_ERROR', null]],
  [5, ['AUTHENTICATION_FAILED', '1A']],
  [5, ['EXPIRED_CARD', '54']],
  [2, ['STOLEN_CARD', '43']],
  [2, ['DECLINED_BY_ISSUER', 'R1']],
  [2, ['INVALID_MERCHANT_SETTINGS', null]],
  [2, [TOMORROW, null]],
  [6, ['REQUIRES_ACTION', null]],
];

/** Codes with which a payment is called failed that may yet be collected within a day. */
const timeOuts: Readonly<Record<Channel, Decline>> = {
  CARDS: ['PARTNER_TIMEOUT_ERROR', null],
  OVO: ['TIMEOUT_ERROR', null],
  DANA: ['TIMEOUT_ERROR', null],
};

function declinesOf(channel: Channel): readonly (readonly [number, Decline])[] {
  return [...declines, [6, timeOuts[channel]]];
}

const OVER: readonly string[] = ['FAILED', 'CANCELED', 'EXPIRED'];

/** What fails only after it was told may be asked for again. */
export function toldOf(payment: Payment, now: number): void {
  if (OVER.includes(payment.status)) payment.failureToldAt ??= now;
}

/** Whether another may be asked for: it failed, and somebody of ours knows; a time-out is believed after a day only. */
export function isOver(payment: Payment, now: number): boolean {
  if (payment.failureToldAt === null) return false;
  return !isTimeOut(payment) || now - payment.askedAt >= 24 * HOUR - MINUTE;
}

/** Whether the failure that this payment tells is one that may not be believed for a day. */
function isTimeOut({ channel, failureCode }: Payment): boolean {
  return failureCode !== null && timeOuts[channel as Channel]?.[0] === failureCode;
}

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
    payIn(session, declined) {
      const payment: Payment = {
        referenceId: session.referenceId,
        requestId: newId('pr'),
        paymentId: newId('py'),
        tokenId: null,
        channel: 'CARDS',
        amount: session.amount ?? 0,
        currency: session.currency,
        askedAt: time.now(),
        status: declined ? 'FAILED' : 'SUCCEEDED',
        failureCode: declined ? 'DECLINED_BY_ISSUER' : null,
        networkCode: declined ? '05' : null,
        visibleAt: time.now(),
        // Whoever is told nothing of it knows when the session is over.
        failureToldAt: declined ? time.now() : null,
        succeededLate: false,
      };
      payments.push(payment);
      if (!declined) {
        session.status = 'COMPLETED';
        session.payment = payment;
      }
      tell(payment);
      return payment;
    },
    charge(asked, faults, failure) {
      const channel = this.methods.get(asked.payment_token_id)?.channel ?? 'CARDS';
      const takes = faults.strikes('slow') ? between(random, 20_000, 8 * MINUTE) : between(random, 200, 3_000);
      const readyAt = time.now() + takes;
      const pending = faults.strikes('pending', channel === 'CARDS' ? 0.2 : 1);
      const expires = pending && channel !== 'CARDS' && faults.strikes('expires');
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
        failureToldAt: null,
        succeededLate: false,
      };
      payments.push(payment);
      const own: Decline | null = faults.strikes('declined')
        ? drawn(random, faults.isDrawn('clockSteps') ? declines : declinesOf(channel))
        : null;
      const decline: Decline | null = failure === null ? own : [failure, null];
      if (expires) time.at(endsAt, () => expire(payment));
      else time.at(endsAt, () => end(payment, decline, faults));
      return { payment, readyAt };
    },
  };

  function expire(payment: Payment): void {
    payment.status = 'EXPIRED';
    tell(payment);
  }

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

type Shares = readonly (readonly [number, Channel])[];
export const mostlyCards: Shares = [
  [60, 'CARDS'],
  [25, 'OVO'],
  [15, 'DANA'],
];
/** Xendit takes a reference twice of them. */
export const mostlyWallets: Shares = [
  [20, 'CARDS'],
  [50, 'OVO'],
  [30, 'DANA'],
];

/** The customer goes through the hosted page of a session and saves a method: a new one, or one that they saved before. */
export function saveMethod(xendit: Xendit, session: Session, random: Chance, channels: Shares): Method {
  const { customerId, country, currency } = session;
  const known = [...xendit.methods.values()].filter(
    (one) => one.customerId === customerId && one.currency === currency && one.status === 'ACTIVE',
  );
  const method = known.length > 0 && random() < 0.75 ? oneOf(random, known) : newMethod();
  xendit.methods.set(method.tokenId, method);
  session.status = 'COMPLETED';
  session.tokenId = method.tokenId;
  return method;

  function newMethod(): Method {
    const channel = drawn<Channel>(random, channels);
    const network = channel === 'CARDS' ? oneOf(random, ['VISA', 'MASTERCARD', 'JCB']) : null;
    return {
      tokenId: xendit.newId('pt'),
      customerId,
      channel,
      network,
      country,
      currency,
      status: 'ACTIVE',
      endToldAt: null,
    };
  }
}
