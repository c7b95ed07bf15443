import type { PaySessionRequest, Session, SessionRequest, Token } from '../gateway.ts';
import { customerIdOf, idsOf, sessionIdOf, tokenIdOf } from './names.ts';
import type { Script } from './script.ts';

/** So long after a session was opened its customer is done. */
export const CUSTOMER_MINUTES = 12;

type Held = { readonly session: Session; readonly doneAt: Temporal.Instant; readonly becomes: Partial<Session> };

export type PlayedSessions = {
  /** In which a method is saved. */
  open(request: SessionRequest): Session;
  /** In which a charge is paid. */
  openToPay(request: Pick<PaySessionRequest, 'referenceId' | 'customer' | 'expiresAt'>): Session;
  session(id: string): Session | undefined;
  cancel(id: string): Session | undefined;
  token(id: string): Token | undefined;
};

/** The pages that customers are sent to, and what they save there. */
export function playedSessions(script: Script, now: () => Temporal.Instant): PlayedSessions {
  const sessions = new Map<string, Held>();
  const tokens = new Map<string, Token>();
  const links = new Map<string, number>();
  const hold = (session: Session, doneAt: Temporal.Instant, becomes: Partial<Session>): Session => {
    sessions.set(session.sessionId, { session, doneAt, becomes });
    return session;
  };
  const inTime = (): Temporal.Instant => now().add({ minutes: CUSTOMER_MINUTES });
  const seen = (id: string): Session | undefined => {
    const one = sessions.get(id);
    if (one === undefined) return undefined;
    const isDone = one.session.status === 'active' && Temporal.Instant.compare(now(), one.doneAt) >= 0;
    return isDone ? { ...one.session, ...one.becomes } : one.session;
  };
  return {
    open(request) {
      const { referenceId, customer, country, currency, expiresAt } = request;
      const of = request.metadata.subscription_reference ?? '';
      const link = (links.get(of) ?? 0) + 1;
      links.set(of, link);
      const session = newSession(referenceId, nameOf(customer), expiresAt ?? null);
      const { customerId } = session;
      const method = script.method(of, link);
      if (method === null) return hold(session, expiresAt ?? inTime(), { status: 'expired' });
      const tokenId = tokenIdOf(referenceId);
      tokens.set(tokenId, { ...method, tokenId, customerId, country, currency, status: 'active', fingerprint: null });
      return hold(session, inTime(), { status: 'completed', tokenId });
    },
    openToPay({ referenceId, customer, expiresAt }) {
      const session = newSession(referenceId, nameOf(customer), expiresAt);
      return hold(session, inTime(), { status: 'completed', paid: idsOf(referenceId) });
    },
    session: seen,
    cancel(id) {
      const one = sessions.get(id);
      if (one !== undefined && seen(id)?.status === 'active')
        hold({ ...one.session, status: 'canceled' }, one.doneAt, {});
      return seen(id);
    },
    token: (id) => tokens.get(id),
  };
}

function nameOf(customer: SessionRequest['customer']): string {
  return 'id' in customer ? customer.id : customerIdOf(customer.referenceId);
}

function newSession(referenceId: string, customerId: string, expiresAt: Temporal.Instant | null): Session {
  const sessionId = sessionIdOf(referenceId);
  const paymentLinkUrl = `https://checkout.example/${sessionId}`;
  return { sessionId, referenceId, status: 'active', customerId, tokenId: null, paymentLinkUrl, expiresAt };
}
