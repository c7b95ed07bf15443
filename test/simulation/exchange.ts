import type { Call, Reply } from '../../src/xendit/transport.ts';
import { between, type Chance, drawn, oneOf } from '../support/chance.ts';
import type { Swarm } from './faults.ts';
import {
  paymentPayload,
  refundPayload,
  refundTransaction,
  refundTransactionId,
  requestPayload,
  sessionPayload,
  tokenPayload,
  transactionId,
  transactionPayload,
} from './payloads.ts';
import type { RefundAsked, RefundDesk } from './refunds.ts';
import type { Timeline } from './timeline.ts';
import type { Trouble, Troubles } from './troubles.ts';
import { type Asked, type Payment, type Session, toldOf, type Xendit } from './xendit.ts';

/** What Xendit sends back, and how long it takes. */
export type Exchanged = { readonly reply: Reply; readonly takes: number };

export type Exchange = (call: Call, faults: Swarm) => Exchanged;

const silent: Reply = { kind: 'silent', detail: 'no whole answer' };
/** Of a reference: Xendit documents no code for it. */
const USED_BEFORE = 'The reference_id has been used before.';
const THIRTY_MINUTES = 30 * 60_000;
/** Of the refunds that are asked for: refused until somebody tops the balance up, and taken without an answer. */
const [NOT_NOW, UNANSWERED] = [0.06, 0.2];

type Given = {
  readonly xendit: Xendit;
  readonly time: Timeline;
  readonly random: Chance;
  readonly troubles: Troubles;
  readonly desk: RefundDesk;
  tellExpired(session: Session): void;
};

