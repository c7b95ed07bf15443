import { idNotFound, inactiveRequest } from '../http/fault.ts';
import { stamp } from '../time/clock.ts';
import { BUSINESS_ID, type World } from '../world.ts';
import { type CardDetails, type CardEntry, cardDetails, cardExpiresAt } from './card.ts';
import type { Channel } from './channel.ts';
import type { Mandate } from './mandate.ts';
import type { Session } from './session.ts';

export type PaymentToken = {
  readonly id: string;
  readonly referenceId: string;
  readonly session: Session;
  readonly channel: Channel;
  readonly card: CardDetails | undefined;
  readonly mandate: Mandate;
  readonly created: Temporal.Instant;
  updated: Temporal.Instant;
  status: 'ACTIVE' | 'FAILED' | 'EXPIRED' | 'CANCELED';
  readonly failureCode?: string;
  readonly tellsMandate?: boolean;
};

/** What the customer chose on the page. A card only for CARDS. */
export type Choice = { readonly channel: Channel; readonly card?: CardEntry | undefined };

/** Saves a payment method, with the webhook `payment_token.activation`. It expires when the card or the link does. */
export function activateToken(world: World, session: Session, choice: Choice, mandate: Mandate): PaymentToken {
  const token = makeToken(world, session, choice, mandate, { status: 'ACTIVE' });
  const end = tokenEnd(choice, token.created);
  if (end !== undefined) world.clock.at(end, () => endToken(world, token, 'EXPIRED'));
  world.courier.send('payment_token.activation', tokenView(token));
  return token;
}

/**
 * A method that was saved with another biller, of which nobody tells us: no webhook. What it was saved for is told where that is known, which
 * Xendit's documented answers never do.
 */
export function takeInToken(
  world: World,
  session: Session,
  choice: Choice,
  mandate: Mandate | undefined,
): PaymentToken {
  const token = makeToken(world, session, choice, mandate ?? ANYTHING, { status: 'ACTIVE' });
  if (mandate === undefined) return token;
  const telling = { ...token, tellsMandate: true };
  world.tokens.set(token.id, telling);
  return telling;
}

/** Whatever a plan of ours charges lies within it. */
const ANYTHING: Mandate = {
  card_on_file_type: 'RECURRING',
  recurring_configuration: { recurring_frequency: 1, recurring_expiry: '2199-12-31' },
};

/** A saving that failed: a dead token, with the webhook `payment_token.failure`. */
export function failToken(world: World, session: Session, choice: Choice, failureCode: string): PaymentToken {
  const token = makeToken(world, session, choice, {}, { status: 'FAILED', failureCode });
  world.courier.send('payment_token.failure', tokenView(token));
  return token;
}

/** Ends an active token. CANCELED has no webhook (docs/xendit.md 3.1, "Completeness"). */
export function endToken(world: World, token: PaymentToken, status: 'EXPIRED' | 'CANCELED' | 'FAILED'): void {
  if (token.status !== 'ACTIVE') return;
  token.status = status;
  token.updated = world.clock.now();
  if (status === 'EXPIRED') world.courier.send('payment_token.expiry', tokenView(token));
  if (status === 'FAILED') world.courier.send('payment_token.failure', tokenView(token));
}

/** `GET /v3/payment_tokens/{id}`. */
export function getToken(world: World, id: string): object {
  return tokenView(findToken(world, id));
}

/** `POST /v3/payment_tokens/{id}/cancel` (docs/xendit.md 4.3). */
export function cancelToken(world: World, id: string): object {
  const token = findToken(world, id);
  if (token.status !== 'ACTIVE') throw inactiveRequest();
  endToken(world, token, 'CANCELED');
  return tokenView(token);
}

export function findToken(world: World, id: string): PaymentToken {
  const token = world.tokens.get(id);
  if (token === undefined) throw idNotFound();
  return token;
}

type Beginning = { status: PaymentToken['status']; failureCode?: string };

function makeToken(
  world: World,
  session: Session,
  choice: Choice,
  mandate: Mandate,
  beginning: Beginning,
): PaymentToken {
  const now = world.clock.now();
  const token: PaymentToken = {
    id: `pt-${world.ids.uuid()}`,
    // Not the session's own reference: Xendit adds a suffix (docs/xendit.md 2.4, 3.4).
    referenceId: `${session.body.reference_id}${world.ids.suffix()}`,
    session,
    channel: choice.channel,
    card: choice.card && cardDetails(choice.card, session.body.country),
    mandate: choice.channel.category === 'CARDS' ? mandate : {},
    created: now,
    updated: now,
    ...beginning,
  };
  world.tokens.set(token.id, token);
  return token;
}

function tokenEnd(choice: Choice, now: Temporal.Instant): Temporal.Instant | undefined {
  if (choice.card !== undefined) return cardExpiresAt(choice.card.expiryMonth, choice.card.expiryYear);
  const days = choice.channel.tokenLivesDays;
  return days === undefined ? undefined : now.add({ hours: 24 * days });
}

function tokenView(token: PaymentToken): object {
  const { body } = token.session;
  const dead = token.status === 'FAILED';
  return {
    payment_token_id: token.id,
    business_id: BUSINESS_ID,
    reference_id: token.referenceId,
    customer_id: token.session.customerId,
    country: body.country,
    currency: body.currency,
    channel_code: token.channel.code,
    channel_properties: tokenProperties(token),
    status: token.status,
    failure_code: token.failureCode,
    token_details: dead ? undefined : tokenDetails(token),
    description: body.description,
    metadata: body.metadata ?? undefined,
    created: stamp(token.created),
    updated: stamp(token.updated),
  };
}

function tokenProperties(token: PaymentToken): object {
  const { success_return_url, cancel_return_url } = token.session.body;
  const urls = { failure_return_url: cancel_return_url, success_return_url };
  if (token.card === undefined) return urls;
  const told = token.tellsMandate === true ? token.mandate : {};
  return { card_details: token.card, skip_three_ds: false, ...told, ...urls };
}

function tokenDetails(token: PaymentToken): object | undefined {
  if (token.channel.category === 'EWALLET') {
    return { account_name: 'John Doe', account_balance: '1000001', account_point_balance: '50000' };
  }
  if (token.channel.category === 'DIRECT_DEBIT') return { account_name: 'John Doe' };
  return {
    authentication_data: { flow: 'FULL_AUTH', a_res: { eci: '05', message_version: '02' } },
    authorization_data: {
      authorization_code: '831000',
      cvn_verification_result: 'M',
      address_verification_result: 'M',
    },
  };
}
