import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { onTestFinished } from 'vitest';
import { connection } from '../../src/infra/database/connection.ts';

/** Somebody at a prompt, who begins a transaction, holds what it locks, and goes for lunch. */
export type ForeignSession = {
  hold(statement: SQL): Promise<void>;
  letGo(): Promise<void>;
};

export async function foreignSession(url: string): Promise<ForeignSession> {
  const session = connection(url, { max: 1, connection: { application_name: 'somebody' } });
  onTestFinished(() => session.end({ timeout: 1 }));
  const dialect = new PgDialect();
  const run = async (statement: SQL): Promise<void> => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    await session.unsafe(text, params as never[]);
  };
  return {
    async hold(statement) {
      await run(sql`begin`);
      await run(statement).catch(async (error: unknown) => {
        await run(sql`rollback`);
        throw error;
      });
    },
    letGo: () => run(sql`commit`),
  };
}
