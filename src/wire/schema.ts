import { fileURLToPath } from 'node:url';
import type { Database } from '../infra/database/db.ts';
import { checkMigrations, migrate } from '../infra/database/migrate.ts';
import type { Passing } from '../infra/failpoints.ts';
import { errorFacts, type Log } from '../infra/logger.ts';
import { sleep } from '../infra/timer.ts';

export const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Applies what is missing, and refuses to go on with a schema that is not ours: charging on it could do anything. */
export async function readySchema(url: string, db: Database, log: Log, passing?: Passing): Promise<void> {
  const applied = await migrate(url, migrationsFolder, passing);
  if (applied.length > 0) log.info('schema migrated', { migrations: applied.join(', ') });
  const check = await checkMigrations(db, migrationsFolder);
  if (!check.ok)
    throw new Error(`The database's schema is not the one of this version (${check.problem}): ${check.detail}`);
}

/** How long a running daemon may not know that its schema was taken away; what it asks meanwhile fails as a whole. */
const LOOK_EVERY_MS = 60_000;

/**
 * A newer dueday may migrate the database while this one runs. What only expands the schema changes nothing; anything
 * else means that this one must charge no more: `unfit` is told why, once. Answers how to stop looking.
 */
export function watchSchema(
  db: Database,
  log: Log,
  unfit: (why: string) => void,
  { everyMs = LOOK_EVERY_MS, folder = migrationsFolder } = {},
): () => void {
  const stopped = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await sleep(everyMs, stopped.signal);
      if (stopped.signal.aborted) return;
      const why = await whyUnfit(db, log, folder);
      if (why === null) continue;
      log.error('schema is no longer ours', { why, way_out: 'start the newer version in place of this one' });
      return unfit(why);
    }
  };
  void watch();
  return () => stopped.abort();
}

/** A database that is away says nothing about its schema: the next look tells. */
async function whyUnfit(db: Database, log: Log, folder: string): Promise<string | null> {
  try {
    const check = await checkMigrations(db, folder);
    return check.ok ? null : check.detail;
  } catch (error) {
    log.warn('schema could not be looked at', errorFacts(error));
    return null;
  }
}
