import type { Session as Said } from '../../../xendit/resources/sessions.ts';
import type { Xendit } from '../../../xendit/xendit.ts';
import type { Answer, Session, SessionRequest } from '../gateway.ts';
import { answerAs, sureAnswerAs } from './answers.ts';
import { plainName } from './names.ts';
import { describeSession } from './session-bodies.ts';
import { echoOf } from './statuses.ts';

const STATUSES = {
  ACTIVE: 'active',
  COMPLETED: 'completed',
  EXPIRED: 'expired',
  CANCELED: 'canceled',
} as const;

export function sessionOf(said: Said): Session {
  const cards = said.channel_properties?.cards ?? null;
  const { payment_request_id: paymentRequestId, payment_id: paymentId } = said;
  const open = said.status === 'ACTIVE' ? said : null;
  return {
    sessionId: said.payment_session_id,
    referenceId: said.reference_id,
    status: STATUSES[said.status],
    customerId: said.customer_id,
    tokenId: said.payment_token_id,
    paymentLinkUrl: open?.payment_link_url ?? null,
    expiresAt: said.expires_at === null ? null : Temporal.Instant.from(said.expires_at),
    ...((paymentRequestId !== null || paymentId !== null) && { paid: { paymentRequestId, paymentId } }),
    ...(open?.components_sdk_key != null && { sdkKey: open.components_sdk_key }),
    ...(cards !== null && { echo: echoOf(cards) }),
  };
}

export async function openSession(xendit: Xendit, request: SessionRequest): Promise<Answer<Session>> {
  const opened = await xendit.sessions.create(describeSession(request));
  return unnamed(answerAs(opened, sessionOf), request.customer);
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

export async function readSession(xendit: Xendit, sessionId: string): Promise<Answer<Session>> {
  return answerAs(await xendit.sessions.get(sessionId), sessionOf);
}

export async function cancelSession(xendit: Xendit, sessionId: string): Promise<Answer<Session>> {
  return answerAs(await xendit.sessions.cancel(sessionId), sessionOf);
}

/** Sends a body that is stored, once; `customer`: who is named in it, where Xendit does not know them yet. */
export async function openPaySession(
  xendit: Xendit,
  body: string,
  customer: SessionRequest['customer'] | null,
): Promise<Answer<Session>> {
  const answer = sureAnswerAs(await xendit.sessions.create(body), sessionOf);
  return customer === null ? answer : unnamed(answer, customer);
}
