import type { Context } from '../../src/context.ts';
import { overview } from '../../src/flows/views/overview.ts';
import { isConnectionFault } from '../../src/infra/database/db.ts';

/** People who look at these daemons all the time. */
export type Readers = {
  readonly answered: () => number;
  /** Told that the database is away, or too busy. */
  readonly refused: () => number;
  /** The longest that any of them waited for an answer, in milliseconds. */
  readonly longestMs: () => number;
  /** Throws what was neither an answer nor a fault of the connection. */
  readonly stop: () => Promise<void>;
};

export function readersOf(contexts: readonly Context[], each: number): Readers {
  let isOver = false;
  let answered = 0;
  let refused = 0;
  let longest = 0;
  const read = async (ctx: Context): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      try {
        await overview(ctx);
        answered += 1;
      } catch (error) {
        if (!isConnectionFault(error)) throw error;
        refused += 1;
      }
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = Promise.allSettled(contexts.flatMap((ctx) => Array.from({ length: each }, () => read(ctx))));
  return {
    answered: () => answered,
    refused: () => refused,
    longestMs: () => longest,
    async stop() {
      isOver = true;
      for (const one of await all) if (one.status === 'rejected') throw one.reason;
    },
  };
}
