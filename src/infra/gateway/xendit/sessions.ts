import { z } from 'zod';
import { get, see } from '../../../xendit/answer.ts';
import { code, id, instant, maybe, reference, webUrl } from '../../../xendit/fields.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer, Session, SessionRequest } from '../gateway.ts';
import { answerOf } from './answers.ts';
import { plainName } from './names.ts';
import { describeSession } from './session-bodies.ts';
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

/** Sends a body that is stored, once; `customer`: who is named in it, where Xendit does not know them yet. */
export async function openPaySession(
  client: Transport,
  body: string,
  customer: SessionRequest['customer'] | null,
): Promise<Answer<Session>> {
  const reply = await client.send({ method: 'POST', path: '/sessions', body });
  if (reply.kind !== 'not_sent') {
    const answer = answerOf(see(reply, SessionAnswer));
    return customer === null ? answer : unnamed(answer, customer);
  }
  return { kind: 'refused', status: 503, code: 'GATEWAY_UNREACHABLE', message: reply.detail, retryAfterSeconds: null };
}
