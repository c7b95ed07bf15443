import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { ownerOf, type Role } from '../../flows/access/keys.ts';
import { problem } from './problem.ts';

/** Compares without telling by its time how much of a secret was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Lets a request through when its bearer has one of these roles; `admin` always may. */
export function allow(ctx: Context, bootstrapKey: string | null, roles: readonly Role[]) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const bearer = secret === undefined ? null : await bearerOf(ctx, bootstrapKey, secret);
    if (bearer === null) {
      reply.header('www-authenticate', 'Bearer');
      return problem(reply, 401, 'Send Authorization: Bearer <key>; keys are made with "dueday keys create".');
    }
    const { role } = bearer;
    actors.set(request, bearer);
    if (role === 'admin' || roles.includes(role)) return undefined;
    return problem(
      reply,
      403,
      `A key of the role ${role} may not do this; it needs ${['admin', ...roles].join(' or ')}.`,
    );
  };
}

/** `name` as its key was given one; null for the bootstrap key. */
type Bearer = { readonly role: Role; readonly name: string | null };

async function bearerOf(ctx: Context, bootstrapKey: string | null, secret: string): Promise<Bearer | null> {
  if (bootstrapKey !== null && sameSecret(secret, bootstrapKey)) return { role: 'admin', name: null };
  return await ownerOf(ctx, secret);
}

const actors = new WeakMap<FastifyRequest, Bearer>();

/** Who did it, for the ledger: `api:admin`, or with the name of the key, `api:product:shop`. */
export function actorOf(request: FastifyRequest): string {
  const bearer = actors.get(request);
  return ['api', bearer?.role ?? 'unknown', bearer?.name ?? []].flat().join(':');
}
