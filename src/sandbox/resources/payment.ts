import { idNotFound } from '../http/fault.ts';
import { stamp } from '../time/clock.ts';
import { BUSINESS_ID, type World } from '../world.ts';
import type { Decline } from './amount-scenario.ts';
import { adviceDescriptor, responseDescriptor } from './network-code.ts';
import type { PaymentRequest } from './payment-request.ts';
import { recordTransaction } from './transaction.ts';

export type Payment = {
  readonly id: string;
  readonly captureId: string;
  readonly request: PaymentRequest;
  readonly created: Temporal.Instant;
  updated: Temporal.Instant;
  status: 'PENDING' | 'SUCCEEDED' | 'FAILED';
  decline?: Decline | undefined;
  /** Minor units given back so far. */
  refunded: number;
  refundPending: boolean;
};

/** A payment under way. The request takes its state from it. */
export function openPayment(world: World, request: PaymentRequest): Payment {
  const now = world.clock.now();
  const payment: Payment = {
    id: `py-${world.ids.uuid()}`,
    // "cap-" in the documentation, "cptr-" in the one real payload (docs/xendit.md 1).
    captureId: `cptr-${world.ids.uuid()}`,
    request,
    created: now,
    updated: now,
    status: 'PENDING',
    refunded: 0,
    refundPending: false,
  };
  world.payments.set(payment.id, payment);
  recordTransaction(world, { type: 'PAYMENT', payment });
  request.latestPaymentId = payment.id;
  request.status = 'PENDING';
  return payment;
}

/**
 * The issuer's word, with its webhook: paid, or declined. A success is final; a failure may still turn into one
 * (docs/xendit.md 3.1, "Late and contradictory").
 */
export function settlePayment(world: World, payment: Payment, decline: Decline | undefined): void {
  if (payment.status === 'SUCCEEDED') return;
  const { request } = payment;
  payment.status = decline === undefined ? 'SUCCEEDED' : 'FAILED';
  payment.decline = decline;
  payment.updated = world.clock.now();
  request.status = payment.status;
  request.failureCode = decline?.failure_code;
  request.updated = payment.updated;
  if (decline === undefined) world.ledger.collect(request.order.amount, request.order.currency);
  world.courier.send(decline === undefined ? 'payment.capture' : 'payment.failure', paymentView(payment));
}

/** `GET /v3/payments/{id}`. */
export function getPayment(world: World, id: string): object {
  const payment = world.payments.get(id);
  if (payment === undefined) throw idNotFound();
  return paymentView(payment);
}

/** The payment as Xendit writes it (samples/payment-get.response.*, webhook.payment.*). */
function paymentView(payment: Payment): object {
  const { order } = payment.request;
  return {
    payment_id: payment.id,
    business_id: BUSINESS_ID,
    reference_id: order.referenceId,
    payment_request_id: payment.request.id,
    payment_token_id: order.token?.id,
    customer_id: order.customerId,
    type: order.type,
    country: order.country,
    currency: order.currency,
    request_amount: order.amount,
    capture_method: 'AUTOMATIC',
    channel_code: order.channel.code,
    channel_properties: { ...(order.token?.card && { card_details: order.token.card }), ...order.channelProperties },
    captures: payment.status === 'SUCCEEDED' ? [capture(payment)] : undefined,
    status: payment.status,
    failure_code: payment.decline?.failure_code,
    payment_details: paymentDetails(payment),
    description: order.description,
    metadata: order.metadata,
    created: stamp(payment.created),
    updated: stamp(payment.updated),
  };
}

function capture(payment: Payment): object {
  return {
    capture_timestamp: stamp(payment.updated),
    capture_id: payment.captureId,
    capture_amount: payment.request.order.amount,
  };
}

function paymentDetails(payment: Payment): object | undefined {
  const isCard = payment.request.order.channel.category === 'CARDS';
  if (payment.status === 'SUCCEEDED') return isCard ? { authorization_data: approval(payment) } : { remark: 'sandbox' };
  const { network_response_code: code, merchant_advice_code: advice } = payment.decline ?? {};
  if (code === undefined && advice === undefined) return undefined;
  return {
    authorization_data: {
      network_response_code: code,
      network_response_code_descriptor: code && responseDescriptor(code),
      merchant_advice_code: advice,
      merchant_advice_descriptor: advice && adviceDescriptor(advice),
    },
  };
}

function approval(payment: Payment): object {
  return {
    authorization_code: '831000',
    cvn_verification_result: 'M',
    address_verification_result: 'M',
    retrieval_reference_number: payment.id.slice(3, 15),
    network_response_code: '00',
    network_response_code_descriptor: responseDescriptor('00'),
    network_transaction_id: payment.id.slice(3, 18),
    acquirer_merchant_id: 'xendit_ctv_agg',
    reconciliation_id: payment.id.slice(3),
  };
}
