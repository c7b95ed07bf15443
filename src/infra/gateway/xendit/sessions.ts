import { z } from 'zod';
import { get, see } from '../../../xendit/answer.ts';
import { code, id, instant, maybe, reference, webUrl } from '../../../xendit/fields.ts';
import { exactNumber } from '../../../xendit/json.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer, PaySessionRequest, Session, SessionRequest } from '../gateway.ts';
import { shortestMajor } from './amounts.ts';
import { answerOf } from './answers.ts';
import { plainName } from './names.ts';
import { echoed, echoOf } from './statuses.ts';

const STATUSES = {
  ACTIVE: 'active',
  // Typed by Xendit's own browser SDK only: the customer is at it.
  PENDING: 'active',
  COMPLETED: 'completed',
  EXPIRED: 'expired',
  CANCELED: 'canceled',
  CANCELLED: 'canceled',
} as const;

/** It opens the session: of no form that is promised, and never logged. */
const SdkKey = z.string().regex(/^\S{1,1000}$/);

/** A session in an answer or a webhook. One project's real webhook calls it `id` (docs/xendit.md 2.4). */
export const SessionAnswer = z
  .object({
    payment_session_id: maybe(id),
    id: maybe(id),
    reference_id: maybe(reference),
    status: code.pipe(z.enum(Object.keys(STATUSES) as readonly (keyof typeof STATUSES)[], 'is no status of a session')),
    customer_id: maybe(id),
    payment_token_id: maybe(id),
    payment_link_url: maybe(webUrl),
    payment_request_id: maybe(id),
    payment_id: maybe(id),
    components_sdk_key: maybe(SdkKey),
    expires_at: maybe(instant),
    channel_properties: maybe(z.object({ cards: maybe(echoed) })),
  })
  .transform((said, ctx): Session => {
    const sessionId = said.payment_session_id ?? said.id;
    if (sessionId === null) {
      ctx.addIssue({ code: 'custom', path: ['payment_session_id'], message: 'is no id' });
      return z.NEVER;
    }
    const cards = said.channel_properties?.cards ?? null;
    const { payment_request_id: paymentRequestId, payment_id: paymentId, components_sdk_key: sdkKey } = said;
    return {
      sessionId,
      referenceId: said.reference_id,
      status: STATUSES[said.status],
      customerId: said.customer_id,
      tokenId: said.payment_token_id,
      paymentLinkUrl: said.payment_link_url,
      expiresAt: said.expires_at,
      ...((paymentRequestId !== null || paymentId !== null) && { paid: { paymentRequestId, paymentId } }),
      ...(sdkKey !== null && { sdkKey }),
      ...(cards !== null && { echo: echoOf(cards) }),
    };
  });

export async function openSession(client: Transport, request: SessionRequest): Promise<Answer<Session>> {
  return unnamed(answerOf(await post(client, '/sessions', describeSession(request))), request.customer);
}

/** A refusal may repeat what is wrong with a customer; names go to Xendit, and nowhere else. */
function unnamed(answer: Answer<Session>, customer: SessionRequest['customer']): Answer<Session> {
  if ('id' in customer) return answer;
  const { givenNames, surname, email, mobileNumber } = customer;
  const without = (text: string) =>
    [givenNames, surname, ...[givenNames, surname ?? ''].map(plainName), email, mobileNumber].reduce<string>(
      (left, one) => (one === null || one === '' ? left : left.replaceAll(one, '***')),
      text,
    );
  switch (answer.kind) {
    case 'ok':
      return answer;
    case 'refused':
      return { ...answer, message: without(answer.message) };
    case 'silent':
      return { ...answer, detail: without(answer.detail) };
  }
}

export async function readSession(client: Transport, sessionId: string): Promise<Answer<Session>> {
  return answerOf(await get(client, `/sessions/${encodeURIComponent(sessionId)}`, SessionAnswer));
}

export async function cancelSession(client: Transport, sessionId: string): Promise<Answer<Session>> {
  return answerOf(await post(client, `/sessions/${encodeURIComponent(sessionId)}/cancel`));
}

async function post(client: Transport, path: string, body?: string) {
  return see(await client.send({ method: 'POST', path, ...(body !== undefined && { body }) }), SessionAnswer);
}

