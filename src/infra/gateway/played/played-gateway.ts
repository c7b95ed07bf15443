import type { Currency, Money } from '../../../domain/money/money.ts';
import type { Dispute } from '../dispute.ts';
import type { Answer, Gateway, PaySessionRequest } from '../gateway.ts';
import { readAmount } from '../xendit/amounts.ts';
import { describePayment, readAsked } from '../xendit/payment-requests.ts';
import { describeRefund } from '../xendit/refunds.ts';
import { readNotice } from '../xendit/webhooks.ts';
import { customerIdOf } from './names.ts';
import { answerOf, playedPayments } from './payments.ts';
import { playedRefunds } from './refunds.ts';
import type { Script } from './script.ts';
import { CUSTOMER_MINUTES, playedSessions } from './sessions.ts';

/**
 * Xendit inside of this process, played by a script, for a book that is made to be looked at: it takes no money and speaks to
 * nobody. It lives by the clock that it is given, and its ids come of what they name, so that the same book has the same ids.
 */
export function playedGateway(script: Script, now: () => Temporal.Instant): Gateway {
  const payments = playedPayments(now);
  const refunds = playedRefunds(now);
  const sessions = playedSessions(script, now);
  return {
    as() {
      return this;
    },
    describe: describePayment,
    async pay(body, referenceId) {
      const { amount, tokenId } = askedIn(body, referenceId);
      const at = now();
      const one = { ...script.payment({ referenceId, tokenId, amount, at }), referenceId, amount, at };
      payments.keep(one);
      return answerOf(one) ?? { kind: 'unknown', detail: 'no answer in time', paymentRequestId: null };
    },
    lookUp: async (trace) => payments.lookUp(trace),
    closeRequest: async (trace) => payments.lookUp(trace),
    books: async (query) => ok({ payments: payments.books(query), unreadable: 0, next: null }),
    openSession: async (request) => ok(sessions.open(request)),
    describePaySession: (request) =>
      JSON.stringify({ ...request, amount: { ...request.amount, minor: request.amount.minor.toString() } }),
    async openPaySession(body) {
      const { referenceId, customer, expiresAt, amount } = JSON.parse(body) as StoredPaySession;
      const money = { minor: BigInt(amount.minor), currency: amount.currency };
      const pending = { ends: { as: 'paid' }, answers: 'pending', afterMinutes: CUSTOMER_MINUTES } as const;
      payments.keep({ ...pending, referenceId, amount: money, at: now() });
      return ok(sessions.openToPay({ referenceId, customer, expiresAt: Temporal.Instant.from(expiresAt) }));
    },
    session: async (id) => found(sessions.session(id)),
    cancelSession: async (id) => found(sessions.cancel(id)),
    customerByReference: async (reference) => ok({ id: customerIdOf(reference) }),
    token: async (id) => found(sessions.token(id)),
    referenceOf: async ({ paymentRequestId }) => found(payments.referenceOf(paymentRequestId)),
    describeRefund,
    refund: async (body) => ok(refunds.ask(body)),
    refundById: async (refundId) => found(refunds.byId(refundId)),
    refundByReference: async (referenceId) => ok(refunds.byReference(referenceId)),
    refunds: async (query) => ok({ refunds: refunds.books(query), unreadable: 0, next: null }),
    disputeById: async () => found<Dispute>(undefined),
    disputes: async () => ok({ disputes: [], unreadable: 0, next: null }),
    readNotice,
    allowance: () => null,
    close: async () => undefined,
  };
}

/** As `describePaySession` writes it. */
type StoredPaySession = Pick<PaySessionRequest, 'referenceId' | 'customer'> & {
  readonly expiresAt: string;
  readonly amount: { readonly minor: string; readonly currency: Currency };
};

function askedIn(body: string, referenceId: string): { readonly amount: Money; readonly tokenId: string } {
  const asked = readAsked(body, referenceId);
  const amount = asked === null ? null : readAmount(asked.request_amount, asked.currency);
  if (asked === null || amount === null) throw new Error(`${referenceId} is not asked for as dueday asks.`);
  return { amount, tokenId: asked.payment_token_id };
}

function ok<T>(value: T): Answer<T> {
  return { kind: 'ok', value };
}

function found<T>(value: T | undefined): Answer<T> {
  if (value !== undefined) return ok(value);
  return { kind: 'refused', status: 404, code: 'DATA_NOT_FOUND', message: 'not found', retryAfterSeconds: null };
}
