import type { BookedPayment } from '../../src/domain/books/reconciliation.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Mandate } from '../../src/domain/methods/mandate.ts';
import type {
  Answer,
  BooksPage,
  BooksQuery,
  Gateway,
  LookUp,
  PaySessionRequest,
  Session,
  SessionRequest,
  Token,
} from '../../src/infra/gateway/gateway.ts';
import type { Refund, RefundRequest } from '../../src/infra/gateway/refund.ts';
import { readNotice } from '../../src/infra/gateway/xendit/webhooks.ts';
import { type Disputes, disputeCalls } from './disputing-gateway.ts';

export type Sent = {
  readonly referenceId: string;
  readonly body: string;
  readonly amount: string;
  readonly currency: string;
  readonly tokenId: string;
  readonly channelCode: string;
};
export type PaidInSession = {
  readonly referenceId: string;
  readonly paymentId: string;
  readonly paymentRequestId: string;
};
export type Succeeded = Extract<Outcome, { readonly kind: 'succeeded' }>;
export type Declined = Extract<Outcome, { readonly kind: 'declined' }>;
export type Reaction = (sent: Sent) => Outcome | Promise<Outcome>;
export type Step = Outcome | Reaction;

export type ScriptedGateway = Gateway & {
  /** Everything that was asked for, in order. */
  readonly sent: readonly Sent[];
  readonly asked: readonly string[];
  /** The payment requests that were to be closed. */
  readonly closed: readonly string[];
  readonly sessions: Map<string, Session>;
  /** The gateway's own list of the money that it collected. */
  readonly payments: readonly Sent[];
  /** The gateway's own books: what a test enters there, read in pages of three. */
  readonly booked: BookedPayment[];
  /** Every page that was asked for. */
  readonly reads: BooksQuery[];
  /** What the next reads of the books answer instead. */
  booksSay(...answers: readonly Answer<BooksPage>[]): void;
  /** What the next payments answer; afterwards they succeed. */
  script(...steps: readonly Step[]): void;
  /** What every payment answers when nothing is scripted. */
  otherwise(step: Step): void;
  /** What look-ups answer for a reference; unless told, the final outcome that it has at the gateway, or `absent`. */
  finds(referenceId: string, answer: LookUp): void;
  /** The mandates under which sessions to save in were opened, in order. */
  readonly saved: readonly Mandate[];
  /** What customers read on the pages of those sessions, in order. */
  readonly described: readonly string[];
  /** The bodies with which sessions to pay in were opened, in order. */
  readonly offers: readonly PaySessionRequest[];
  /** What the next opening of a session to pay in answers instead; the session is open all the same where `opens`. */
  offerSays(answer: Answer<Session>, opens?: boolean): void;
  /** The customer pays in this session; `keeps`: and has the method kept. Answers the payment, with the reference that it has at the gateway. */
  pays(sessionId: string, keeps?: Partial<Token>): PaidInSession;
  /** Nobody came to this session in time. */
  expires(sessionId: string): void;
  /** A method that was saved elsewhere, as the gateway knows it. */
  knows(token: Partial<Token> & Pick<Token, 'tokenId'>): void;
  /** The customer's method is over at the gateway. */
  ends(tokenId: string, status: Token['status']): void;
  /** A step that has this outcome at the gateway, of which the answer tells nothing. */
  inSilence(outcome: Outcome): Reaction;
  /** Every refund that was asked for, in order. */
  readonly refundsAsked: readonly RefundRequest[];
  /** The gateway's refunds by their id: what a test enters there was made in the dashboard. */
  readonly refundsThere: Map<string, Refund>;
  /** What the next refunds answer instead; `takes`: it is taken all the same. */
  refundSays(answer: Answer<Refund>, takes?: boolean): void;
  /** A refund comes to its end there. */
  refundEnds(refundId: string, status: Refund['status'], failureCode?: string): void;
  /** The webhook that tells of it. */
  refundNotice(refundId: string): object;
  readonly disputed: Disputes;
  /** Forgets everything, for the next test. */
  forget(): void;
  /** The customer saves this method in the session. */
  completes(sessionId: string, token?: Partial<Token>): string;
};

let counter = 0;
const next = (): string => {
  counter += 1;
  return String(counter).padStart(12, '0');
};

