import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { type Role, roleOf } from '../../flows/access/keys.ts';
import { problem } from './problem.ts';

/** Compares without telling by its time how much of a secret was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Lets a request through when its bearer has one of these roles; `admin` always may. */
export function allow(ctx: Context, bootstrapKey: string | null, ...roles: readonly Role[]) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const role = secret === undefined ? null : await bearerRole(ctx, bootstrapKey, secret);
    if (role === null) {
      reply.header('www-authenticate', 'Bearer');
      return problem(reply, 401, 'Send Authorization: Bearer <key>; keys are made with "dueday keys create".');
    }
    actors.set(request, role);
    if (role === 'admin' || roles.includes(role)) return undefined;
    return problem(
      reply,
      403,
      `A key of the role ${role} may not do this; it needs ${['admin', ...roles].join(' or ')}.`,
    );
  };
}

async function bearerRole(ctx: Context, bootstrapKey: string | null, secret: string): Promise<Role | null> {
  if (bootstrapKey !== null && sameSecret(secret, bootstrapKey)) return 'admin';
  return await roleOf(ctx, secret);
}

const actors = new WeakMap<FastifyRequest, Role>();

/** Who did it, for the ledger. */
export function actorOf(request: FastifyRequest): string {
  return `api:${actors.get(request) ?? 'unknown'}`;
}
