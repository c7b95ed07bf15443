import { z } from 'zod';
import { idNotFound, inactiveRequest, ineligibleStatus, invalid } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import { stamp } from '../time/clock.ts';
import { BUSINESS_ID, type World } from '../world.ts';
import type { Channel, Country } from './channel.ts';
import type { Currency } from './money.ts';
import { openPayment, settlePayment } from './payment.ts';
import type { PaymentToken } from './payment-token.ts';

export type PaymentRequest = {
  readonly id: string;
  readonly order: Order;
  readonly created: Temporal.Instant;
  updated: Temporal.Instant;
  status: 'SUCCEEDED' | 'FAILED' | 'PENDING' | 'REQUIRES_ACTION' | 'CANCELED' | 'EXPIRED';
  failureCode?: string | undefined;
  latestPaymentId?: string;
  /** Where the customer has to go, while the request REQUIRES_ACTION. */
  actionUrl?: string;
};

/** What is asked for, whether by the API or by a session's page. */
export type Order = {
  readonly referenceId: string;
  readonly type: 'PAY' | 'PAY_AND_SAVE';
  readonly token?: PaymentToken | undefined;
  readonly channel: Channel;
  /** The card's network, for the amounts that fail with one network only. */
  readonly network?: string | undefined;
  readonly customerId: string;
  readonly country: Country;
  readonly currency: Currency;
  readonly amount: number;
  readonly channelProperties: object;
  readonly description?: string | undefined;
  readonly metadata?: Record<string, string> | undefined;
  readonly items?: readonly unknown[] | undefined;
  readonly shippingInformation?: object | undefined;
};

/** Opens the request, still without a payment. */
export function openRequest(world: World, order: Order): PaymentRequest {
  const now = world.clock.now();
  const request: PaymentRequest = {
    id: `pr-${world.ids.uuid()}`,
    order,
    created: now,
    updated: now,
    status: 'PENDING',
  };
  world.paymentRequests.byId.set(request.id, request);
  if (order.channel.category === 'CARDS') world.paymentRequests.cardReferences.add(order.referenceId);
  return request;
}

/** `GET /v3/payment_requests/{id}`. */
export function getRequest(world: World, id: string): object {
  return requestView(findRequest(world, id));
}

/** `POST /v3/payment_requests/{id}/cancel` (docs/xendit.md 4.1). No webhook. Money that is on its way cannot be called back. */
export function cancelRequest(world: World, id: string): object {
  const request = findRequest(world, id);
  if (request.status === 'PENDING') throw ineligibleStatus();
  if (request.status !== 'REQUIRES_ACTION') throw inactiveRequest();
  request.status = 'CANCELED';
  request.updated = world.clock.now();
  return requestView(request);
}

const Simulation = z.strictObject({ amount: z.number().positive() });

/** `POST /v3/payment_requests/{id}/simulate`: pays what waits; the result comes by webhook (docs/xendit.md 4.1). */
export function simulateRequest(world: World, id: string, input: unknown): object {
  const request = findRequest(world, id);
  if (parse(Simulation, input).amount !== request.order.amount) {
    throw invalid('/body/amount', `must be the request_amount ${request.order.amount}`);
  }
  actOnRequest(world, request, true);
  return {
    status: 'PENDING',
    message:
      'A simulated payment for the specified payment request id is being processed. You will be informed of the result via a webhook.',
  };
}

/** Nobody has confirmed it in time. What the webhook says beside its name is not documented: here the request itself. */
export function expireRequest(world: World, request: PaymentRequest): void {
  if (request.status !== 'REQUIRES_ACTION') return;
  request.status = 'EXPIRED';
  request.updated = world.clock.now();
  world.courier.send('payment_request.expiry', requestView(request));
}

/** The customer approves or refuses a request that waits. */
export function actOnRequest(world: World, request: PaymentRequest, approved: boolean): void {
  if (request.status !== 'REQUIRES_ACTION' && request.status !== 'PENDING') throw inactiveRequest();
  const payment = world.payments.get(request.latestPaymentId ?? '') ?? openPayment(world, request);
  settlePayment(world, payment, approved ? undefined : { failure_code: 'USER_DECLINED_PAYMENT' });
}

export function findRequest(world: World, id: string): PaymentRequest {
  const request = world.paymentRequests.byId.get(id);
  if (request === undefined) throw idNotFound();
  return request;
}

/** The request as Xendit writes it (samples/payment-request-token.response.*). */
export function requestView(request: PaymentRequest): object {
  const { order } = request;
  return {
    business_id: BUSINESS_ID,
    reference_id: order.referenceId,
    payment_token_id: order.token?.id,
    payment_request_id: request.id,
    customer_id: order.customerId,
    type: order.type,
    country: order.country,
    currency: order.currency,
    request_amount: order.amount,
    capture_method: 'AUTOMATIC',
    channel_code: order.channel.code,
    channel_properties: order.channelProperties,
    actions: actions(request),
    status: request.status,
    failure_code: request.failureCode,
    latest_payment_id: request.latestPaymentId,
    description: order.description,
    metadata: order.metadata,
    items: order.items,
    shipping_information: order.shippingInformation,
    created: stamp(request.created),
    updated: stamp(request.updated),
  };
}

function actions(request: PaymentRequest): object[] {
  if (request.status !== 'REQUIRES_ACTION') return [];
  return [{ type: 'REDIRECT_CUSTOMER', value: request.actionUrl, descriptor: 'WEB_URL' }];
}
