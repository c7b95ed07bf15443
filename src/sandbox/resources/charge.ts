import { Fault } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import { type ChargeScript, isChargeScript, type Scenario } from '../scenario.ts';
import type { World } from '../world.ts';
import { type Decline, declineByAmount, isTestAmount } from './amount-scenario.ts';
import { takes } from './channel.ts';
import { openPayment, settlePayment } from './payment.ts';
import { expireRequest, type Order, openRequest, type PaymentRequest, requestView } from './payment-request.ts';
import { checkAgainstToken, PaymentRequestBody } from './payment-request-body.ts';
import { findToken, type PaymentToken } from './payment-token.ts';

/** `POST /v3/payment_requests`: charges a saved token, playing the scenario if there is one (docs/xendit.md 4.2). */
export function chargeToken(world: World, input: unknown, scenario: Scenario | undefined): object {
  const body = parse(PaymentRequestBody, input);
  const token = findToken(world, body.payment_token_id);
  const offSession = checkAgainstToken(world, body, token);
  mustBeNew(world, body, token);
  mustBeAlive(token);
  const order = orderFrom(body, token);
  mustBeTaken(order);
  if (scenario !== undefined && isChargeScript(scenario.do)) {
    world.scenarios.spend(scenario);
    return requestView(playScript(world, order, scenario.do));
  }
  // A card charge with the customer present goes through 3DS (samples/payment-request-token.response.requires_action).
  return requestView(offSession ? charge(world, order) : askCustomer(world, order));
}

/** Charges with no script: only the amount decides, as in Xendit's test mode. */
export function charge(world: World, order: Order): PaymentRequest {
  const request = openRequest(world, order);
  const payment = openPayment(world, request);
  settlePayment(world, payment, testDecline(order));
  return request;
}

/** The decline that the amount asks for: cards only. */
export function testDecline({ amount, channel, country, network }: Order): Decline | undefined {
  return channel.category === 'CARDS' ? declineByAmount(country, amount, network ?? '') : undefined;
}

function playScript(world: World, order: Order, script: ChargeScript): PaymentRequest {
  switch (script.kind) {
    case 'decline': {
      const request = openRequest(world, order);
      settlePayment(world, openPayment(world, request), script);
      return request;
    }
    case 'requires_action':
      return askCustomer(world, order, script.url);
    case 'pending':
      return leavePending(world, order, script);
    case 'late_success':
      return failThenSucceed(world, order, script);
  }
}

function askCustomer(world: World, order: Order, url?: string): PaymentRequest {
  const request = openRequest(world, order);
  request.status = 'REQUIRES_ACTION';
  request.actionUrl = url ?? `${world.url}/action/${request.id}`;
  const { confirmSeconds } = order.channel;
  if (confirmSeconds !== undefined) later(world, confirmSeconds, () => expireRequest(world, request));
  return request;
}

function leavePending(world: World, order: Order, script: ChargeScript & { kind: 'pending' }): PaymentRequest {
  const request = openRequest(world, order);
  const payment = openPayment(world, request);
  const end = script.then;
  if (end === undefined) return request;
  const decline =
    end.status === 'FAILED' ? { failure_code: end.failure_code ?? 'FAILURE_DETAILS_UNAVAILABLE' } : undefined;
  later(world, end.after_seconds, () => settlePayment(world, payment, decline));
  return request;
}

function failThenSucceed(world: World, order: Order, script: ChargeScript & { kind: 'late_success' }): PaymentRequest {
  const request = openRequest(world, order);
  const payment = openPayment(world, request);
  settlePayment(world, payment, { failure_code: script.failure_code });
  later(world, script.after_seconds, () => settlePayment(world, payment, undefined));
  return request;
}

function later(world: World, seconds: number, task: () => void): void {
  world.clock.at(world.clock.now().add({ milliseconds: Math.round(seconds * 1000) }), task);
}

// CARDS only: for other channels nothing is documented to stop a second charge (docs/xendit.md 5). The 409 names no id.
function mustBeNew(world: World, body: PaymentRequestBody, token: PaymentToken): void {
  const isCard = token.channel.category === 'CARDS';
  if (!isCard || !world.paymentRequests.cardReferences.has(body.reference_id)) return;
  throw new Fault(409, 'DUPLICATE_ERROR', 'Duplication is not allowed. Check specific error message for debugging.');
}

function mustBeAlive(token: PaymentToken): void {
  if (token.status === 'ACTIVE') return;
  throw new Fault(
    400,
    'INVALID_TOKEN',
    'Payment token ID specified in the payment request has expired or has been cancelled. Please reinitiate linking before retrying.',
  );
}

// The amounts that fail in test mode are documented for every country, beyond what some of them take.
function mustBeTaken({ channel, country, currency, amount }: Order): void {
  const isTest = channel.category === 'CARDS' && isTestAmount(country, amount);
  if (isTest || takes(channel, country, currency, amount)) return;
  throw new Fault(
    400,
    'INVALID_VALUE_ERROR',
    'Values in the payment request is not within expected range or expected configurations. Check the specific error message for debugging.',
  );
}

function orderFrom(body: PaymentRequestBody, token: PaymentToken): Order {
  return {
    referenceId: body.reference_id,
    type: body.type,
    token,
    channel: token.channel,
    network: token.card?.network,
    customerId: token.session.customerId,
    country: token.session.body.country,
    currency: body.currency,
    amount: body.request_amount,
    channelProperties: body.channel_properties ?? {},
    description: body.description,
    metadata: body.metadata,
    items: body.items,
    shippingInformation: body.shipping_information,
  };
}
