import { DrizzleQueryError } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { PgRemoteDatabase, PgRemoteSession, type RemoteCallback } from 'drizzle-orm/pg-proxy';
import type { Door } from './door.ts';

export type Builders = PgRemoteDatabase;

/** Drizzle's builders through a door. */
export function buildersThrough(door: Pick<Door, 'rows'>): Builders {
  const dialect = new PgDialect();
  const ask: RemoteCallback = async (text, params, method) => ({
    rows: await door.rows(text, params, method === 'all' ? 'values' : 'objects'),
  });
  return new PgRemoteDatabase(dialect, new Session(ask, dialect, undefined), undefined);
}

/** Throws the door's errors as they are: drizzle puts the statement and all its parameters into the message of its own. */
class Session extends PgRemoteSession<Record<string, never>, Record<string, never>> {
  override prepareQuery: PgRemoteSession<Record<string, never>, Record<string, never>>['prepareQuery'] = (...given) => {
    const prepared = super.prepareQuery(...given);
    const execute = prepared.execute.bind(prepared);
    prepared.execute = (values) => execute(values).catch(rethrown);
    return prepared;
  };

  override transaction(): Promise<never> {
    return Promise.reject(new Error('There are no transactions here: write the phase as one statement.'));
  }
}

function rethrown(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error;
}
