import type { AccountContext } from '../../context.ts';
import type { Answer, NewCustomer, Session, SessionRequest, Token } from '../../infra/gateway/gateway.ts';
import { type Endpoint, pauseEndpoint, reserve } from '../../infra/tables/control/pace.ts';
import { backgroundPace } from '../control/background-pace.ts';

/** Seconds for which nothing more is asked where Xendit did not say how long: its window. */
const UNTOLD_SECONDS = 60;
/** Not Xendit's: nothing was asked. */
const OWN_PACE = 'PACE';

/**
 * Opens a session for somebody who waits for it: where no turn is free, that is said at once, with how long to wait. What
 * Xendit refuses here is told to whoever asked, who comes again when they like: nobody else waits for it.
 */
export async function openInTurn(ctx: AccountContext, request: SessionRequest): Promise<Answer<Session>> {
  return await inTurn(ctx, 'sessions', ctx.requestsPerMinute, () => ctx.gateway.openSession(request));
}

/** The same of a session to pay in, whose body is written; `customer`: who is named in it, where Xendit does not know them yet. */
export async function openToPayInTurn(
  ctx: AccountContext,
  body: string,
  customer: SessionRequest['customer'],
): Promise<Answer<Session>> {
  const named: readonly NewCustomer[] = 'id' in customer ? [] : [customer];
  return await inTurn(ctx, 'sessions', ctx.requestsPerMinute, () => ctx.gateway.openPaySession(body, ...named));
}

export async function cancelInTurn(ctx: AccountContext, sessionId: string): Promise<Answer<Session>> {
  return await inTurn(ctx, 'sessions', ctx.requestsPerMinute, () => ctx.gateway.cancelSession(sessionId));
}

export async function sessionInTurn(ctx: AccountContext, sessionId: string): Promise<Answer<Session>> {
  const answer = await inTurn(ctx, 'sessions', backgroundPace(ctx), () => ctx.gateway.session(sessionId));
  return await heeded(ctx, 'sessions', answer);
}

export async function tokenInTurn(ctx: AccountContext, tokenId: string): Promise<Answer<Token>> {
  const answer = await inTurn(ctx, 'payment_tokens', backgroundPace(ctx), () => ctx.gateway.token(tokenId));
  return await heeded(ctx, 'payment_tokens', answer);
}

/** Asks inside the pace that all replicas share. What is not asked now is answered as Xendit would: too many requests. */
async function inTurn<T>(
  ctx: AccountContext,
  endpoint: Endpoint,
  perMinute: number | null,
  ask: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const { granted, waitMs } = await reserve(ctx.db, ctx.account, endpoint, perMinute, 1);
  if (granted > 0) return await ask();
  const message = 'all that may be asked of Xendit in this minute was asked';
  return { kind: 'refused', status: 429, code: OWN_PACE, message, retryAfterSeconds: Math.ceil(waitMs / 1_000) };
}

/** When Xendit wants fewer requests, all replicas wait. */
export async function heeded<T>(ctx: AccountContext, endpoint: Endpoint, answer: Answer<T>): Promise<Answer<T>> {
  if (answer.kind === 'refused' && answer.status === 429 && answer.code !== OWN_PACE)
    await pauseEndpoint(ctx.db, ctx.account, endpoint, answer.retryAfterSeconds ?? UNTOLD_SECONDS);
  return answer;
}

export function isThrottled(answer: Answer<unknown>): boolean {
  return answer.kind === 'refused' && answer.status === 429;
}
