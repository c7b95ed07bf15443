import { isIPv6 } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../infra/logger.ts';
import { problemBody } from './problem.ts';

/** So many refused credentials a minute may come from one address before it is told to wait. */
const A_MINUTE = 30;
/** More addresses than this in a minute are an attack from everywhere; memory stays bounded. */
const MOST_ADDRESSES = 10_000;
const MINUTE_MS = 60_000;

/**
 * Counts refused credentials by address. It never stops a good one: behind a proxy everybody has one address, and whoever
 * guesses must not be able to lock Xendit out. What it saves is the log, and the guesser's hope.
 */
type Refusals = {
  /** Notes one more; answers how many there were this minute, and the seconds until the next. */
  note(address: string): { readonly count: number; readonly waitSeconds: number };
};

/** `nowMs` is a monotonic timer. */
export function refusals(nowMs: () => number = () => performance.now()): Refusals {
  let counts = new Map<string, number>();
  let since = nowMs();
  return {
    note(address) {
      const now = nowMs();
      if (now - since >= MINUTE_MS) {
        counts = new Map();
        since = now;
      }
      const key = networkOf(address);
      const known = counts.has(key) || counts.size < MOST_ADDRESSES ? key : 'everybody else';
      const count = (counts.get(known) ?? 0) + 1;
      counts.set(known, count);
      return { count, waitSeconds: Math.ceil((since + MINUTE_MS - now) / 1_000) };
    },
  };
}

/** An onSend hook: the answer to one refused credential too many is 429. */
export function tellToWait(log: Log, counted: Refusals = refusals()) {
  return async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    if (reply.statusCode !== 401) return payload;
    const { count, waitSeconds } = counted.note(request.ip);
    if (count <= A_MINUTE) return payload;
    if (count === A_MINUTE + 1) log.warn('credentials are being guessed', { address: request.ip });
    reply.code(429).header('retry-after', String(waitSeconds));
    return JSON.stringify(
      problemBody(429, 'Too many wrong credentials came from this address; a right one is still taken.'),
    );
  };
}

/** One household has 2^64 addresses of IPv6: its network counts as one. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  return address.split(':').slice(0, 4).join(':');
}