/** A gateway that says what a test scripts, and otherwise pays. It knows nothing of time. */
export function scriptedGateway(): ScriptedGateway {
  const sent: Sent[] = [];
  const asked: string[] = [];
  const closed: string[] = [];
  const steps: Step[] = [];
  const answers = new Map<string, LookUp>();
  const sessions = new Map<string, Session>();
  const tokens = new Map<string, Token>();
  const payments: Sent[] = [];
  const known = new Map<string, Outcome>();
  const booked: BookedPayment[] = [];
  const reads: BooksQuery[] = [];
  const said: Answer<BooksPage>[] = [];
  const saved: Mandate[] = [];
  const described: string[] = [];
  const offers: PaySessionRequest[] = [];
  const offered: { readonly answer: Answer<Session>; readonly opens: boolean }[] = [];
  const paidInSessions = new Map<string, LookUp>();
  const refundsAsked: RefundRequest[] = [];
  const refundsThere = new Map<string, Refund>();
  const refundAnswers: { readonly answer: Answer<Refund>; readonly takes: boolean }[] = [];
  const disputed: Disputes = { there: new Map(), calls: true };
  let fallback: Step = () => succeeded();
  const keep = (one: Sent, outcome: Outcome): void => {
    if (outcome.kind === 'succeeded') payments.push(one);
    if (outcome.kind === 'succeeded' || outcome.kind === 'declined') known.set(one.referenceId, outcome);
  };
  return {
    sent,
    asked,
    closed,
    sessions,
    payments,
    booked,
    reads,
    saved,
    described,
    offers,
    refundsAsked,
    refundsThere,
    disputed,
    ...disputeCalls(disputed),
    refundSays: (answer, takes = false) => void refundAnswers.push({ answer, takes }),
    refundEnds(refundId, status, failureCode) {
      const refund = refundsThere.get(refundId);
      if (refund === undefined) throw new Error(`There is no refund ${refundId}.`);
      refundsThere.set(refundId, { ...refund, status, failureCode: failureCode ?? null });
    },
    refundNotice(refundId) {
      const refund = refundsThere.get(refundId);
      const { referenceId = null, paymentRequestId = null, paymentId = null } = refund ?? {};
      const event = refund?.status === 'failed' ? 'refund.failed' : 'refund.succeeded';
      const inner = {
        id: refundId,
        reference_id: referenceId,
        payment_request_id: paymentRequestId,
        payment_id: paymentId,
      };
      return { event, data: { event, data: inner } };
    },
    offerSays: (answer, opens = false) => void offered.push({ answer, opens }),
    pays(sessionId, keeps) {
      const session = sessions.get(sessionId);
      if (session === undefined) throw new Error(`There is no session ${sessionId}.`);
      const [paymentRequestId, paymentId] = [`pr-${next()}`, `py-${next()}`];
      if (keeps !== undefined) complete(sessions, tokens, sessionId, keeps);
      const kept = sessions.get(sessionId) ?? session;
      sessions.set(sessionId, { ...kept, status: 'completed', paid: { paymentRequestId, paymentId } });
      const outcome = { kind: 'succeeded', paymentRequestId, paymentId } as const;
      const { minor: amount, currency } = offers.find((one) => one.referenceId === session.referenceId)?.amount ?? {};
      const byHand = { referenceId: session.referenceId ?? '', body: '', tokenId: '', channelCode: '' };
      payments.push({ ...byHand, amount: String(amount), currency: String(currency) });
      paidInSessions.set(paymentRequestId, { kind: 'found', outcome });
      return { referenceId: `${session.referenceId}_A1b2C3d4E5`, paymentRequestId, paymentId };
    },
    booksSay: (...answers) => void said.push(...answers),
    script: (...more) => void steps.push(...more),
    otherwise: (step) => {
      fallback = step;
    },
    finds: (referenceId, answer) => void answers.set(referenceId, answer),
    expires(sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) sessions.set(sessionId, { ...session, status: 'expired' });
    },
    knows: (token) => void tokens.set(token.tokenId, { ...CARD, ...token }),
    ends(tokenId, status) {
      const token = tokens.get(tokenId);
      if (token !== undefined) tokens.set(tokenId, { ...token, status });
    },
    inSilence: (outcome) => (one) => {
      keep(one, outcome);
      return unknown();
    },
    forget() {
      for (const list of [
        sent,
        asked,
        closed,
        steps,
        payments,
        booked,
        reads,
        said,
        saved,
        described,
        offers,
        offered,
        refundsAsked,
        refundAnswers,
      ])
        list.length = 0;
      for (const map of [answers, sessions, tokens, paidInSessions, refundsThere, disputed.there]) map.clear();
      disputed.calls = true;
      known.clear();
      fallback = () => succeeded();
    },
    completes: (sessionId, token) => complete(sessions, tokens, sessionId, token),
    as() {
      return this;
    },
    describe: ({ mandate, amount, returnUrls, ...rest }) =>
      JSON.stringify({
        ...rest,
        cardOnFileType: mandate.cardOnFileType,
        amount: amount.minor.toString(),
        currency: amount.currency,
        recurring_frequency: mandate.recurringFrequency,
        recurring_expiry: mandate.recurringExpiry.toString(),
        returnUrls,
      }),
    async pay(body, referenceId) {
      const { amount, currency, tokenId, channelCode } = JSON.parse(body) as Sent;
      const one: Sent = { referenceId, body, amount, currency, tokenId, channelCode };
      sent.push(one);
      // As Xendit does: a second card request of the same reference is refused, any other channel charges again.
      if (channelCode === 'CARDS' && known.has(referenceId)) return unknown('409 DUPLICATE_ERROR');
      const step = steps.shift() ?? fallback;
      const outcome = typeof step === 'function' ? await step(one) : step;
      keep(one, outcome);
      return outcome;
    },
    async lookUp({ referenceId, paymentRequestId }) {
      asked.push(referenceId);
      const inSession = paidInSessions.get(paymentRequestId ?? '');
      if (inSession !== undefined && !answers.has(referenceId)) return inSession;
      const outcome = known.get(referenceId);
      return answers.get(referenceId) ?? (outcome === undefined ? { kind: 'absent' } : { kind: 'found', outcome });
    },
    async closeRequest({ referenceId, paymentRequestId }) {
      closed.push(paymentRequestId ?? '');
      const outcome = known.get(referenceId);
      if (outcome?.kind === 'declined' && outcome.code === 'REQUIRES_ACTION' && !answers.has(referenceId))
        known.set(referenceId, { ...outcome, code: 'PAYMENT_REQUEST_CANCELED' });
      return answers.get(referenceId) ?? { kind: 'found', outcome: known.get(referenceId) ?? unknown() };
    },
    async books(query, after) {
      reads.push(query);
      return said.shift() ?? ok(pageOf(booked, query, after));
    },
    async openSession(request) {
      saved.push(request.mandate);
      described.push(request.description);
      return ok(openSession(sessions, request));
    },
    describePaySession: (request) =>
      JSON.stringify({ ...request, amount: { ...request.amount, minor: request.amount.minor.toString() } }),
    async openPaySession(body) {
      const request = JSON.parse(body) as PaySessionRequest;
      offers.push(request);
      const { answer, opens } = offered.shift() ?? { answer: null, opens: true };
      const session = opens ? openPaySession(sessions, request) : null;
      return answer ?? found(session ?? undefined);
    },
    session: async (id) => found(sessions.get(id)),
    cancelSession: async (id) => {
      const session = sessions.get(id);
      if (session !== undefined && session.status !== 'active') return overAlready;
      if (session !== undefined) sessions.set(id, { ...session, status: 'canceled' });
      return found(sessions.get(id));
    },
    customerByReference: async (referenceId) => ok({ id: `cust-of-${referenceId}` }),
    token: async (id) => found(tokens.get(id)),
    referenceOf: async ({ paymentRequestId, paymentId }) => {
      const its = ([, outcome]: [string, Outcome]) =>
        paymentRequestId === null
          ? 'paymentId' in outcome && outcome.paymentId === paymentId
          : 'paymentRequestId' in outcome && outcome.paymentRequestId === paymentRequestId;
      return found([...known.entries()].find(its)?.[0]);
    },
    describeRefund: (request) =>
      JSON.stringify({ ...request, amount: { ...request.amount, minor: request.amount.minor.toString() } }),
    async refund(body) {
      const asked = JSON.parse(body) as RefundRequest;
      const request = { ...asked, amount: { ...asked.amount, minor: BigInt(asked.amount.minor) } };
      refundsAsked.push(request);
      const { answer, takes } = refundAnswers.shift() ?? { answer: null, takes: true };
      const refund = pendingRefund(request);
      if (takes) refundsThere.set(refund.refundId, refund);
      return answer ?? ok(refund);
    },
    refundById: async (refundId) => found(refundsThere.get(refundId)),
    refundByReference: async (referenceId) =>
      ok([...refundsThere.values()].find((one) => one.referenceId === referenceId) ?? null),
    refunds: async () =>
      ok({
        refunds: [...refundsThere.values()].map(({ refundId, referenceId, status }) => ({
          transactionId: `txn-${refundId}`,
          refundId,
          referenceId: referenceId ?? 'of-a-payment',
          isGone: status === 'succeeded',
        })),
        unreadable: 0,
        next: null,
      }),
    readNotice,
    allowance: () => null,
    close: async () => undefined,
  };
}

