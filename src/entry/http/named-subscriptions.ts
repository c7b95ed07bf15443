import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { subscriptionIdOf } from '../../flows/views/named.ts';
import { problem } from './problem.ts';

/** From here on the id of every call is ours, however it was written. */
export function nameSubscriptions(app: Pick<FastifyInstance, 'addHook'>, ctx: Context): void {
  app.addHook('preHandler', async (request, reply) => {
    const params = request.params as { id?: string };
    const id = params.id === undefined ? undefined : await subscriptionIdOf(ctx, params.id);
    if (id === null) return problem(reply, 404, 'There is no subscription with this reference.');
    if (id !== undefined) params.id = id;
    return undefined;
  });
}
