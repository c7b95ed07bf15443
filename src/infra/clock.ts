import type { Database } from './database/db.ts';
import { sql } from './database/sql.ts';
import { readTestClock } from './tables/control/test-clock.ts';

/**
 * One clock for every replica (docs/design.md section 7). Read once at the top of a flow; whole milliseconds, so that an
 * instant survives the database unchanged.
 */
export type Clock = { readonly kind: 'system' | 'virtual'; now(): Promise<Temporal.Instant> };

/** Postgres' own clock: a replica's wall clock decides nothing. */
export function systemClock(db: Database): Clock {
  return {
    kind: 'system',
    async now() {
      const [row] = await db.run<{ ms: string }>(
        sql`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms`,
      );
      return Temporal.Instant.fromEpochMilliseconds(Number(row?.ms));
    },
  };
}

/** The test clock, stored in Postgres and moved by hand. */
export function virtualClock(db: Database): Clock {
  return {
    kind: 'virtual',
    async now() {
      return (await readTestClock(db)).now;
    },
  };
}
