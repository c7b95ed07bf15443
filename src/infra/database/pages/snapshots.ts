import type { Groups } from '../buckets.ts';
import { databaseError } from '../database-error.ts';
import { type Database, type DatabaseOptions, DatabaseTimeout, databaseThrough } from '../db.ts';
import type { Door } from '../door.ts';
import { parameter } from '../parameters.ts';
import { openPool } from '../pool.ts';
import { slots } from '../slots.ts';

/** Where what is read is one moment of the book: every statement of a look sees the same rows, and none can change one. */
export type Snapshots = {
  look<T>(work: (db: Database) => Promise<T>, pace?: 'quick' | 'long'): Promise<T>;
  close(): Promise<void>;
};

type Reading = { readonly vault: DatabaseOptions['vault']; readonly groups: Groups };
type Transaction = Parameters<Parameters<ReturnType<ReturnType<typeof openPool>['client']>['begin']>[1]>[0];

/**
 * Looks over few connections of their own, each ended at its deadline whatever it still reads: whoever reads takes nothing from
 * charging, and keeps no old row from being cleared away for longer.
 */
export function openSnapshots(
  options: DatabaseOptions & { readonly poolSize: number; readonly deadlineMs: number; readonly groups: Groups },
): Snapshots {
  const { poolSize, longestLine, deadlineMs, lookThere, vault, groups } = options;
  const pool = openPool(options);
  const place = placesOf(poolSize, longestLine, deadlineMs);
  return {
    async look(work, pace = 'quick') {
      const release = await place(pace);
      if (release === null) throw new DatabaseTimeout('Too many pages are being made already; nothing was read.');
      const client = pool.client();
      const late = Promise.withResolvers<never>();
      const door = { isOver: false };
      const timer = setTimeout(() => {
        pool.replace(client);
        late.reject(new DatabaseTimeout(`The page was not read within ${deadlineMs} ms.`));
      }, deadlineMs);
      try {
        const read = client.begin('isolation level repeatable read read only', async (transaction) => ({
          answer: await work(databaseIn(transaction, (of) => doorOf(of, door, lookThere), { vault, groups })),
        }));
        return (await Promise.race([read, late.promise])).answer;
      } catch (error) {
        throw isOfDriver(error) ? databaseError(error, lookThere) : error;
      } finally {
        door.isOver = true;
        clearTimeout(timer);
        release();
      }
    },
    close: () => pool.close(),
  };
}

/** Looks that take long have all connections but one among them, however many of them wait. */
function placesOf(poolSize: number, longestLine: number | undefined, patienceMs: number) {
  const all = slots(poolSize, longestLine);
  const ofLong = slots(Math.max(1, poolSize - 1), longestLine);
  return async (pace: 'quick' | 'long'): Promise<(() => void) | null> => {
    if (pace === 'quick') return await all.take(patienceMs);
    const began = performance.now();
    const first = await ofLong.take(patienceMs);
    if (first === null) return null;
    const second = await all.take(patienceMs - (performance.now() - began));
    if (second === null) first();
    return second === null
      ? null
      : () => {
          second();
          first();
        };
  };
}

/** A statement after the end of its look would be sent outside of it: it is refused. */
function doorOf(transaction: Transaction, state: { readonly isOver: boolean }, lookThere: string | undefined): Door {
  return {
    async rows<T>(text: string, params: readonly unknown[], shape: 'objects' | 'values') {
      if (state.isOver) throw new DatabaseTimeout('The look is over; nothing was sent.');
      try {
        const query = transaction.unsafe(text, params.map(parameter) as never[], { prepare: true });
        return [...((await (shape === 'values' ? query.values() : query)) as unknown as T[])];
      } catch (error) {
        throw databaseError(error, lookThere);
      }
    },
    close: async () => undefined,
  };
}

/** The database as one transaction sees it. What is cut off in it would end it, but for a savepoint to go back to. */
function databaseIn(transaction: Transaction, doors: (of: Transaction) => Door, { vault, groups }: Reading): Database {
  const through = (of: Transaction): Database => ({
    ...databaseThrough(doors(of), vault, groups),
    async soon(ms, read) {
      try {
        const kept = await of.savepoint(async (inner) => {
          await inner.unsafe(`set local statement_timeout = ${Math.ceil(ms)}`);
          const answer = await read(through(inner));
          await inner.unsafe('set local statement_timeout to default');
          return { answer };
        });
        return kept.answer;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === '57014') return null;
        throw error;
      }
    },
  });
  return through(transaction);
}

/** What begins or ends the look, as opposed to what it was to do. */
function isOfDriver(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !('statusCode' in error);
}
