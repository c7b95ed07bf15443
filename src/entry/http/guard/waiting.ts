import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../../context.ts';

/** So many may wait for their turn at once, in the whole process: a second each costs nothing but their memory. */
const MOST_WAITING = 1_000;
let waiting = 0;

/**
 * Lets a caller wait. Whoever waits for an answer asks no further question: a crowd in a loop is slowed by it at no cost. False: too
 * many wait already, and this one was shown out without a word.
 */
export async function waitAwhile(
  { sleep }: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  milliseconds: number,
): Promise<boolean> {
  if (milliseconds <= 0) return true;
  if (waiting >= MOST_WAITING) {
    reply.hijack();
    request.raw.socket.destroy();
    return false;
  }
  waiting += 1;
  await sleep(milliseconds).finally(() => {
    waiting -= 1;
  });
  return true;
}
