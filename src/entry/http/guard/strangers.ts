import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../../context.ts';
import { calls } from '../calls.ts';
import { problem } from '../problem.ts';
import { networkOf } from './network.ts';
import { Paces } from './pace.ts';
import { waitAwhile } from './waiting.ts';

/** Of one address, without a key. Whoever looks after our health asks once a second. */
const PACE = { perSecond: 50, burst: 100 };
const PATIENCE_MS = 1_000;
/** Whoever is refused learns it no sooner than that, so that a crowd in a loop costs little. */
const REFUSED_MS = 2_000;

/**
 * Calls that need no key, or bring none, wait for their turn once an address makes too many, and are refused after a second: a crowd
 * that asks in a loop is slowed down by the wait, and leaves the event loop to those who charge.
 */
export function slowStrangers(app: FastifyInstance, ctx: Context): void {
  const paces = new Paces(PACE);
  app.addHook('onRequest', async (request, reply) => {
    if (!isStranger(request)) return undefined;
    const waitMs = paces.take(networkOf(request.ip), ctx.monotonic(), PATIENCE_MS);
    // Whoever looks after our health is told it, if late: it is one look for all of them.
    const isRefused = waitMs === null && !request.url.startsWith('/health/');
    if (!(await waitAwhile(ctx, request, reply, isRefused ? REFUSED_MS : (waitMs ?? PATIENCE_MS)))) return reply;
    if (!isRefused) return undefined;
    void reply.header('retry-after', '1').header('connection', 'close');
    return problem(reply, 429, 'Too many calls without a key come from this address: send it again in a second.');
  });
}

function isStranger({ is404, headers, method, routeOptions }: FastifyRequest): boolean {
  if (is404 || (headers.authorization === undefined && headers['x-callback-token'] === undefined)) return true;
  return calls[`${method === 'HEAD' ? 'GET' : method} ${routeOptions.url}`] === 'anyone';
}
