import type { XenditRefund } from './refunds.ts';
import type { Method, Payment, Session } from './xendit.ts';

/*
 * What Xendit writes, field by field as in its documented payloads (test/fixtures/xendit); times are left out where
 * nobody of ours reads them.
 */

const BUSINESS = '5f27a14a9bf05c73dd040bc8';

const ACTION = { type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'https://xendit.co/authenticate' };

const card = (payment: Payment): object =>
  payment.networkCode === null
    ? {}
    : { payment_details: { authorization_data: { network_response_code: payment.networkCode } } };

const failure = (payment: Payment): object =>
  payment.status === 'FAILED' ? { failure_code: payment.failureCode } : {};

export function requestPayload(payment: Payment): object {
  return {
    business_id: BUSINESS,
    reference_id: payment.referenceId,
    payment_token_id: payment.tokenId ?? undefined,
    payment_request_id: payment.requestId,
    latest_payment_id: payment.paymentId,
    type: 'PAY',
    currency: payment.currency,
    request_amount: payment.amount,
    channel_code: payment.channel,
    actions: payment.status === 'REQUIRES_ACTION' ? [ACTION] : [],
    status: payment.status === 'WORKING' ? 'PENDING' : payment.status,
    ...failure(payment),
  };
}

export function paymentPayload(payment: Payment): object {
  const { latest_payment_id, ...rest } = requestPayload(payment) as { latest_payment_id: string };
  // Only the payment tells what the card network said (docs/xendit.md 6.2), and it does not know what its request waits for.
  const waits = payment.status === 'REQUIRES_ACTION' ? { status: 'PENDING', actions: [] } : {};
  return { payment_id: latest_payment_id, ...rest, ...waits, ...card(payment) };
}

const transactionStatus = {
  WORKING: 'PENDING',
  PENDING: 'PENDING',
  REQUIRES_ACTION: 'PENDING',
  SUCCEEDED: 'SUCCESS',
  FAILED: 'FAILED',
  CANCELED: 'FAILED',
  EXPIRED: 'FAILED',
} as const;

export function transactionId(payment: Payment): string {
  return `txn_${payment.paymentId}`;
}

export function transactionPayload(payment: Payment): object {
  return {
    id: transactionId(payment),
    product_id: payment.paymentId,
    type: 'PAYMENT',
    status: transactionStatus[payment.status],
    channel_code: payment.channel,
    reference_id: payment.referenceId,
    currency: payment.currency,
    amount: payment.amount,
    cashflow: 'MONEY_IN',
    created: Temporal.Instant.fromEpochMilliseconds(payment.askedAt).toString(),
    product_data: { payment_request_id: payment.requestId },
  };
}

export function refundPayload({ id, referenceId, payment, amount, status, reason, failureCode }: XenditRefund): object {
  return {
    id,
    payment_request_id: payment.requestId,
    payment_id: payment.paymentId,
    reference_id: referenceId,
    invoice_id: null,
    channel_code: payment.channel,
    currency: payment.currency,
    amount,
    status,
    reason,
    failure_code: failureCode,
    refund_fee_amount: null,
  };
}

export function refundTransactionId({ id }: XenditRefund): string {
  return `txn_${id}`;
}

export function refundTransaction(refund: XenditRefund): object {
  const { id, referenceId, payment, amount, status, askedAt } = refund;
  return {
    id: refundTransactionId(refund),
    product_id: id,
    type: 'REFUND',
    status: status === 'SUCCEEDED' ? 'SUCCESS' : status,
    channel_code: payment.channel,
    reference_id: referenceId ?? id,
    currency: payment.currency,
    amount,
    cashflow: 'MONEY_OUT',
    created: Temporal.Instant.fromEpochMilliseconds(askedAt).toString(),
  };
}

export function sessionPayload(session: Session): object {
  return {
    payment_session_id: session.id,
    reference_id: session.referenceId,
    customer_id: session.customerId,
    session_type: session.amount === null ? 'SAVE' : 'PAY',
    currency: session.currency,
    amount: session.amount ?? 0,
    country: session.country,
    mode: 'PAYMENT_LINK',
    status: session.status,
    payment_link_url: `https://xen.to/${session.id}`,
    payment_token_id: session.tokenId,
    payment_request_id: session.payment?.requestId,
    payment_id: session.payment?.paymentId,
    expires_at: Temporal.Instant.fromEpochMilliseconds(session.expiresAt).toString(),
    business_id: BUSINESS,
  };
}

export function tokenPayload(method: Method): object {
  const details = {
    type: 'CREDIT',
    network: method.network,
    masked_card_number: '5200****1005',
    expiry_year: '2028',
    expiry_month: '09',
  };
  return {
    payment_token_id: method.tokenId,
    business_id: BUSINESS,
    customer_id: method.customerId,
    country: method.country,
    currency: method.currency,
    channel_code: method.channel,
    channel_properties: method.channel === 'CARDS' ? { card_details: details } : {},
    status: method.status,
  };
}

/** A webhook; `created` is the moment of its delivery, so that no two deliveries are the same bytes. */
export function webhook(event: string, data: object, at: Temporal.Instant): object {
  return { event, business_id: BUSINESS, created: at.toString(), data };
}
