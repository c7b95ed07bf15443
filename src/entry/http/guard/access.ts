import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Role } from '../../../flows/access/keys.ts';
import { problem } from '../problem.ts';
import { type Bearer, type Keyring, PATIENCE_MS } from './keyring.ts';
import { waitAwhile } from './waiting.ts';

/** Lets a request through in its turn when its bearer has one of these roles; `admin` always may. */
export function allow(keys: Keyring, roles: readonly Role[]) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const waitMs = keys.turn(secret, costOf(request));
    if (!(await waitAwhile(keys.ctx, request, reply, waitMs ?? PATIENCE_MS))) return reply;
    if (waitMs === null) return await turnedAway(problem(reply.header('retry-after', '1'), 429, TOO_MANY));
    const bearer = await keys.bearerOf(secret, request.ip);
    if (bearer === null) {
      if (!(await waitAwhile(keys.ctx, request, reply, keys.slowedBy(request.ip)))) return reply;
      reply.header('www-authenticate', 'Bearer');
      return await turnedAway(
        problem(reply, 401, 'Send Authorization: Bearer <key>; keys are made with "dueday keys create".'),
      );
    }
    const { role } = bearer;
    actors.set(request, bearer);
    if (role === 'admin' || roles.includes(role)) return undefined;
    const needed = ['admin', ...roles].join(' or ');
    return await turnedAway(problem(reply, 403, `A key of the role ${role} may not do this; it needs ${needed}.`));
  };
}

/** Fastify goes on with a call whose caller hangs up before the refusal was written: taken out of its hands, it ends here. */
export async function turnedAway(reply: FastifyReply): Promise<FastifyReply> {
  await reply;
  if (!reply.sent) reply.hijack();
  return reply;
}

const TOO_MANY = 'Too many calls come with this key: send it again in a second.';
/** Lines of a list that cost as much as an answer of its own. */
const LINES = 10;
const LISTS: ReadonlySet<string> = new Set(['/v1/charges', '/v1/subscriptions', '/v1/charge-log']);

/** In turns of the pace: what a list shows is written line by line. */
function costOf({ method, query, routeOptions: { url = '' } }: FastifyRequest): number {
  if (method !== 'GET' || !LISTS.has(url)) return 1;
  const { limit } = query as { readonly limit?: unknown };
  const lines = Number(limit ?? 100);
  return 1 + (lines >= 1 && lines <= 1_000 ? lines : 100) / LINES;
}

const actors = new WeakMap<FastifyRequest, Bearer>();

/** Who did it, for the ledger: `api:admin`, or with the name of the key, `api:product:shop`. */
export function actorOf(request: FastifyRequest): string {
  const bearer = actors.get(request);
  return ['api', bearer?.role ?? 'unknown', bearer?.name ?? []].flat().join(':');
}
