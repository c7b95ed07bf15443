import type { Passing } from './infra/failpoints.ts';
import { errorFacts, type Log } from './infra/logger.ts';
import type { Database } from './infra/postgres/db.ts';
import { checkMigrations, migrate } from './infra/postgres/migrate.ts';

export const migrationsFolder = new URL('../drizzle', import.meta.url).pathname;

/** Applies what is missing, and refuses to go on with a schema that is not ours: charging on it could do anything. */
export async function readySchema(url: string, db: Database, passing?: Passing): Promise<void> {
  await migrate(url, migrationsFolder, passing);
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
  const look = async (): Promise<void> => {
    const check = await checkMigrations(db, folder);
    if (check.ok) return;
    clearInterval(timer);
    log.error('schema is no longer ours', {
      why: check.detail,
      way_out: 'start the newer version in place of this one',
    });
    unfit(check.detail);
  };
  const timer = setInterval(() => {
    // A database that is away says nothing about its schema: the next look tells.
    look().catch((error: unknown) => log.warn('schema could not be looked at', errorFacts(error)));
  }, everyMs).unref();
  return () => clearInterval(timer);
}
