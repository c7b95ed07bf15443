import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import type { Door } from './db.ts';
import { type Joined, type Row, rowsMapper, type Selected } from './row-mapper.ts';

/** Drizzle's builders through a door: with our errors, and rows mapped at a fifth of its cost. */
export function buildersThrough(door: Pick<Door, 'rows'>): PostgresJsDatabase {
  const orm = drizzle({ client: clientThrough(door) });
  const { session } = orm as unknown as { session: Session };
  const prepareQuery = session.prepareQuery.bind(session);
  session.prepareQuery = (...given) => ours(prepareQuery(...given));
  return orm;
}

/** What drizzle takes for a client of postgres.js. */
function clientThrough(door: Pick<Door, 'rows'>): Sql {
  const client = {
    /** Drizzle writes its own parsers in here; those that count are set on each real client, in pool.ts. */
    options: { parsers: {}, serializers: {} },
    unsafe: (text: string, params: readonly unknown[]) => ({
      // Lazy, as postgres.js is: drizzle asks either for the rows or for their values.
      then: (done: (rows: unknown[]) => unknown, failed: (error: unknown) => unknown) =>
        door.rows(text, params, 'objects').then(done, failed),
      values: () => door.rows(text, params, 'values'),
    }),
    // A statement on a transaction whose connection died may run, and commit, outside it (postgres.js #1216, #1133).
    begin: () => Promise.reject(new Error('There are no transactions here: write the phase as one statement.')),
  };
  return client as unknown as Sql;
}

type Prepared = {
  readonly fields?: readonly Selected[];
  /** Written by the builder after it has prepared the statement. */
  readonly joinsNotNullableMap?: Joined;
  customResultMapper?: (rows: readonly Row[]) => unknown;
  queryWithCache: (text: string, params: unknown, query: () => Promise<unknown>) => Promise<unknown>;
};
type Session = { prepareQuery: (...given: readonly unknown[]) => Prepared };

function ours(prepared: Prepared): Prepared {
  // Drizzle puts the statement and all its parameters into the message of an error of its own; ours is thrown as it is.
  prepared.queryWithCache = (_text, _params, query) => query();
  const mapped = prepared.fields === undefined ? null : rowsMapper(prepared.fields);
  if (mapped !== null) prepared.customResultMapper = (rows) => mapped(rows, prepared.joinsNotNullableMap);
  return prepared;
}
