import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../../../context.ts';
import type { Role } from '../../../../flows/access/keys.ts';
import { type Comer, type Session, sessionNamed } from '../../../../flows/access/sign-in.ts';
import { sameSecret } from '../../../../infra/secrets.ts';
import { turnedAway } from '../../guard/access.ts';
import { networkOf } from '../../guard/network.ts';
import type { Html } from '../../pages/html.ts';
import { sessionCookie } from './cookie.ts';
import { notAllowed } from './errors.ts';
import { toldOf } from './told.ts';

/** Who may look at the pages of one listener. */
export type Visitors = {
  readonly ctx: Context;
  /** Whether this is the key that stands in no table. */
  readonly isOwnKey: (key: string) => boolean;
  /** Whose session the cookie names, and what the cookie says. */
  readonly recognise: (
    request: FastifyRequest,
  ) => Promise<{ readonly session: Session; readonly token: string } | null>;
};

export function visitors(ctx: Context, ownKey: string | null): Visitors {
  const { name } = sessionCookie(ctx);
  return {
    ctx,
    isOwnKey: (key) => ownKey !== null && sameSecret(key, ownKey),
    async recognise(request) {
      const token = request.cookies[name];
      if (token === undefined || !/^[\w-]{43}$/.test(token)) return null;
      const session = await sessionNamed(ctx, token, ownKey);
      return session === null ? null : { session, token };
    },
  };
}

/** Who is signed in, with what they are to be told of what they did just before. */
export type Visitor = {
  readonly session: Session & { readonly told: Html | null };
  readonly token: string;
};

const known = new WeakMap<FastifyRequest, Visitor>();

/** Who looks at this page; null: their session was over when they sent a form. */
export function visitorIn(request: FastifyRequest): Visitor | null {
  return known.get(request) ?? null;
}

/** Who looks at this page. */
export function visitorOf(request: FastifyRequest): Visitor {
  const visitor = visitorIn(request);
  if (visitor === null) throw new Error('A page without a guard asks who looks at it.');
  return visitor;
}

/** Who may look; and whether a form is read whose sender's session is over, so that what they typed is not lost. */
export type People = { readonly people: readonly Role[]; readonly keepsForms?: true };

/** Lets a request through when its session has one of these roles; `admin` always may. Who has none is led to sign in, and back. */
export function letIn(all: Visitors, { people: roles, keepsForms }: People) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const found = await all.recognise(request);
    if (found === null && keepsForms === true && request.method === 'POST') return undefined;
    if (found === null) return await turnedAway(reply.redirect(signInAddress(request), 303));
    const { session, token } = found;
    known.set(request, { session: { ...session, told: await toldOf(all.ctx, request, reply, session) }, token });
    const { role, who } = session;
    if (role === 'admin' || roles.includes(role)) return undefined;
    return await turnedAway(notAllowed(reply, { who, role, needed: ['admin', ...roles] }));
  };
}

/** A form is not sent again by itself: who signs in comes back to its page. */
function signInAddress({ method, url }: FastifyRequest): string {
  const asked = method === 'GET' || method === 'HEAD' ? url : '/';
  return asked === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ to: asked }).toString()}`;
}

/** A page of ours, and never an address of somebody else's. */
export function pathOfOurs(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) && !text.startsWith('/sign-')
    ? text
    : '/';
}

export function comerOf({ ip }: FastifyRequest): Comer {
  return { address: ip, network: networkOf(ip) };
}
