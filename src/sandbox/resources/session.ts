import { Fault, invalid } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import { stamp } from '../time/clock.ts';
import { BUSINESS_ID, type World } from '../world.ts';
import { createCustomer } from './customer.ts';
import { checkSession, SessionBody } from './session-body.ts';

export type Session = {
  readonly id: string;
  readonly body: SessionBody;
  readonly customerId: string;
  readonly expiresAt: Temporal.Instant;
  readonly created: Temporal.Instant;
  updated: Temporal.Instant;
  status: 'ACTIVE' | 'COMPLETED' | 'EXPIRED' | 'CANCELED';
  paymentTokenId?: string;
  paymentRequestId?: string;
  paymentId?: string;
  /** Calls off the expiry. */
  readonly keepAlive: () => void;
  readonly sdkKey?: string;
};

/** `POST /sessions` (docs/xendit.md 2). */
export function createSession(world: World, input: unknown): object {
  const now = world.clock.now();
  const body = checkSession(parse(SessionBody, input), world.account, now);
  // One tester saw a 400 for a reference used before; its error_code is not known (docs/xendit.md 2.4).
  if (world.sessions.references.has(body.reference_id)) {
    throw invalid('/body/reference_id', 'has been used before');
  }
  const customerId = customerFor(world, body);
  const session = openSession(world, body, customerId, now);
  world.sessions.byId.set(session.id, session);
  world.sessions.references.add(body.reference_id);
  return sessionView(world, session);
}

/** `GET /sessions/{id}`. */
export function getSession(world: World, id: string): object {
  return sessionView(world, findSession(world, id));
}

/** `POST /sessions/{id}/cancel`. Sends no webhook (docs/xendit.md 2.3). */
export function cancelSession(world: World, id: string): object {
  const session = findSession(world, id);
  mustBeActive(session);
  endSession(world, session, 'CANCELED');
  return sessionView(world, session);
}

/** Expires an active session, with the webhook `payment_session.expired`. */
export function expireSession(world: World, session: Session): void {
  mustBeActive(session);
  endSession(world, session, 'EXPIRED');
  const { business_id: _, ...data } = sessionView(world, session);
  world.courier.send('payment_session.expired', data);
}

/** Completes an active session with what it made, with the webhook `payment_session.completed`. */
export function completeSession(
  world: World,
  session: Session,
  made: Pick<Session, 'paymentTokenId' | 'paymentRequestId' | 'paymentId'>,
): void {
  mustBeActive(session);
  Object.assign(session, made);
  endSession(world, session, 'COMPLETED');
  world.courier.send('payment_session.completed', sessionView(world, session));
}

export function findSession(world: World, id: string): Session {
  const session = world.sessions.byId.get(id);
  if (session === undefined) throw new Fault(404, 'NOT_FOUND', 'Session not found');
  return session;
}

export function mustBeActive(session: Session): void {
  if (session.status === 'ACTIVE') return;
  throw new Fault(422, 'INVALID_SESSION_STATUS', `Session status is ${session.status}, expecting ACTIVE`);
}

/** The session as Xendit writes it: what it does not have is a missing key (docs/xendit.md 2.3). */
function sessionView(world: World, session: Session): { business_id: string } & Record<string, unknown> {
  const { body } = session;
  const isLink = body.mode === 'PAYMENT_LINK';
  return {
    payment_session_id: session.id,
    created: stamp(session.created),
    updated: stamp(session.updated),
    status: session.status,
    reference_id: body.reference_id,
    currency: body.currency,
    amount: body.amount,
    country: body.country,
    expires_at: stamp(session.expiresAt),
    session_type: body.session_type,
    mode: body.mode,
    locale: body.locale ?? 'en',
    business_id: BUSINESS_ID,
    customer_id: session.customerId,
    capture_method: body.session_type === 'PAY' ? (body.capture_method ?? 'AUTOMATIC') : undefined,
    channel_properties: body.channel_properties,
    allowed_payment_channels: body.allowed_payment_channels,
    description: body.description,
    items: body.items ?? undefined,
    metadata: body.metadata ?? undefined,
    success_return_url: body.success_return_url,
    cancel_return_url: body.cancel_return_url,
    payment_link_url: isLink ? `${world.url}/pay/${session.id}` : undefined,
    components_sdk_key: session.sdkKey,
    components_configuration: body.components_configuration,
    allow_save_payment_method: body.allow_save_payment_method,
    payment_token_id: session.paymentTokenId,
    payment_request_id: session.paymentRequestId,
    payment_id: session.paymentId,
  };
}

function customerFor(world: World, body: SessionBody): string {
  const { customer, customer_id: id } = body;
  if (customer !== undefined && id !== undefined) {
    throw invalid('/body/customer', 'must NOT be given together with customer_id');
  }
  if (customer !== undefined) return createCustomer(world, customer).id;
  if (id === undefined) throw new Fault(400, 'MISSING_CUSTOMER', 'Customer object or customer_id is required');
  if (!id.startsWith('cust-')) {
    throw new Fault(400, 'INVALID_CUSTOMER_ID', 'Customer ID must start with "cust-"');
  }
  if (!world.customers.byId.has(id)) {
    throw new Fault(404, 'DATA_NOT_FOUND', 'The customer ID provided in the request does not exist');
  }
  return id;
}

function openSession(world: World, body: SessionBody, customerId: string, now: Temporal.Instant): Session {
  const id = `ps-${world.ids.hex(24)}`;
  const expiresAt = body.expires_at === undefined ? now.add({ minutes: 30 }) : Temporal.Instant.from(body.expires_at);
  const keepAlive = world.clock.at(expiresAt, () => expireSession(world, findSession(world, id)));
  const session: Session = {
    id,
    body,
    customerId,
    expiresAt,
    created: now,
    updated: now,
    status: 'ACTIVE',
    keepAlive,
  };
  return body.mode === 'COMPONENTS'
    ? { ...session, sdkKey: `session-${world.ids.hex(32)}-pd-${world.ids.hex(64)}` }
    : session;
}

function endSession(world: World, session: Session, status: Session['status']): void {
  session.status = status;
  session.updated = world.clock.now();
  session.keepAlive();
}
