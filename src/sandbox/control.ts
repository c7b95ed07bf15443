/**
 * The sandbox's own endpoints, under `/_sandbox`: no key, 127.0.0.1 only, JSON. A fault is answered like Xendit's.
 *
 * Looking:
 * - `GET payments` -> `{data: [{payment_id, payment_request_id, reference_id, payment_token_id, amount, currency,
 *   status, created, channel_code, failure_code?}]}`
 * - `GET ledger` -> `{collected: {IDR: 150000}, count}`: money really taken, refunds subtracted
 * - `GET requests?path=/v3/payment_requests` -> `{data: [{method, path, query, body, time, headers, status?}]}`, the
 *   last 10,000, newest last; a path that ends with a slash selects what lies under it
 * - `GET webhooks` -> `{data: [{webhook_id, event, status, data, attempts: [{at, status?, error?}]}], behaviour}`
 *
 * The customer:
 * - `POST sessions/:id/complete` `{channel_code?, card_number?, expiry_month?, expiry_year?, otp?, save?, mandate?}`
 *   -> `{payment_token_id?, payment_request_id?, payment_id?}`, as the page would; 422 with the failure code if the
 *   card is declined. `mandate` saves the token for something else than the session says.
 * - `POST sessions/:id/expire`
 * - `POST tokens` `{customer_reference, country?, currency?, channel_code?, card_number?, expiry_month?, expiry_year?, mandate?}` ->
 *   `{payment_token_id, customer_id}`: a method that was saved with another biller; `mandate` is told with it
 * - `POST disputes` `{payment_id, amount?}` -> `{dispute_id}`: the customer disputes it with their bank; `POST disputes/:id`
 *   `{status: UNDER_REVIEW | WON | LOST, terminal?}`. The page `/disputes` does the same by hand
 * - `POST tokens/:id/kill` `{status: EXPIRED | CANCELED | FAILED}`; CANCELED sends no webhook, as Xendit sends none
 *
 * Scripts (taken in order, the first that matches; see scenario.ts for each `do`):
 * - `POST scenarios` `{match?: {reference_id?, reference_prefix?, payment_token_id?, customer_reference?, path?,
 *   method?}, times?, do}` -> `{id}`. Without `path` it means `POST /v3/payment_requests`; a `path`
 *   that ends with a slash means whatever lies under it. `DELETE scenarios`
 *
 * The wire:
 * - `POST webhooks` `{duplicate?, reorder?, drop?, delay_seconds?, hold?, release?, timeout_ms?, concurrency?}` changes
 *   what is given and leaves the rest -> the whole behaviour
 * - `POST rate-limit` `{requests_per_minute: number | null}`
 * - `POST transactions` `{lag_seconds}`: how late a payment shows in /transactions
 *
 * The account, where Xendit's documents leave open how one is set up:
 * - `POST account` `{cards_without_sequence?: charged | ask_customer, channel_code?: refused | allowed | required}`
 *   -> the whole of it. `ask_customer`: a card charge without `transaction_sequence: SUBSEQUENT` answers
 *   REQUIRES_ACTION; `channel_code`: what becomes of one beside a payment token; `cards_session_js?: refused | allowed`: whether
 *   the account has that mode
 *
 * Time:
 * - `GET clock`, `POST clock` `{now}` (manual clock, forward) -> `{now, next_event_at?}`. Moving does everything that
 *   falls due on the way, in order, and waits for the webhooks. `{now}` of this moment only waits for them.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { changeAccount } from './account.ts';
import {
  AccountBody,
  ClockBody,
  CompleteBody,
  KillBody,
  LagBody,
  PathQuery,
  RateLimitBody,
  TokenBody,
  WebhookBody,
} from './control-body.ts';
import { dispute, moveDispute } from './control-disputes.ts';
import type { Delivery } from './http/delivery.ts';
import { Fault, invalid } from './http/fault.ts';
import { Nothing, parse } from './http/shape.ts';
import { findChannel } from './resources/channel.ts';
import type { Payment } from './resources/payment.ts';
import { endToken, findToken, takeInToken } from './resources/payment-token.ts';
import { submit } from './resources/saving.ts';
import { cancelSession, createSession, expireSession, findSession } from './resources/session.ts';
import { ScenarioBody } from './scenario.ts';
import { stamp } from './time/clock.ts';
import type { World } from './world.ts';

type Handle = (world: World, request: FastifyRequest) => unknown;

const ROUTES: readonly [method: 'GET' | 'POST' | 'DELETE', path: string, handle: Handle][] = [
  ['GET', 'payments', (world) => ({ data: [...world.payments.values()].map(paymentRow) })],
  ['GET', 'ledger', (world) => world.ledger.total()],
  ['GET', 'requests', (world, { query }) => ({ data: world.requestLog.list(parse(PathQuery, query, 'query').path) })],
  ['GET', 'webhooks', (world) => ({ data: world.courier.log.map(webhookRow), behaviour: world.courier.behaviour })],
  ['POST', 'webhooks', (world, { body }) => changeWebhooks(world, body)],
  ['POST', 'sessions/:id/complete', (world, request) => complete(world, idOf(request), request.body)],
  ['POST', 'sessions/:id/expire', (world, request) => expire(world, idOf(request))],
  ['POST', 'tokens', (world, { body }) => takeIn(world, body)],
  ['POST', 'tokens/:id/kill', (world, request) => kill(world, idOf(request), request.body)],
  ['POST', 'disputes', (world, { body }) => dispute(world, body)],
  ['POST', 'disputes/:id', (world, request) => moveDispute(world, idOf(request), request.body)],
  ['POST', 'scenarios', (world, { body }) => addScenario(world, body)],
  ['DELETE', 'scenarios', (world) => clearScenarios(world)],
  ['POST', 'rate-limit', (world, { body }) => changeRateLimit(world, body)],
  ['POST', 'transactions', (world, { body }) => changeLag(world, body)],
  ['POST', 'account', ({ account }, { body }) => changeAccount(account, parse(AccountBody, body))],
  ['GET', 'clock', clockView],
  ['POST', 'clock', (world, { body }) => moveClock(world, body)],
];

/** Puts the control endpoints on the server. */
export function controlApi(app: FastifyInstance, world: World): void {
  for (const [method, path, handle] of ROUTES) {
    app.route({
      method,
      url: `/_sandbox/${path}`,
      onRequest: async (request) => mustBeLocal(request),
      handler: async (request) => {
        if (path !== 'requests') parse(Nothing, request.query, 'query');
        return await handle(world, request);
      },
    });
  }
}