const PAGE = 3;

/** As Xendit refuses to cancel what has ended (docs/xendit.md 2.1). */
const overAlready = {
  kind: 'refused',
  status: 422,
  code: 'INVALID_SESSION_STATUS',
  message: 'Session status is not ACTIVE',
  retryAfterSeconds: null,
} as const;

function pendingRefund({ referenceId, paymentRequestId, amount, reason }: RefundRequest): Refund {
  const ids = { refundId: `rfd-${next()}`, referenceId, paymentRequestId, paymentId: null };
  return { ...ids, status: 'pending', amount, written: String(amount.minor), reason, failureCode: null, fee: null };
}

function pageOf(booked: readonly BookedPayment[], query: BooksQuery, after: string | null): BooksPage {
  const isAsked = (one: BookedPayment): boolean => {
    if ('referenceId' in query) return one.referenceId === query.referenceId;
    const [age, left] = [query.from, query.until].map((edge) => Temporal.Instant.compare(one.createdAt, edge));
    return (age ?? 0) >= 0 && (left ?? 0) < 0;
  };
  const all = booked.filter(isAsked);
  const start = after === null ? 0 : all.findIndex((one) => one.transactionId === after) + 1;
  const payments = all.slice(start, start + PAGE);
  const next = start + PAGE < all.length ? (payments.at(-1)?.transactionId ?? null) : null;
  return { payments, unreadable: 0, next };
}

