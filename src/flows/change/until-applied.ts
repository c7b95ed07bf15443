import type { Context } from '../../context.ts';
import { applyChanges, type Change } from '../../infra/tables/change/changes.ts';
import type { ApplyOptions } from '../../infra/tables/change/moves.ts';

/** What a round answers that decided on an old state: somebody else changed it first. */
export const LOST = Symbol('lost');

/** More rounds that are lost in a row are a bug. */
const MOST_ROUNDS = 20;

/**
 * The protocol of every change by one person or of one thing: a round reads, decides, and writes on the condition that nothing
 * happened meanwhile. A round that lost is made again, on the state that it lost to.
 * @param busy what is answered when every round was lost.
 */
export async function untilApplied<T>(round: () => Promise<T | typeof LOST>, busy: () => T): Promise<T> {
  for (let made = 0; made < MOST_ROUNDS; made += 1) {
    const answer = await round();
    if (answer !== LOST) return answer;
  }
  return busy();
}

/** Writes what a round decided; false where another change of the same subscription came first. */
export async function isApplied(ctx: Context, change: Change, options: ApplyOptions = {}): Promise<boolean> {
  return (await applyChanges(ctx.db, ctx.buckets, [change], options)).size > 0;
}

export function tooOften(what: string): () => never {
  return () => {
    throw new Error(`${what} changed under our hands ${MOST_ROUNDS} times in a row.`);
  };
}