// They have no key. Listening on 127.0.0.1 does not stop a page in a browser whose name was rebound to it.
function mustBeLocal(request: FastifyRequest): void {
  if (request.hostname === '127.0.0.1' || request.hostname === 'localhost') return;
  throw new Fault(403, 'REQUEST_FORBIDDEN_ERROR', 'The control endpoints answer on 127.0.0.1 only.');
}

function complete(world: World, id: string, input: unknown): object {
  const session = findSession(world, id);
  const body = parse(CompleteBody, input);
  const channel = findChannel(session.body.country, body.channel_code);
  if (channel === undefined) throw invalid('/body/channel_code', `is not a channel of ${session.body.country}`);
  const expiryYear = body.expiry_year ?? world.clock.now().toZonedDateTimeISO('UTC').year + 5;
  const card = { number: body.card_number, expiryMonth: body.expiry_month, expiryYear };
  const { mandate, save } = body;
  // The OTP of a challenge is given right unless the caller gives another.
  const choice = { channel, mandate, save, otp: body.otp ?? '1234' };
  const result = submit(world, session, channel.category === 'CARDS' ? { ...choice, card } : choice);
  if (result.kind === 'failed') throw new Fault(422, result.failureCode, 'The payment method was not saved.');
  return {
    payment_token_id: session.paymentTokenId,
    payment_request_id: session.paymentRequestId,
    payment_id: session.paymentId,
  };
}

function expire(world: World, id: string): object {
  expireSession(world, findSession(world, id));
  return { status: 'EXPIRED' };
}

