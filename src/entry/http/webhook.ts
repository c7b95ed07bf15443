import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { receiveWebhook } from '../../flows/webhooks/receive-webhook.ts';
import { sameSecret } from './access.ts';
import { problem } from './problem.ts';

/** Twice what the largest documented webhook needs; anything larger is not one. */
const LARGEST = 64 * 1_024;

/** Xendit's webhooks: checked, stored, answered; processed afterwards. */
export function webhookRoutes(ctx: Context, tokens: readonly string[]) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: LARGEST }, (_request, body, done) =>
      done(null, body),
    );
    app.post('/webhooks/xendit', { bodyLimit: LARGEST, schema: { hide: true } }, async (request, reply) => {
      const token = request.headers['x-callback-token'];
      if (typeof token !== 'string' || !isOurs(token, tokens))
        return problem(reply, 401, 'The x-callback-token is not the one of this account.');
      const raw = (request.body as string | undefined) ?? '';
      const body = parsed(raw);
      if (body === undefined) return problem(reply, 400, 'The body is not valid JSON.');
      const webhookId = request.headers['webhook-id'];
      const received = await receiveWebhook(ctx, {
        raw,
        body,
        webhookId: typeof webhookId === 'string' ? webhookId.slice(0, 200) : null,
      });
      return reply.send({ received });
    });
  };
}

/** All are compared, so that the time tells nothing of which one it was. */
function isOurs(token: string, tokens: readonly string[]): boolean {
  return tokens.map((expected) => sameSecret(token, expected)).includes(true);
}

function parsed(raw: string): unknown {
  try {
    // Postgres keeps no NUL in JSON; nobody honest sends one.
    return raw.includes('\\u0000') ? undefined : (JSON.parse(raw) as unknown);
  } catch {
    return undefined;
  }
}
