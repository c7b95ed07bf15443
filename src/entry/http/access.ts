import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { ownerOf, type Role } from '../../flows/access/keys.ts';
import { networkOf } from './network.ts';
import { Paces } from './pace.ts';
import { problem } from './problem.ts';
import type { Refusals } from './refusals.ts';
import { waitAwhile } from './waiting.ts';

/** Compares without telling by its time how much of a secret was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Lets a request through when its bearer has one of these roles; `admin` always may. */
export function allow({ ctx, bearerOf, pace }: Keyring, roles: readonly Role[]) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const bearer = secret === undefined ? null : await bearerOf(secret, request.ip);
    if (bearer === null) {
      reply.header('www-authenticate', 'Bearer');
      return problem(reply, 401, 'Send Authorization: Bearer <key>; keys are made with "dueday keys create".');
    }
    const { role } = bearer;
    actors.set(request, bearer);
    const waitMs = pace.take(actorOf(request), ctx.monotonic(), PATIENCE_MS, costOf(request));
    if (!(await waitAwhile(ctx, request, reply, waitMs ?? PATIENCE_MS))) return reply;
    if (waitMs === null)
      return problem(
        reply.header('retry-after', '1'),
        429,
        'Too many calls come with this key: send it again in a second.',
      );
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

/** Who may come in on one listener, and how fast. */
export type Keyring = {
  readonly ctx: Context;
  /** Whose key this is; null: nobody's. */
  readonly bearerOf: (secret: string, address: string) => Promise<Bearer | null>;
  readonly pace: Paces;
};

/** Of one key. A list costs as much as many a single answer. */
const KEY_PACE = { perSecond: 200, burst: 1_000 };
const PATIENCE_MS = 2_000;
/** Of keys that nobody has used yet, from an address that guesses: each costs a look into the database. */
const GUESS_PACE = { perSecond: 10, burst: 1 };
/** What `dueday keys create` makes. Anything else is nobody's, and nobody is asked. */
const FORM = /^due_[\w-]{32}$/;
const MOST_SEEN = 1_000;

export function keyring(ctx: Context, bootstrapKey: string | null, refused: Refusals): Keyring {
  const guesses = new Paces(GUESS_PACE);
  const seen = new Set<string>();
  return {
    ctx,
    pace: new Paces(KEY_PACE),
    async bearerOf(secret, address) {
      if (bootstrapKey !== null && sameSecret(secret, bootstrapKey)) return { role: 'admin', name: null };
      if (!FORM.test(secret)) return null;
      const digest = createHash('sha256').update(secret).digest('base64');
      if (!seen.has(digest) && refused.isGuessing(address)) {
        const waitMs = guesses.take(networkOf(address), ctx.monotonic(), PATIENCE_MS);
        if (waitMs === null) return null;
        await ctx.sleep(waitMs);
      }
      const owner = await ownerOf(ctx, secret);
      if (owner === null) seen.delete(digest);
      else if (seen.size < MOST_SEEN) seen.add(digest);
      return owner;
    },
  };
}

/** In turns of the pace: what a list shows is written line by line. */
function costOf({ method, query, routeOptions: { url = '' } }: FastifyRequest): number {
  if (method !== 'GET' || !LISTS.has(url)) return 1;
  const { limit } = query as { readonly limit?: unknown };
  const lines = Number(limit ?? 100);
  return 1 + (lines >= 1 && lines <= 1_000 ? lines : 100) / 25;
}

const LISTS: ReadonlySet<string> = new Set(['/v1/charges', '/v1/subscriptions', '/v1/charge-log']);

const actors = new WeakMap<FastifyRequest, Bearer>();

/** Who did it, for the ledger: `api:admin`, or with the name of the key, `api:product:shop`. */
export function actorOf(request: FastifyRequest): string {
  const bearer = actors.get(request);
  return ['api', bearer?.role ?? 'unknown', bearer?.name ?? []].flat().join(':');
}
