import type { SQLWrapper } from 'drizzle-orm';
import { type Database, DatabaseError } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';

/** The statements of the heart, told apart by their text. */
export const statements = {
  open: /insert into charges /,
  claim: /insert into attempts /,
  settle: /update attempts t set/,
  takeForRescue: /with late as/,
} as const;

export type Statement = keyof typeof statements;

/**
 * A database whose connection is cut at the first run of one statement, and then stays dead, as it does for a process
 * that died. `before`: the statement never arrived; `after`: it was committed, and only its answer was lost.
 */
export function cutConnection(db: Database, statement: Statement, when: 'before' | 'after'): Database {
  let isDead = false;
  const cut = (): never => {
    isDead = true;
    throw new DatabaseError('The connection was cut.', 'CONNECTION_CLOSED');
  };
  return {
    ...db,
    get drizzle() {
      return isDead ? cut() : db.drizzle;
    },
    async read(selection, query) {
      return isDead ? cut() : await db.read(selection, query);
    },
    async run<T>(query: SQLWrapper) {
      if (isDead) return cut();
      if (!statements[statement].test(statementOf(query).text)) return await db.run<T>(query);
      if (when === 'after') await db.run(query);
      return cut();
    },
  };
}
