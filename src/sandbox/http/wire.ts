import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { WireScript } from '../scenario.ts';
import { Fault } from './fault.ts';
import { limitHeaders } from './rate-limit.ts';

const HANG_SECONDS = 60;
const LIMIT_RESET_SECONDS = 60;
const BROKEN_JSON = '{"payment_request_id":"pr-';

/**
 * Spoils an answer. With `charged` the request is carried out before, so that the caller cannot know. The waits are
 * real time, whatever the clock: what waits on the other side is a socket.
 */
export async function playWire(script: WireScript, reply: FastifyReply, handle: () => object): Promise<unknown> {
  switch (script.kind) {
    case 'http_error':
      if (script.charged === true) carryOut(handle);
      if (script.status === 429) reply.headers(limitHeaders(600, 0, script.reset_seconds ?? LIMIT_RESET_SECONDS));
      throw new Fault(script.status, script.error_code, script.message ?? 'Scripted by the sandbox.');
    case 'timeout':
      if (script.charged) carryOut(handle);
      reply.hijack();
      setTimeout(() => reply.raw.destroy(), (script.after_seconds ?? HANG_SECONDS) * 1000).unref();
      return reply;
    case 'reset':
      if (script.charged) carryOut(handle);
      reply.hijack();
      reply.raw.socket?.resetAndDestroy();
      return reply;
    case 'garbage':
      if (script.charged) carryOut(handle);
      return reply.type('application/json').send(script.body ?? BROKEN_JSON);
    case 'delay': {
      // Done first, answered later: the webhook may well overtake the answer.
      const body = handle();
      await sleep(script.ms);
      return body;
    }
  }
}

// What the handler would have answered, a refusal included, is lost on the way.
function carryOut(handle: () => object): void {
  try {
    handle();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}
