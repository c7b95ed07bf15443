import type { Context } from '../../context.ts';
import { type Groups, partsOf } from '../../infra/database/buckets.ts';

/**
 * Works on what comes, so many at once. A lane keeps to one queue while something comes there, and then goes on to the
 * next. A failure stops everybody from taking more; what was taken is finished, and the first failure is thrown then.
 * Nothing that was taken is left lying: a claimed batch is attempted, come what may. The queues are ended with the first
 * failure: one may wait for what another holds, and nobody would ask the other again.
 */
export async function inLanes<T>(
  queues: readonly AsyncGenerator<T>[],
  lanes: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  let failed = false;
  const empty = async (queue: AsyncGenerator<T>): Promise<void> => {
    while (!failed) {
      const next = await queue.next();
      if (next.done === true) return;
      await work(next.value);
    }
  };
  const lane = async (first: number): Promise<void> => {
    for (const offset of queues.keys()) await empty(queues[(first + offset) % queues.length] as AsyncGenerator<T>);
  };
  const stopOthers = async (error: unknown): Promise<never> => {
    failed = true;
    await Promise.allSettled(queues.map((queue) => queue.return(undefined)));
    throw error;
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, (_, first) => lane(first).catch(stopOthers)));
  const failure = ended.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

/** Buckets in as many parts, about as large as each other, for work side by side. */
export function sharesOf(buckets: readonly number[], count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, share) => buckets.filter((_, n) => n % count === share));
}

/** The queues that work is looked for in, side by side: as many shares of the buckets as asked for, or one a shard where there are shards. */
export function queuesOf({ db, buckets }: Pick<Context, 'db' | 'buckets'>, count: number): Groups {
  return db.groups.length > 1 ? partsOf(db.groups, buckets) : sharesOf(buckets, count);
}
