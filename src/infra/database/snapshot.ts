import type { SQLWrapper } from 'drizzle-orm';
import { DatabaseError } from './database-error.ts';
import { sql } from './sql.ts';

type Reading = { run<T>(query: SQLWrapper): Promise<T[]>; close(): Promise<void> };

/**
 * What a report reads is of one moment, however many statements it takes: they lie in a transaction that reads only. `db` has one connection,
 * which is closed with the report. The driver would replace a connection that is lost, and the next statement would read another moment: so
 * the moment is looked at again before what was read is believed.
 */
export async function atOneMoment<D extends Reading, T>(db: D, read: (db: D) => Promise<T>): Promise<T> {
  try {
    await db.run(sql`begin isolation level repeatable read read only`);
    const moment = await momentOf(db);
    const answer = await read(db);
    if ((await momentOf(db)) !== moment)
      throw new DatabaseError('The connection was lost under the report: make it again.', 'CONNECTION_CLOSED');
    await db.run(sql`commit`);
    return answer;
  } finally {
    await db.close();
  }
}

async function momentOf(db: Reading): Promise<string | null> {
  const [row] = await db.run<{ moment: string; reads_only: boolean }>(sql`select pg_current_snapshot()::text as moment,
    current_setting('transaction_read_only') = 'on' and current_setting('transaction_isolation') = 'repeatable read' as reads_only`);
  return row?.reads_only === true ? row.moment : null;
}
