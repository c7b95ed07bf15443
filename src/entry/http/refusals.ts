import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { networkOf } from './guard/network.ts';
import { problemBody } from './problem.ts';

/** So many refused credentials a minute may come from one address before it is told to wait. */
const A_MINUTE = 30;
/** More addresses than this in a minute are an attack from everywhere; memory stays bounded. */
const MOST_ADDRESSES = 10_000;
const MINUTE_MS = 60_000;
/** What a guesser waits for each answer then. */
export const SLOWED_MS = 1_000;

/**
 * Counts refused credentials by address. It never stops a good one: behind a proxy everybody has one address, and whoever
 * guesses must not be able to lock Xendit out. What it saves is the log, and the guesser's hope.
 */
export type Refusals = {
  /** Whether this address was refused as often as it may be in this minute. */
  isGuessing(address: string): boolean;
  /** Notes one more; answers how many there were this minute, and the seconds until the next. */
  note(address: string): { readonly count: number; readonly waitSeconds: number };
};

/** `nowMs` is a monotonic timer. */
export function refusals(nowMs: () => number = () => performance.now()): Refusals {
  let counts = new Map<string, number>();
  let since = nowMs();
  const now = (): number => {
    const at = nowMs();
    if (at - since >= MINUTE_MS) {
      counts = new Map();
      since = at;
    }
    return at;
  };
  return {
    isGuessing(address) {
      now();
      return (counts.get(networkOf(address)) ?? 0) >= A_MINUTE;
    },
    note(address) {
      const at = now();
      const key = networkOf(address);
      const known = counts.has(key) || counts.size < MOST_ADDRESSES ? key : 'everybody else';
      const count = (counts.get(known) ?? 0) + 1;
      counts.set(known, count);
      return { count, waitSeconds: Math.ceil((since + MINUTE_MS - at) / 1_000) };
    },
  };
}

/** An onSend hook: the answer to one refused credential too many is 429. It waits for nothing: whoever hangs up during an answer ends it. */
export function tellToWait(ctx: Context, counted: Refusals) {
  return async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    if (reply.statusCode !== 401) return payload;
    const { count, waitSeconds } = counted.note(request.ip);
    if (count <= A_MINUTE) return payload;
    if (count === A_MINUTE + 1) ctx.log.warn('credentials are being guessed', { address: request.ip });
    reply.code(429).header('retry-after', String(waitSeconds));
    return JSON.stringify(
      problemBody(429, 'Too many wrong credentials came from this address; a right one is still taken.'),
    );
  };
}
