import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Context } from '../../../context.ts';
import { problem } from '../problem.ts';
import { breather } from './breather.ts';

const AT_ONCE = 2;
/** A reader that takes nothing for so long is shown out; and nobody keeps a place longer than that. */
const STALLED_MS = 30_000;
const LONGEST_MS = 10 * 60_000;

export type Exports = {
  /** Answers with these chunks while two places last, else with 429. */
  send(reply: FastifyReply, type: string, chunks: AsyncIterable<string | Uint8Array>): FastifyReply;
};

/** Answers of any length. They are read in pages and written as fast as they are taken, but never at the cost of charging. */
export function exportsOf(ctx: Context): Exports {
  let underWay = 0;
  return {
    send(reply, type, chunks) {
      if (underWay >= AT_ONCE) {
        void reply.removeHeader('content-disposition').header('retry-after', '5');
        return problem(reply, 429, `${AT_ONCE} exports are under way: send it again when one of them is done.`);
      }
      underWay += 1;
      const stream = Readable.from(rested(ctx, chunks));
      const late = setTimeout(() => stream.destroy(), LONGEST_MS).unref();
      stream.once('close', () => {
        clearTimeout(late);
        underWay -= 1;
      });
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
      return reply.type(type).send(stream);
    },
  };
}

async function* rested(ctx: Context, chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  const breathe = breather(ctx);
  for await (const chunk of chunks) {
    yield chunk;
    await breathe();
  }
}
