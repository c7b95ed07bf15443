import type { Outcome } from '../../../domain/charges/outcome.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { httpTransport, type Transport, type TransportOptions } from '../../../xendit/transport.ts';
import { type Xendit, xenditThrough } from '../../../xendit/xendit.ts';
import type { Gateway, PaymentTrace } from '../gateway.ts';
import { type AllowanceWatch, allowanceWatch } from './allowance.ts';
import { readAmount } from './amounts.ts';
import { readBooks } from './books/transaction-list.ts';
import { customerByReference } from './customers.ts';
import { disputeById, disputesOf } from './disputes.ts';
import { closeRequest, lookUp, referenceOf } from './look-ups.ts';
import { type Asked, describePayment, outcomeOfResult, readAsked } from './payment-requests.ts';
import { readToken } from './payment-tokens.ts';
import { withNetworkCodes } from './payments.ts';
import { askForRefund, describeRefund, refundById, refundByReference, refundsOf } from './refunds.ts';
import { describePaySession } from './session-bodies.ts';
import { cancelSession, openPaySession, openSession, readSession } from './sessions.ts';
import { readNotice } from './webhooks.ts';

/** Xendit over HTTP. Every call is sent at most once, ends within the total deadline, and never throws for an answer. */
export function xenditGateway(options: TransportOptions): Gateway {
  return gatewayThrough(httpTransport(options));
}

/** The same over any client: what is asked and how answers are read does not depend on how they travel. */
export function gatewayThrough(transport: Transport): Gateway {
  const accounts = new Map<string, Gateway>();
  const as = (account: string): Gateway => {
    const one = accounts.get(account) ?? gatewayOf(xenditThrough(callsOf(transport, account)), as);
    accounts.set(account, one);
    return one;
  };
  return as(OWN_ACCOUNT);
}

/** The same way to Xendit, where each call says that it is made for a sub-account (docs/xendit.md 1.1). */
function callsOf(transport: Transport, account: string): Transport {
  if (account === OWN_ACCOUNT) return transport;
  const send: Transport['send'] = (call) =>
    transport.send({ ...call, headers: { ...call.headers, 'for-user-id': account } });
  return { send, close: () => transport.close() };
}

/** Xendit counts the calls of each account by themselves, and so is each watched. */
function gatewayOf(client: Xendit, as: Gateway['as']): Gateway {
  const watch = allowanceWatch();
  return {
    as,
    describe: describePayment,
    pay: (body, referenceId) => pay(client, watch, body, referenceId),
    lookUp: (trace) => lookUp(client, trace),
    closeRequest: (trace) => closeRequest(client, trace),
    books: (query, after) => readBooks(client, query, after),
    openSession: (request) => openSession(client, request),
    describePaySession,
    openPaySession: (body, customer) => openPaySession(client, body, customer ?? null),
    session: (sessionId) => readSession(client, sessionId),
    cancelSession: (sessionId) => cancelSession(client, sessionId),
    customerByReference: (referenceId) => customerByReference(client, referenceId),
    token: (tokenId) => readToken(client, tokenId),
    referenceOf: (payment) => referenceOf(client, payment),
    describeRefund,
    refund: (body) => askForRefund(client, body),
    refundById: (refundId) => refundById(client, refundId),
    refundByReference: (referenceId) => refundByReference(client, referenceId),
    refunds: (query, after) => refundsOf(client, query, after),
    disputeById: (disputeId) => disputeById(client, disputeId),
    disputes: (query, after) => disputesOf(client, query, after),
    readNotice,
    allowance: () => watch.take(),
    close: () => client.close(),
  };
}

async function pay(client: Xendit, watch: AllowanceWatch, body: string, referenceId: string): Promise<Outcome> {
  const asked = readAsked(body, referenceId);
  if (asked === null) return heldBack();
  const result = await client.paymentRequests.create(body, { idempotencyKey: idempotencyKey(referenceId) });
  if ('rate' in result) watch.note(result.rate);
  const outcome = outcomeOfResult(asked, result);
  const traced = traceOf(asked);
  // One more call a declined card, to an endpoint of its own: the pace of the charges keeps its allowance too.
  return traced === null ? outcome : await withNetworkCodes(client, traced, outcome);
}

/** The charge of a card as its payment is looked for; null for other channels, which have no network. */
function traceOf(asked: Asked): PaymentTrace | null {
  const amount = readAmount(asked.request_amount, asked.currency);
  if (amount === null || !asked.channel_properties?.card_on_file_type) return null;
  return { referenceId: asked.reference_id, paymentRequestId: null, amount };
}

// Not documented for v3 and not relied on; where Xendit knows the header it holds 1 to 100 characters (docs/xendit.md 5).
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,100}$/;

function idempotencyKey(referenceId: string): string | undefined {
  return IDEMPOTENCY_KEY.test(referenceId) ? referenceId : undefined;
}

function heldBack(): Outcome {
  return {
    kind: 'refused',
    code: 'UNREADABLE_REQUEST',
    detail: 'the stored body is no payment request of this reference',
    scope: 'not_sent',
    retryAfterSeconds: null,
  };
}
