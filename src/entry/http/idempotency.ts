import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { beginCall, endCall, type HeldCall } from '../../flows/access/keyed-call.ts';
import { errorFacts } from '../../infra/logger.ts';
import { rarely } from '../../infra/rarely.ts';
import { told } from './api/fields.ts';
import { actorOf } from './guard/access.ts';
import { problem } from './problem.ts';

const HEADER = 'idempotency-key';
const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const headers = z.looseObject({
  [HEADER]: told(
    z.string().min(1).max(255),
    'The same key and body again, within 24 hours, are answered as the first time',
    '5f0c7a52-9a55-4c5e-8f0e-3f0d5e6c1b7a',
  ).optional(),
});

/** Every writing call of the API may be sent again under its Idempotency-Key: it is done once, and answered alike. */
export function answerOnce(app: FastifyInstance, ctx: Context): void {
  const held = new WeakMap<FastifyRequest, HeldCall>();
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/v1/') || [route.method].flat().every((method) => READS.includes(method))) return;
    route.schema = { ...route.schema, headers };
    route.preHandler = [begin, ...[route.preHandler ?? []].flat()];
    route.onSend = [...[route.onSend ?? []].flat(), end];
  });

  async function begin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const key = request.headers[HEADER];
    if (typeof key !== 'string' || request.validationError !== undefined) return undefined;
    const asked = `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`;
    const begun = await beginCall(ctx, actorOf(request), key, asked);
    switch (begun.kind) {
      case 'ours':
        held.set(request, begun.held);
        return undefined;
      case 'answered': {
        const type = begun.status >= 400 ? 'application/problem+json' : 'application/json; charset=utf-8';
        reply.code(begun.status).header('idempotent-replayed', 'true').type(type);
        return reply.serializer((text: string) => text).send(begun.answer);
      }
      case 'another_body':
        return problem(reply, 409, 'This Idempotency-Key came with another call before.', [
          {
            field: HEADER,
            message: 'is taken by another call; use a new key, or send the same body as the first time',
          },
        ]);
      case 'unreadable':
        return problem(reply, 409, 'This call was done, and its answer can no longer be read: look what became of it.');
      case 'at_work':
        return problem(reply.header('retry-after', '1'), 503, 'The same call is still at work: send it again.');
    }
  }

  async function end(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const call = held.get(request);
    if (call === undefined) return payload;
    held.delete(request);
    try {
      await endCall(ctx, call, reply.statusCode, typeof payload === 'string' ? withoutKey(payload) : '');
    } catch (error) {
      // What was done is done; who sends it again before the key is free is told that it is at work.
      const event = 'answer not kept for its idempotency key';
      rarely(ctx.log).say('warn', event, event, errorFacts(error));
    }
    return payload;
  }
}

const TOLD_ONCE = 'components_sdk_key';

/**
 * The answer as it is kept: without what opens a session, which is told once and stored nowhere. Who lost that answer has the same
 * again without the key, and asks for another session, which closes the one before.
 */
function withoutKey(answer: string): string {
  if (!answer.includes(TOLD_ONCE)) return answer;
  const said = JSON.parse(answer) as { onboarding?: Record<string, unknown> | null } & Record<string, unknown>;
  delete said[TOLD_ONCE];
  if (said.onboarding != null) delete said.onboarding[TOLD_ONCE];
  return JSON.stringify(said);
}
