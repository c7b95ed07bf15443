import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { receiveWebhook } from '../../flows/inbox/receive-webhook.ts';
import { isFromXendit } from '../../xendit/webhooks.ts';
import { oneOf } from './api/fields.ts';
import { turnedAway } from './guard/access.ts';
import { Arrivals } from './guard/arrivals.ts';
import { Pace, type PaceOptions } from './guard/pace.ts';
import { waitAwhile } from './guard/waiting.ts';
import { textOf } from './json-body.ts';
import { problem } from './problem.ts';

/** Twice what the largest documented webhook needs; anything larger is not one. */
const LARGEST = 64 * 1_024;
/** Documented webhooks nest five deep. Thousands would exhaust the stack of whoever walks them, here or in Postgres. */
const DEEPEST = 100;

const schema = {
  tags: ['webhooks'],
  summary: "Xendit's webhooks: stored, answered, processed afterwards",
  security: [{ callback_token: [] }],
  response: { 200: z.object({ received: oneOf(['new', 'known'], 'known: it was stored before') }) },
};

/** Xendit's webhooks: checked, stored, answered; processed afterwards. */
export function webhookRoutes(ctx: Context, tokens: readonly string[]) {
  const pace = new Pace(paceOf(ctx.requestsPerMinute));
  const arrivals = new Arrivals(ctx.requestsPerMinute, ctx.monotonic());
  const tellOfFlood = onceAMinute(() => ctx.log.error('webhooks are refused', FLOOD));
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    const taken = { parseAs: 'buffer', bodyLimit: LARGEST } as const;
    app.addContentTypeParser('application/json', taken, async (request: FastifyRequest, body: Buffer) =>
      textOf(body, request.headers['content-type']),
    );
    const onResponse = async () => ctx.failpoint?.('after-webhook-answer');
    const options = { bodyLimit: LARGEST, schema, onRequest: fromXendit(tokens), onResponse };
    app.post('/webhooks/xendit', options, async (request, reply) => {
      const raw = (request.body as string | undefined) ?? '';
      const waitMs = pace.take(ctx.monotonic(), PATIENCE_MS);
      if (!(await waitAwhile(ctx, request, reply, waitMs ?? PATIENCE_MS))) return reply;
      if (waitMs === null || !arrivals.take(raw.length, ctx.monotonic())) {
        tellOfFlood(ctx.monotonic());
        void reply.header('retry-after', '60');
        return problem(reply, 429, 'Too many webhooks arrive: send it again in a minute.');
      }
      const body = parsed(raw);
      if (body === undefined) return problem(reply, 400, 'The body is not valid JSON.');
      if (isDeeperThan(body, DEEPEST)) return problem(reply, 400, `The body nests more than ${DEEPEST} deep.`);
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

/**
 * A charge has a few webhooks. Each is stored and processed, which takes as long as to charge somebody: those that come faster wait for
 * their turn, as Xendit would, and are refused when it lies too far off.
 */
function paceOf(requestsPerMinute: number | null): PaceOptions {
  const charged = requestsPerMinute === null ? 0 : (requestsPerMinute / 60) * 4;
  return { perSecond: Math.max(LEAST_A_SECOND, charged), burst: BURST };
}

const LEAST_A_SECOND = 200;
const BURST = 1_000;
const PATIENCE_MS = 5_000;

const FLOOD = {
  why: 'more arrive than Xendit would send',
  way_out: 'whoever sends them knows the callback token: make a new one at Xendit (Settings, Developers, Webhooks)',
};

/** A line of the log a minute, however often there is a reason for one; told the time of the monotonic timer. */
function onceAMinute(tell: () => void): (milliseconds: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (milliseconds) => {
    if (milliseconds - last < 60_000) return;
    last = milliseconds;
    tell();
  };
}

/** Before the body is read: who does not know the token gets nothing parsed. */
function fromXendit(tokens: readonly string[]) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const token = request.headers['x-callback-token'];
    if (typeof token === 'string' && isFromXendit(token, tokens)) return undefined;
    return await turnedAway(problem(reply, 401, 'The x-callback-token is not the one of this account.'));
  };
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return undefined;
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeperThan(one, levels - 1));
}