/** Xendit's side of HTTP: a request that arrived is answered, or not, as the faults of the seed want it. */
export function exchangeWith({ xendit, time, random, troubles, desk, tellExpired }: Given): Exchange {
  const soon = (): number => between(random, 30, 900);
  const answered = (status: number, body: unknown): Exchanged => ({ reply: json(status, body), takes: soon() });

  return (call, faults) => {
    const url = new URL(call.path, 'https://api.xendit.co');
    const [first, second = '', third = ''] = url.pathname.split('/').slice(1);
    if (call.method === 'POST' && url.pathname === '/v3/payment_requests') return pay(call.body ?? '', faults);
    if (call.method === 'POST' && first === 'refunds') return giveBack(call.body ?? '', faults);
    if (call.method === 'POST' && first === 'v3') return cancel(third, faults);
    if (call.method === 'POST') return changeSession(second, call.body ?? '', faults);
    if (faults.strikes('lookUpFails')) return brokenLookUp();
    if (first === 'sessions') return found(xendit.sessions.get(second), sessionPayload);
    if (first === 'refunds')
      return found(
        desk.refunds.find(({ id }) => id === second),
        refundPayload,
      );
    if (first === 'customers') return customer(url.searchParams.get('reference_id') ?? '');
    if (first === 'transactions')
      return url.searchParams.get('types') === 'REFUND'
        ? givenBack(url.searchParams)
        : transactions(url.searchParams, faults);
    if (second === 'payment_tokens') return found(xendit.methods.get(third), tokenPayload);
    const seen = xendit.payments.find((payment) => payment.requestId === third || payment.paymentId === third);
    if (seen !== undefined) toldOf(seen, time.now());
    return found(seen, second === 'payments' ? paymentPayload : requestPayload);
  };

  function found<T>(thing: T | undefined, payload: (thing: T) => object): Exchanged {
    return thing === undefined
      ? answered(404, { error_code: 'DATA_NOT_FOUND', message: '' })
      : answered(200, payload(thing));
  }

  function customer(reference: string): Exchanged {
    const id = xendit.customers.get(reference);
    return answered(200, { data: id === undefined ? [] : [{ id, reference_id: reference }] });
  }

  /** By reference, or by the days in which they were made; in the order of their making, a page at a time. */
  function transactions(asked: URLSearchParams, faults: Swarm): Exchanged {
    const hidesFailures = faults.strikes('failuresUnlisted');
    const reference = asked.get('reference_id');
    const [from, until] = daysOf(asked);
    const all = xendit.payments.filter(
      ({ referenceId, visibleAt, askedAt, status }) =>
        !(hidesFailures && status === 'FAILED') &&
        visibleAt <= time.now() &&
        (reference ?? referenceId) === referenceId &&
        askedAt >= from &&
        askedAt <= until,
    );
    const first = all.findIndex((one) => transactionId(one) === asked.get('after_id')) + 1;
    const page = all.slice(first, first + Number(asked.get('limit') ?? 10));
    for (const payment of page) toldOf(payment, time.now());
    return answered(200, { has_more: first + page.length < all.length, data: page.map(transactionPayload) });
  }

  function givenBack(asked: URLSearchParams): Exchanged {
    const [from, until] = daysOf(asked);
    const reference = asked.get('reference_id');
    const all = desk.refunds.filter(
      ({ referenceId, visibleAt, askedAt }) =>
        visibleAt <= time.now() && askedAt >= from && askedAt <= until && (reference ?? referenceId) === referenceId,
    );
    const first = all.findIndex((one) => refundTransactionId(one) === asked.get('after_id')) + 1;
    const page = all.slice(first, first + Number(asked.get('limit') ?? 10));
    return answered(200, { has_more: first + page.length < all.length, data: page.map(refundTransaction) });
  }

  /** No key makes a second call the same refund: whoever asks twice gives back twice. */
  function giveBack(body: string, faults: Swarm): Exchanged {
    if (faults.strikes('silentBefore')) return { reply: silent, takes: oneOf(random, [40, 30_000]) };
    if (faults.strikes('errorBefore'))
      return { reply: text(oneOf(random, [500, 502, 503]), 'upstream'), takes: soon() };
    if (faults.strikes('throttled')) return throttled();
    if (random() < NOT_NOW) return notNow();
    const refund = desk.open(JSON.parse(body) as RefundAsked);
    if (typeof refund === 'string') return answered(400, { error_code: refund, message: '' });
    if (random() < UNANSWERED) return { reply: silent, takes: 30_000 };
    if (faults.strikes('errorAfter')) return { reply: text(oneOf(random, [500, 502, 504]), 'upstream'), takes: soon() };
    return answered(200, refundPayload(refund));
  }

  function notNow(): Exchanged {
    return drawn<() => Exchanged>(random, [
      [2, () => answered(400, { error_code: 'INSUFFICIENT_BALANCE', message: '' })],
      [1, () => answered(403, { error_code: 'REQUEST_FORBIDDEN_ERROR', message: '' })],
    ])();
  }

  function brokenLookUp(): Exchanged {
    return drawn<() => Exchanged>(random, [
      [1, () => ({ reply: silent, takes: 30_000 })],
      [1, () => answered(500, 'upstream')],
      [1, () => answered(429, { error_code: 'RATE_LIMIT_EXCEEDED', message: '' })],
      [1, () => ({ reply: text(200, '<html>We are sorry</html>'), takes: soon() })],
    ])();
  }

  function changeSession(id: string, body: string, faults: Swarm): Exchanged {
    const session = id === '' ? open(JSON.parse(body)) : xendit.sessions.get(id);
    if (session === null) return answered(409, { error_code: 'DUPLICATE_ERROR', message: USED_BEFORE });
    if (session !== undefined && id !== '') {
      if (session.status !== 'ACTIVE') return answered(422, { error_code: 'INVALID_SESSION_STATUS', message: '' });
      session.status = 'CANCELED';
    }
    if (faults.strikes('silentAfter')) return { reply: silent, takes: 30_000 };
    return found(session, sessionPayload);
  }

  /** Null: the customer's reference was used before, or that of a session to pay in. */
  function open(asked: SessionAsked): Session | null {
    const reference = asked.customer?.reference_id;
    if (reference !== undefined && xendit.customers.has(reference)) return null;
    const pays = asked.session_type === 'PAY';
    if (pays && [...xendit.sessions.values()].some((one) => one.referenceId === asked.reference_id)) return null;
    const customerId = asked.customer_id ?? xendit.newId('cust');
    if (reference !== undefined) xendit.customers.set(reference, customerId);
    const session: Session = {
      id: xendit.newId('ps'),
      referenceId: asked.reference_id,
      customerId,
      country: asked.country,
      currency: asked.currency,
      expiresAt: pays
        ? (momentOf(asked.expires_at ?? null) ?? time.now() + THIRTY_MINUTES)
        : time.now() + THIRTY_MINUTES,
      status: 'ACTIVE',
      tokenId: null,
      amount: pays ? (asked.amount ?? 0) : null,
      payment: null,
    };
    xendit.sessions.set(session.id, session);
    time.at(session.expiresAt, () => {
      if (session.status !== 'ACTIVE') return;
      session.status = 'EXPIRED';
      tellExpired(session);
    });
    return session;
  }

  /** Only what waits for its customer can be canceled (docs/xendit.md 4.1). */
  function cancel(requestId: string, faults: Swarm): Exchanged {
    if (faults.strikes('silentBefore')) return { reply: silent, takes: 30_000 };
    const payment = xendit.payments.find((one) => one.requestId === requestId);
    if (payment?.status !== 'REQUIRES_ACTION')
      return answered(400, { error_code: 'INELIGIBLE_TRANSACTION_STATUS', message: '' });
    payment.status = 'CANCELED';
    if (faults.strikes('silentAfter')) return { reply: silent, takes: 30_000 };
    return answered(200, requestPayload(payment));
  }

  /** What becomes of a request for money. Anything before `charge` has done nothing. */
  function pay(body: string, faults: Swarm): Exchanged {
    if (faults.strikes('silentBefore')) return { reply: silent, takes: oneOf(random, [40, 30_000]) };
    if (faults.strikes('errorBefore'))
      return { reply: text(oneOf(random, [500, 502, 503]), 'upstream'), takes: soon() };
    if (faults.strikes('throttled')) return throttled();
    if (faults.strikes('accountRefused')) return answered(403, { error_code: 'REQUEST_FORBIDDEN_ERROR', message: '' });
    const asked = JSON.parse(body) as Asked;
    const method = xendit.methods.get(asked.payment_token_id);
    const trouble = method === undefined ? null : troubles.of(method.channel);
    const stopped = trouble === null ? null : stoppedBy(trouble);
    if (stopped !== null) return stopped;
    const isKnown = xendit.payments.some((payment) => payment.referenceId === asked.reference_id);
    if (method?.channel === 'CARDS' && isKnown)
      return answered(409, { error_code: 'DUPLICATE_ERROR', message: USED_BEFORE });
    if (method?.status === 'EXPIRED') return answered(400, { error_code: 'INVALID_TOKEN', message: '' });
    if (!isKnown && faults.strikes('refused')) return refusal();
    const { payment, readyAt } = xendit.charge(asked, faults, failureIn(trouble));
    return { reply: answerOf(payment, faults), takes: readyAt - time.now() + between(random, 5, 80) };
  }

  /** What is wrong with the channel, where it is told as an error and nothing is done; null where a payment is made of it. */
  function stoppedBy(trouble: Trouble): Exchanged | null {
    switch (trouble) {
      case 'limited':
        return answered(400, { error_code: 'PAYMENT_REQUEST_RATE_LIMITED', message: '' });
      case 'forbidden':
        return answered(403, { error_code: 'INVALID_MERCHANT_SETTINGS', message: '' });
      case 'invalid':
        return answered(400, { error_code: 'API_VALIDATION_ERROR', message: '' });
      case 'unknown_tokens':
        return answered(404, { error_code: 'DATA_NOT_FOUND', message: '' });
      case 'down':
        return { reply: text(503, 'upstream'), takes: soon() };
      case 'misconfigured':
      case 'asks_customers':
        return null;
    }
  }

  function refusal(): Exchanged {
    return drawn<() => Exchanged>(random, [
      [2, () => answered(400, { error_code: 'API_VALIDATION_ERROR', message: '' })],
      [1, () => answered(404, { error_code: 'DATA_NOT_FOUND', message: '' })],
      [2, () => answered(409, { error_code: 'DUPLICATE_ERROR', message: '' })],
    ])();
  }

  function throttled(): Exchanged {
    const headers = { 'rate-limit-limit': '60', 'rate-limit-remaining': '0', 'rate-limit-reset': '21.7' };
    const body = JSON.stringify({ error_code: 'RATE_LIMIT_EXCEEDED', message: '' });
    return { reply: { kind: 'answered', status: 429, headers, text: body }, takes: soon() };
  }

  function answerOf(payment: Payment, faults: Swarm): Reply {
    if (faults.strikes('silentAfter')) return silent;
    if (faults.strikes('errorAfter')) return text(oneOf(random, [500, 502, 504]), 'upstream');
    const garbage = faults.strikes('garbage') ? garbageOf(payment) : null;
    // Read when it is ready, not now: the answer says what the payment has become by then.
    return {
      kind: 'answered',
      status: garbage === null ? 201 : 200,
      headers: {},
      get text() {
        if (garbage === null) toldOf(payment, time.now());
        return garbage ?? JSON.stringify(requestPayload(payment));
      },
    };
  }

  function garbageOf(payment: Payment): string {
    const said = { ...requestPayload(payment), status: 'SUCCEEDED' };
    return oneOf(random, [
      '<html>OK</html>',
      JSON.stringify(said).slice(0, -20),
      JSON.stringify({ ...said, reference_id: 'somebody-elses' }),
      JSON.stringify({ ...said, request_amount: payment.amount + 1 }),
      JSON.stringify({ ...said, status: 'A_STATUS_OF_TOMORROW' }),
      '{}',
    ]);
  }
}

/** The days that a list is of, in milliseconds since 1970. */
function daysOf(asked: URLSearchParams): readonly [from: number, until: number] {
  return [momentOf(asked.get('created[gte]')) ?? 0, momentOf(asked.get('created[lte]')) ?? Number.POSITIVE_INFINITY];
}

function momentOf(text: string | null): number | null {
  return text === null ? null : Temporal.Instant.from(text).epochMilliseconds;
}

/** With what every payment of the channel fails; null: with what its own customer's method says. */
function failureIn(trouble: Trouble | null): string | null {
  if (trouble === 'misconfigured') return 'INVALID_MERCHANT_SETTINGS';
  return trouble === 'asks_customers' ? 'REQUIRES_ACTION' : null;
}

type SessionAsked = {
  readonly reference_id: string;
  readonly country: string;
  readonly currency: string;
  readonly session_type: string;
  readonly amount?: number;
  readonly expires_at?: string;
  readonly customer_id?: string;
  readonly customer?: { readonly reference_id: string };
};

function text(status: number, body: string): Reply {
  return { kind: 'answered', status, headers: {}, text: body };
}

function json(status: number, body: unknown): Reply {
  return text(status, JSON.stringify(body));
}