function openSession(sessions: Map<string, Session>, request: SessionRequest): Session {
  const sessionId = `ps-${next()}${next()}`;
  const customerId = 'id' in request.customer ? request.customer.id : `cust-of-${request.customer.referenceId}`;
  const session: Session = {
    sessionId,
    referenceId: request.referenceId,
    status: 'active',
    customerId,
    tokenId: null,
    paymentLinkUrl: request.mode === 'PAYMENT_LINK' ? `https://pay.example/${sessionId}` : null,
    expiresAt: request.expiresAt ?? null,
    ...(request.mode === 'COMPONENTS' && { sdkKey: `session-of-${request.referenceId}` }),
  };
  sessions.set(sessionId, session);
  return session;
}

function openPaySession(sessions: Map<string, Session>, request: PaySessionRequest): Session {
  const { currency } = request.amount;
  const session = openSession(sessions, { ...request, currency, expiresAt: null });
  const whole = { ...session, expiresAt: Temporal.Instant.from(String(request.expiresAt)) };
  sessions.set(session.sessionId, whole);
  return whole;
}

const CARD = {
  customerId: null,
  channelCode: 'CARDS',
  country: 'ID',
  currency: 'IDR',
  status: 'active',
  label: '400000XXXXXX1000',
  network: 'VISA',
  fingerprint: null,
  expiryMonth: '12',
  expiryYear: '2030',
} as const satisfies Omit<Token, 'tokenId'>;

function complete(
  sessions: Map<string, Session>,
  tokens: Map<string, Token>,
  sessionId: string,
  more: Partial<Token> = {},
): string {
  const session = sessions.get(sessionId);
  if (session === undefined) throw new Error(`There is no session ${sessionId}.`);
  const tokenId = more.tokenId ?? `pt-00000000-0000-4000-8000-${next()}`;
  tokens.set(tokenId, { ...CARD, tokenId, customerId: session.customerId, ...more });
  sessions.set(sessionId, { ...session, status: 'completed', tokenId });
  return tokenId;
}

function ok<T>(value: T): Answer<T> {
  return { kind: 'ok', value };
}

function found<T>(value: T | undefined): Answer<T> {
  if (value !== undefined) return ok(value);
  return { kind: 'refused', status: 404, code: 'DATA_NOT_FOUND', message: 'not found', retryAfterSeconds: null };
}

export function succeeded(): Succeeded {
  return { kind: 'succeeded', paymentRequestId: `pr-${next()}`, paymentId: `py-${next()}` };
}

export function declined(code: string, more: Partial<Extract<Outcome, { kind: 'declined' }>> = {}): Declined {
  const ids = { paymentRequestId: `pr-${next()}`, paymentId: `py-${next()}` };
  return { kind: 'declined', code, networkCode: null, adviceCode: null, actionUrl: null, ...ids, ...more };
}

export function unknown(detail = 'no answer in time'): Outcome {
  return { kind: 'unknown', detail, paymentRequestId: null };
}

export function refused(scope: 'charge' | 'channel' | 'account' | 'throttled', code: string): Outcome {
  return { kind: 'refused', scope, code, detail: 'as scripted', retryAfterSeconds: scope === 'throttled' ? 30 : null };
}