function kill(world: World, id: string, input: unknown): object {
  const token = findToken(world, id);
  endToken(world, token, parse(KillBody, input).status);
  return { payment_token_id: token.id, status: token.status };
}

function takeIn(world: World, input: unknown): object {
  const { customer_reference, country, currency, mandate, ...body } = parse(TokenBody, input);
  const channel = findChannel(country, body.channel_code);
  if (channel === undefined) throw invalid('/body/channel_code', `is not a channel of ${country}`);
  const id = openElsewhere(world, customer_reference, { country, currency });
  const session = findSession(world, id);
  const expiryYear = body.expiry_year ?? world.clock.now().toZonedDateTimeISO('UTC').year + 5;
  const card = { number: body.card_number, expiryMonth: body.expiry_month, expiryYear };
  const token = takeInToken(world, session, channel.category === 'CARDS' ? { channel, card } : { channel }, mandate);
  cancelSession(world, id);
  return { payment_token_id: token.id, customer_id: session.customerId };
}

/** A session that nobody of us has opened. */
function openElsewhere(
  world: World,
  reference: string,
  market: { readonly country: string; readonly currency: string },
): string {
  const known = world.customers.byReference.get(reference);
  const person = { reference_id: reference, type: 'INDIVIDUAL', individual_detail: { given_names: 'Somebody' } };
  const opened = createSession(world, {
    reference_id: `elsewhere_${world.ids.hex(12)}`,
    session_type: 'SAVE',
    mode: 'PAYMENT_LINK',
    amount: 0,
    ...market,
    ...(known === undefined ? { customer: person } : { customer_id: known.id }),
    success_return_url: 'https://elsewhere.example/saved',
    cancel_return_url: 'https://elsewhere.example/canceled',
  }) as { readonly payment_session_id: string };
  return opened.payment_session_id;
}

function addScenario(world: World, input: unknown): object {
  const { match = {}, times = 1, do: script } = parse(ScenarioBody, input);
  const id = `scn-${world.ids.hex(12)}`;
  world.scenarios.add({ id, match, do: script, left: times });
  return { id };
}

function clearScenarios(world: World): object {
  world.scenarios.clear();
  return {};
}

function changeWebhooks(world: World, input: unknown): object {
  const { release, ...changes } = parse(WebhookBody, input);
  Object.assign(world.courier.behaviour, JSON.parse(JSON.stringify(changes)));
  if (release === true) world.courier.release();
  return world.courier.behaviour;
}

function changeRateLimit(world: World, input: unknown): object {
  const limit = parse(RateLimitBody, input).requests_per_minute;
  world.rateLimit.perMinute = limit ?? undefined;
  return { requests_per_minute: limit };
}

function changeLag(world: World, input: unknown): object {
  world.transactions.lagSeconds = parse(LagBody, input).lag_seconds;
  return { lag_seconds: world.transactions.lagSeconds };
}

async function moveClock(world: World, input: unknown): Promise<object> {
  const target = Temporal.Instant.from(parse(ClockBody, input).now);
  if (world.clock.kind === 'system') throw new Fault(409, 'CLOCK_NOT_MANUAL', 'The system clock cannot be moved.');
  if (Temporal.Instant.compare(target, world.clock.now()) < 0) throw invalid('/body/now', 'must not be in the past');
  await world.clock.moveTo(target, () => world.courier.settled());
  return clockView(world);
}

function clockView(world: World): object {
  const next = world.clock.nextEventAt();
  return { now: stamp(world.clock.now()), next_event_at: next && stamp(next) };
}

function paymentRow(payment: Payment): object {
  const { id, order } = payment.request;
  return {
    payment_id: payment.id,
    payment_request_id: id,
    reference_id: order.referenceId,
    payment_token_id: order.token?.id,
    amount: order.amount,
    currency: order.currency,
    status: payment.status,
    created: stamp(payment.created),
    channel_code: order.channel.code,
    failure_code: payment.decline?.failure_code,
  };
}

function webhookRow(delivery: Delivery): object {
  const { webhook_id, event, status, attempts, data } = delivery;
  return { webhook_id, event, status, attempts, data: JSON.parse(data) as unknown };
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