/** The body of a SAVE session: amount 0, and neither capture_method nor items, which Xendit refuses here. */
function describeSession(request: SessionRequest): string {
  return JSON.stringify({
    reference_id: request.referenceId,
    session_type: 'SAVE',
    mode: request.mode,
    amount: 0,
    currency: request.currency,
    country: request.country,
    ...customerOf(request.customer),
    channel_properties: cardsOf(request),
    allowed_payment_channels: request.allowedChannels ?? undefined,
    locale: request.locale ?? undefined,
    expires_at: request.expiresAt?.toString(),
    description: request.description === '' ? undefined : request.description,
    metadata: request.metadata,
    success_return_url: request.returnUrls.success,
    cancel_return_url: request.returnUrls.cancel,
  });
}

/**
 * What the card will be saved for. Nested here, flat in a charge; other channels have no such thing. Never skip_three_ds:
 * the authentication of this session is what the later charges rest on.
 */
function cardsOf({
  mandate,
  allowedChannels,
  cards,
}: Pick<SessionRequest, 'mandate' | 'allowedChannels' | 'cards'>): object | undefined {
  if (allowedChannels !== null && !allowedChannels.includes('CARDS')) return undefined;
  return {
    cards: {
      card_on_file_type: mandate.cardOnFileType,
      recurring_configuration: {
        recurring_frequency: mandate.recurringFrequency,
        recurring_expiry: mandate.recurringExpiry.toString(),
      },
      statement_descriptor: cards.statementDescriptor ?? undefined,
      mid_label: cards.midLabel ?? undefined,
    },
  };
}

/** Xendit demands a given name, and a customer may have none that it takes. */
const NAMELESS = 'Customer';

function customerOf(customer: SessionRequest['customer']): object {
  if ('id' in customer) return { customer_id: customer.id };
  const { referenceId, givenNames, surname, email, mobileNumber } = customer;
  return {
    customer: {
      reference_id: referenceId,
      type: 'INDIVIDUAL',
      email: email ?? undefined,
      mobile_number: mobileNumber ?? undefined,
      individual_detail: {
        given_names: plainName(givenNames) ?? NAMELESS,
        surname: plainName(surname ?? '') ?? undefined,
      },
    },
  };
}

/** The body of a PAY session; without capture_method, whose default is the only one that fits (docs/xendit.md 2.5). */
export function describePaySession(request: PaySessionRequest): string {
  const { amount } = request;
  return JSON.stringify({
    reference_id: request.referenceId,
    session_type: 'PAY',
    mode: request.mode,
    amount: exactNumber(shortestMajor(amount)),
    currency: amount.currency,
    country: request.country,
    customer_id: request.customerId,
    allow_save_payment_method: request.saves,
    channel_properties: keptCards(request),
    allowed_payment_channels: request.allowedChannels ?? undefined,
    locale: request.locale ?? undefined,
    expires_at: request.expiresAt.toString(),
    items: [itemOf(request)],
    description: request.description,
    metadata: request.metadata,
    ...placeOf(request),
  });
}

/** Sends a body that was stored, once. */
export async function openPaySession(client: Transport, body: string): Promise<Answer<Session>> {
  const reply = await client.send({ method: 'POST', path: '/sessions', body });
  if (reply.kind !== 'not_sent') return answerOf(see(reply, SessionAnswer));
  return { kind: 'refused', status: 503, code: 'GATEWAY_UNREACHABLE', message: reply.detail, retryAfterSeconds: null };
}

/** A page of the product's own has its origins; Xendit's page leads back to the product. */
function placeOf({ mode, origins, returnUrls }: PaySessionRequest): object {
  if (mode === 'COMPONENTS') return { components_configuration: { origins } };
  return { success_return_url: returnUrls.success, cancel_return_url: returnUrls.cancel };
}

/** One item that comes to the whole amount, so that the page says what is paid. */
function itemOf({ item, amount }: PaySessionRequest): object {
  return {
    reference_id: item.reference,
    type: 'DIGITAL_SERVICE',
    name: item.name,
    net_unit_amount: exactNumber(shortestMajor(amount)),
    quantity: 1,
    category: 'SUBSCRIPTION',
    currency: amount.currency,
  };
}

/** The same of a session to pay in; where nothing is kept, only what the customer reads on the statement. */
function keptCards(request: PaySessionRequest): object | undefined {
  const { statementDescriptor, midLabel } = request.cards;
  if (request.saves !== 'DISABLED') return cardsOf(request);
  if (request.allowedChannels?.includes('CARDS') === false || (statementDescriptor ?? midLabel) === null)
    return undefined;
  return { cards: { statement_descriptor: statementDescriptor ?? undefined, mid_label: midLabel ?? undefined } };
}
